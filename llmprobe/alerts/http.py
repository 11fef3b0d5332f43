"""One request to a sink's address, with what went wrong in words that do not hold the address."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from llmprobe.json_text import compact
from llmprobe.model import Mark, Request, Secret, Timeouts
from llmprobe.redact import SCRUB
from llmprobe.transport import exchange, open_channel

PATIENCE = Timeouts(total_s=10.0, connect_s=5.0)


async def send(
    method: str, url: str, body: Any = None, *, headers: Mapping[str, str] | None = None
) -> str | None:
    """
    Send one request; what went wrong, or None.

    No redirect is followed: what is sent goes to the named host only.
    """
    kind = {"content-type": "application/json"} if body is not None else {}
    try:
        channel = open_channel(url)
    except (OSError, ValueError, ImportError) as exc:
        return type(exc).__name__
    request = Request(method, url, {**kind, **(headers or {})}, body)
    try:
        seen = await exchange(channel, request, PATIENCE, lambda _: Mark.OTHER)
    finally:
        await channel.aclose()
    if seen.failure is not None:
        return str(seen.failure.kind)
    return None if seen.status is not None and seen.status < 300 else f"HTTP {seen.status}"


async def post(url: Secret, body: Any, *, headers: Mapping[str, str] | None = None) -> str | None:
    """Post JSON, scrubbed of every known secret; what went wrong, or None."""
    return await send("POST", url.reveal(), json.loads(SCRUB(compact(body))), headers=headers)


def host_of(url: Secret) -> str:
    """Host and port: the path of a webhook is its secret, its host is not."""
    return urlsplit(url.reveal()).netloc.rpartition("@")[2]


def key_of(kind: str, address: str) -> str:
    """A name for what was delivered there that stays the same and does not tell the address."""
    return f"{kind}:{hashlib.sha256(address.encode()).hexdigest()[:16]}"
