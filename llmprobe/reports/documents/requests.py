"""`llmprobe.requests/1`: what `check --dry-run` would send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from llmprobe.json_text import compact
from llmprobe.model.preview import Preview


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


class Requests(Struct, frozen=True, tag_field="schema", tag="llmprobe.requests/1"):
    """All requests of a run, in its order, and the most output tokens that they can cost."""

    requests: Sequence[PlannedRequest]
    max_tokens: int


def document(previews: Sequence[Preview]) -> Requests:
    requests = [
        PlannedRequest(p.target, str(p.probe), p.method, p.url, p.headers, p.body, p.max_tokens, p.times)
        for p in previews
    ]
    return Requests(requests, _most_tokens(previews))


def text(previews: Sequence[Preview]) -> str:
    """For people."""
    count = sum(p.times for p in previews)
    requests = "1 request" if count == 1 else f"{count} requests"
    summary = f"\n{requests}, at most {_most_tokens(previews)} output tokens; nothing was sent\n"
    return "\n".join(map(_text, previews)) + summary


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
