"""
The upstreams of a model behind OpenRouter, by its own public figures: free, and without a key.

Source: `GET /models/{author}/{slug}/endpoints` (PublicEndpoint, OpenRouter SDK reference, read 2026-11-24):
`data.endpoints[]` with `status` (0 is good, below 0 is not) and `uptime_last_30m` (percent, or null).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from llmprobe.foreign import json_value
from llmprobe.model import Mark, Request, Target, Timeouts
from llmprobe.model.page import Upstreams
from llmprobe.transport import exchange, open_channel

_PATIENCE = Timeouts(total_s=8.0, connect_s=5.0)
_MOST = 200
ROUTER = "openrouter"


async def read_upstreams(targets: Sequence[Target]) -> dict[str, Upstreams]:
    """By the target's name; nothing for a target of another provider, or where the figures cannot be read."""
    asked = [target for target in targets if target.provider == ROUTER and target.model]
    found = await asyncio.gather(*(_read(target) for target in asked))
    return {target.name: seen for target, seen in zip(asked, found, strict=True) if seen is not None}


async def _read(target: Target) -> Upstreams | None:
    url = f"{target.base_url.rstrip('/')}/models/{quote(target.model or '', safe='/:')}/endpoints"
    channel = open_channel(url, proxy=target.proxy, ca_bundle=target.ca_bundle, verify_tls=target.verify_tls)
    try:
        seen = await exchange(
            channel, Request("GET", url, {"accept": "application/json"}), _PATIENCE, lambda _: Mark.OTHER
        )
    finally:
        await channel.aclose()
    return understood(seen.body) if seen.status == 200 and seen.failure is None else None


def understood(body: bytes) -> Upstreams | None:
    """The figures in an answer, or None where it holds none."""
    try:
        data = json_value(body).get("data")
        listed = [each for each in data["endpoints"][:_MOST] if isinstance(each, dict)]
    except (ValueError, AttributeError, KeyError, TypeError):
        return None
    uptimes = [float(each["uptime_last_30m"]) for each in listed if _is_number(each.get("uptime_last_30m"))]
    return Upstreams(
        listed=len(listed),
        up=sum(_is_number(each.get("status")) and each["status"] >= 0 for each in listed),
        worst_uptime=min(uptimes, default=None),
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
