"""`llmprobe.requests/1`: what `check --dry-run` would send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from llmprobe.counts import counted, money
from llmprobe.json_text import compact
from llmprobe.model.preview import Preview
from llmprobe.providers.prices import price_date


class PlannedRequest(Struct, frozen=True, tag_field="schema", tag="llmprobe.request/1"):
    """One request that is sent `times` times, credentials masked; on a line of its own with `ndjson`."""

    target: str
    probe: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: Any
    max_tokens: int | None
    times: int
    tokens: int
    max_usd: float | None


class Requests(Struct, frozen=True, tag_field="schema", tag="llmprobe.requests/1"):
    """
    All requests of a run, in its order, and the most that they can cost: output tokens, and USD at list
    prices. `unpriced` counts those whose price is not known; `max_usd` is null where that is all of them.
    """

    requests: Sequence[PlannedRequest]
    max_tokens: int
    max_usd: float | None
    unpriced: int


def document(previews: Sequence[Preview]) -> Requests:
    requests = [
        PlannedRequest(
            p.target,
            str(p.probe),
            p.method,
            p.url,
            p.headers,
            p.body,
            p.max_tokens,
            p.times,
            p.tokens,
            p.max_usd,
        )
        for p in previews
    ]
    usd, unpriced = most_usd(previews)
    return Requests(requests, _most_tokens(previews), usd, unpriced)


def text(previews: Sequence[Preview]) -> str:
    """For people."""
    requests = counted(sum(p.times for p in previews), "request")
    tokens = counted(_most_tokens(previews), "output token")
    summary = f"\n{requests}, at most {tokens}; nothing was sent\n{cost_words(*most_usd(previews))}\n"
    return "\n".join(map(_text, previews)) + summary


def most_usd(previews: Sequence[Preview]) -> tuple[float | None, int]:
    """The most that requests can cost at list prices, and how many of them have no known price."""
    known = [p.max_usd * p.times for p in previews if p.max_usd is not None]
    unpriced = sum(p.times for p in previews if p.max_usd is None)
    return (sum(known) if known else None), unpriced


def cost_words(usd: float | None, unpriced: int) -> str:
    """`cost: at most about $0.00012 (list prices of 2026-11-24)`; what has no known price is said."""
    unknown = f"{counted(unpriced, 'request')} at an unknown price"
    if unpriced and not usd:
        return f"cost: {unknown}"
    rest = f", {unknown}" if unpriced else ""
    return f"cost: at most about {money(usd or 0.0)} (list prices of {price_date()}){rest}"


def _most_tokens(previews: Sequence[Preview]) -> int:
    return sum((p.max_tokens or 0) * p.times for p in previews)


def _text(preview: Preview) -> str:
    lines = [f"{preview.target} {preview.probe}", f"  {preview.method} {preview.url}"]
    lines += [f"  {name}: {value}" for name, value in preview.headers.items()]
    if preview.body is not None:
        lines.append(f"  {compact(preview.body)}")
    if preview.max_tokens is not None:
        lines.append(f"  at most {preview.max_tokens} output tokens")
    if preview.times > 1:
        lines.append(f"  sent {preview.times} times")
    return "\n".join(lines) + "\n"
