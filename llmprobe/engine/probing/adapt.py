"""Learning from a refusal, once: a probe's own mistake is not the provider's failure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from llmprobe.engine.probing.attempt import Observed
from llmprobe.model import Category, Target, Wire

_TOKEN_PARAMS = ("max_completion_tokens", "max_tokens")
_REFUSED = (Category.BAD_REQUEST, Category.STREAM_ERROR, Category.SERVER_ERROR)
_MINIMUM = (
    r"(?:minimum value|expected a value\s*>=|must be (?:at least|greater than or equal to|>=)"
    r"|at least|minimum(?: is| of)?)"
    r"[^\d]{0,40}(\d{1,5})"
)
_UNFINISHED = r"could not finish the (?:message|response)|(?:max_tokens|output limit) was reached"
"""OpenAI's 400 where thinking has used up the whole limit."""
_MOST_TOKENS = 2048
_OPTIONAL = ("reasoning_effort", "thinking", "enable_thinking", "response_format", "tool_choice")


class Lesson(Struct, frozen=True):
    """The wire that a refusal has taught, in words; `may_learn`: another refusal may teach more."""

    wire: Wire
    words: str
    may_learn: bool = False


class Lessons:
    """What the refusals of a run have taught, by target: each is asked rightly from then on."""

    def __init__(self) -> None:
        self._known: dict[str, Lesson] = {}

    def of(self, target: Target) -> Lesson:
        """What is known of a target; at first nothing but its own wire."""
        return self._known.get(target.name, Lesson(target.wire, "", may_learn=True))

    def learn(self, seen: Observed, target: Target) -> Lesson | None:
        """
        What to change after a refusal; None where there is nothing to learn, or one lesson did not help.

        To leave out the knob of effort, which was ours, does not count as that one.
        """
        before = self.of(target)
        better = better_wire(seen, before.wire) if before.may_learn else None
        if better is None:
            return None
        wire, words = better
        told = f"{before.words}; {words}" if before.words else words
        self._known[target.name] = Lesson(wire, told, may_learn=bool(before.wire.effort) and not wire.effort)
        return self._known[target.name]


def better_wire(seen: Observed, wire: Wire) -> tuple[Wire, str] | None:
    """
    What to change after a refusal, and the words for it; None where there is nothing to learn.

    Handles the name of the token limit, its minimum, `stream_options`, and optional
    members of the body (the providers' documentation and recorded refusals, read 2026-11-22).
    """
    error = seen.evidence.error
    status = seen.exchange.status
    if error is None:
        return None
    said = f"{error.message} {error.param or ''}".lower()
    if status in (400, 422) and (without := _effort(said, wire)) is not None:
        return without  # whatever the verdict: a "thinking budget" reads like money
    if seen.verdict.category not in _REFUSED or status not in (200, 400, 404, 422, 500):
        return None
    for lesson in (_unfinished, _token_param, _minimum, _stream_usage, _optional):
        if (learned := lesson(said, wire)) is not None:
            return learned
    return None


def _effort(said: str, wire: Wire) -> tuple[Wire, str] | None:
    """The knob is ours: whoever does not know it, or not this value of it, is asked without it."""
    squeezed = re.sub(r"[\W_]", "", said)
    if not any(re.sub(r"[\W_]", "", name).lower() in squeezed for name in _names(wire.effort)):
        return None
    return replace(wire, effort={}), f"left out {', '.join(wire.effort)}"


def _names(effort: Mapping[str, Any]) -> Iterator[str]:
    """`reasoning_effort`, or whatever is about thinking: what a refusal may call it."""
    for name in effort:
        yield "thinking" if "thinking" in name else name


def _unfinished(said: str, wire: Wire) -> tuple[Wire, str] | None:
    """A model that thinks first may refuse instead of stopping at the limit."""
    if not re.search(_UNFINISHED, said) or wire.max_tokens >= _MOST_TOKENS:
        return None
    limit = min(_MOST_TOKENS, wire.max_tokens * 4)
    return replace(wire, max_tokens=limit), f"raised the token limit to {limit}"


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
