"""Learning from a refusal, once: a probe's own mistake is not the provider's failure."""

from __future__ import annotations

import re

from msgspec.structs import replace

from llmprobe.engine.probing.attempt import Observed
from llmprobe.model import Category, Wire

_TOKEN_PARAMS = ("max_completion_tokens", "max_tokens")
_REFUSED = (Category.BAD_REQUEST, Category.STREAM_ERROR, Category.SERVER_ERROR)
_MINIMUM = (
    r"(?:minimum value|expected a value\s*>=|must be (?:at least|greater than or equal to|>=)"
    r"|at least|minimum(?: is| of)?)"
    r"[^\d]{0,40}(\d{1,5})"
)
_OPTIONAL = ("reasoning_effort", "thinking", "enable_thinking", "response_format", "tool_choice")


def better_wire(seen: Observed, wire: Wire) -> tuple[Wire, str] | None:
    """
    What to change after a refusal, and the words for it; None where there is nothing to learn.

    Handles the name of the token limit, its minimum, `stream_options`, and optional
    members of the body (providers.md sections 1, 7 and 9, read 2026-11-22).
    """
    error = seen.evidence.error
    status = seen.exchange.status
    if error is None or seen.verdict.category not in _REFUSED or status not in (200, 400, 404, 422, 500):
        return None
    said = f"{error.message} {error.param or ''}".lower()
    for lesson in (_token_param, _minimum, _stream_usage, _optional):
        if (learned := lesson(said, wire)) is not None:
            return learned
    return None


def _token_param(said: str, wire: Wire) -> tuple[Wire, str] | None:
    if not re.search(rf"\b{wire.token_param}\b", said) or not _is_refusal(said):
        return None
    other = next(name for name in _TOKEN_PARAMS if name != wire.token_param)
    if wire.token_param not in _TOKEN_PARAMS or re.search(_MINIMUM, said):
        return None
    return replace(wire, token_param=other), f"sent {other} instead of {wire.token_param}"


def _minimum(said: str, wire: Wire) -> tuple[Wire, str] | None:
    match = re.search(_MINIMUM, said)
    if match is None or not re.search(r"token", said) or int(match[1]) <= wire.max_tokens:
        return None
    return replace(wire, max_tokens=int(match[1])), f"raised the token limit to {match[1]}"


def _stream_usage(said: str, wire: Wire) -> tuple[Wire, str] | None:
    if not wire.stream_usage or not re.search(r"stream_options|include_usage", said):
        return None
    return replace(wire, stream_usage=False), "left out stream_options"


def _optional(said: str, wire: Wire) -> tuple[Wire, str] | None:
    refused = next((key for key in _OPTIONAL if key in wire.body and key in said), None)
    if refused is None:
        return None
    body = {key: value for key, value in wire.body.items() if key != refused}
    return replace(wire, body=body), f"left out {refused}"


def _is_refusal(said: str) -> bool:
    words = (
        "unsupported", "not supported", "unrecognized", "unknown", "unexpected", "extra", "not permitted",
        "not allowed", "deprecated", "use '", "instead", "invalid",
    )  # fmt: skip
    return any(word in said for word in words)
