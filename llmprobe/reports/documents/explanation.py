"""`llmprobe.explain/1`: what an error in hand means; and the same for people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from msgspec import Struct

from llmprobe.durations import format_duration
from llmprobe.model import CATEGORY_WORDS, SIDE_WORDS, Category, Confidence, Fault
from llmprobe.model.explanation import Explanation, ReadAs
from llmprobe.reports.interface import Look

_LABEL = 10


class Explained(Struct, frozen=True, tag_field="schema", tag="llmprobe.explain/1"):
    """The verdict on one error; `retry_after_s` is the wait in seconds that it names."""

    read_as: ReadAs
    category: Category | None
    words: str | None
    fault: Fault | None
    reason: str
    hint: str | None
    retry_after_s: float | None
    transient: bool
    confidence: Confidence
    provider: str | None
    http_status: int | None
    provider_code: str | None


def document(told: Explanation) -> Explained:
    return Explained(
        read_as=told.read_as,
        category=told.category,
        words=CATEGORY_WORDS[told.category] if told.category else None,
        fault=told.fault,
        reason=told.reason,
        hint=told.hint,
        retry_after_s=told.retry_after_s,
        transient=told.transient,
        confidence=told.confidence,
        provider=told.provider,
        http_status=told.http_status,
        provider_code=told.code,
    )


def text(told: Explanation, look: Look) -> str:
    """The category, and a line each for why, whose side, how long, what to do and how sure."""
    words = f": {CATEGORY_WORDS[told.category]}" if told.category else ""
    lines = [f"{told.category or 'unknown'}{words}"]
    for label, value in _facts(told):
        lines += textwrap.wrap(
            value,
            max(30, look.width),
            initial_indent=f"  {label:<{_LABEL}}",
            subsequent_indent=" " * (_LABEL + 2),
        )
    return "\n".join(lines) + "\n"


def _facts(told: Explanation) -> Iterator[tuple[str, str]]:
    yield "why", told.reason
    yield "side", SIDE_WORDS[told.fault] if told.fault else "none"
    if told.category is not Category.OK:
        yield "wait", _wait(told)
        yield "do", told.hint or "nothing"
    yield "sure", str(told.confidence)
    yield "read as", " ".join(_read_as(told))


def _wait(told: Explanation) -> str:
    if told.retry_after_s is not None:
        return format_duration(told.retry_after_s)
    return "a little: a second try may succeed" if told.transient else "waiting alone does not cure it"


def _read_as(told: Explanation) -> Iterator[str]:
    yield f"{_KINDS[told.read_as]}"
    if told.http_status is not None and told.read_as is not ReadAs.STATUS:
        yield f"with HTTP {told.http_status}"
    if told.provider:
        yield f"of {told.provider}"


_KINDS = {
    ReadAs.STATUS: "an HTTP status",
    ReadAs.CODE: "an error code",
    ReadAs.MESSAGE: "a message",
    ReadAs.BODY: "a body",
    ReadAs.STREAM: "a stream of events",
    ReadAs.HTTP: "an HTTP answer",
    ReadAs.TRACEBACK: "a traceback",
    ReadAs.EXCEPTION: "an exception",
}
