"""
A run in the words of OpenTelemetry's conventions for generative AI: three histograms and their attributes.

Each attempt that was sent is one operation; `error.type` is the category of one that failed. The first
chunk is the first event of a stream, whether it has content or not.

Source: open-telemetry/semantic-conventions-genai (status: development), read 2026-11-24.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from msgspec import Struct

from llmprobe.model import Attempt, ProbeKind, Result, Status
from llmprobe.model.metrics import BUCKETS_S

Attributes = Mapping[str, str | int]
SYNTHETIC: Attributes = {"user_agent.synthetic.type": "test"}
"""Marks what no user asked for: dashboards of real traffic leave it out by this."""

TOKENS = tuple(4**power for power in range(14))
"""Upper bounds as the conventions advise them, 1 to 67,108,864."""

_PROVIDER_NAMES = {
    "azure": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "moonshot": "moonshot_ai",
    "vertex": "gcp.vertex_ai",
    "xai": "x_ai",
}
"""Where the conventions' name differs from ours; a provider that they do not know keeps its own."""
_PORTS = {"http": 80, "https": 443}


class Point(Struct, frozen=True):
    """One measurement."""

    value: float
    attributes: Attributes


class Histogram(Struct, frozen=True):
    """One metric of the conventions; `read` gives what one result adds to it."""

    name: str
    unit: str
    help: str
    bounds: tuple[float, ...]
    read: Callable[[Result], Iterator[Point]]


def operation_of(result: Result) -> str | None:
    """`gen_ai.operation.name`; None for what asks no model, such as a list of models."""
    if result.probe in (ProbeKind.EDGE, ProbeKind.MODELS):
        return None
    if result.probe is ProbeKind.EMBEDDINGS:
        return "embeddings"
    return "generate_content" if result.dialect == "gemini" else "chat"


def attributes_of(result: Result, operation: str) -> dict[str, str | int]:
    """What names an operation, with the target and the probe that it was."""
    url = urlsplit(result.endpoint)
    found: dict[str, str | int | None] = {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": _PROVIDER_NAMES.get(result.provider, result.provider),
        "gen_ai.request.model": result.model,
        "gen_ai.response.model": result.answered_model,
        "server.address": url.hostname,
        "server.port": url.port or _PORTS.get(url.scheme),
        "llmprobe.target": result.target,
        "llmprobe.probe": str(result.probe),
        **SYNTHETIC,
    }
    return {name: value for name, value in found.items() if value is not None}


def _durations(result: Result) -> Iterator[Point]:
    for attributes, attempt in _operations(result):
        failed = attempt.status is Status.FAILED
        if attempt.timings.total_s is not None:
            error = {"error.type": str(attempt.category)} if failed else {}
            yield Point(attempt.timings.total_s, {**attributes, **error})


def _first_chunks(result: Result) -> Iterator[Point]:
    for attributes, attempt in _operations(result):
        if result.probe is ProbeKind.STREAM and attempt.timings.first_event_s is not None:
            yield Point(attempt.timings.first_event_s, attributes)


def _tokens(result: Result) -> Iterator[Point]:
    """As the server counted them: what we only estimate is no usage."""
    operation, tokens = operation_of(result), result.tokens
    if operation is None or tokens.counted_by != "server":
        return
    for kind, count in (("input", tokens.input), ("output", tokens.output)):
        if count is not None:
            yield Point(count, {**attributes_of(result, operation), "gen_ai.token.type": kind})


HISTOGRAMS = (
    Histogram("gen_ai.client.operation.duration", "s", "Duration of an operation.", BUCKETS_S, _durations),
    Histogram(
        "gen_ai.client.operation.time_to_first_chunk", "s",
        "From the request to the first chunk of a stream.", BUCKETS_S, _first_chunks,
    ),
    Histogram("gen_ai.client.token.usage", "{token}", "Tokens of an operation, by type.", TOKENS, _tokens),
)  # fmt: skip


def _operations(result: Result) -> Iterator[tuple[Attributes, Attempt]]:
    """The attempts, but for those that only taught us how this server wants to be asked."""
    operation = operation_of(result)
    if operation is None:
        return
    attributes = attributes_of(result, operation)
    for attempt, following in zip(result.attempts, (*result.attempts[1:], None), strict=False):
        taught = attempt.adapted and attempt.status is Status.FAILED
        if not (taught and following is not None and following.adapted):
            yield attributes, attempt
