"""
Where the time of an attempt went: stretches without a gap, from its start to its end.

The one place that divides a time: bars, waterfalls, pages and the JSON draw what it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct

from llmprobe.durations import format_duration
from llmprobe.model import Attempt, Phase, Result, Timings

_LEAST_OTHER_S = 1e-3


class Stretch(StrEnum):
    """What was going on. `retry` is a whole earlier attempt, `pause` the wait after it."""

    RETRY = "retry"
    PAUSE = "pause"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    OTHER = "other"
    SEND = "send"
    WAITING = "waiting"
    FIRST_TOKEN = "first_token"
    STREAM = "stream"
    SILENCE = "silence"
    ANSWER = "answer"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")


class Span(Struct, frozen=True):
    """One stretch: from and to in seconds since the start."""

    name: Stretch
    start_s: float
    end_s: float

    @property
    def seconds(self) -> float:
        return self.end_s - self.start_s


_UNTIL_HEADERS = {
    Phase.RESOLVE: Stretch.DNS,
    Phase.CONNECT: Stretch.CONNECT,
    Phase.TLS: Stretch.TLS,
    Phase.SEND: Stretch.SEND,
}
"""What was going on where an attempt ended before its headers; else it was waiting for them."""


def phases(timings: Timings, ended_in: Phase | None) -> list[Span]:
    """
    The stretches of one attempt, in order; each begins where the one before it ends.

    The first begins at 0 and the last ends at `total_s`: they sum up to it, also where the attempt
    failed on the way. Before sending, time that no phase of the connection explains (a proxy's tunnel,
    a change of address) is `other`.

    Args:
        ended_in: The phase in which it ended, which names the last stretch of what failed early.

    Returns:
        Only stretches that took time; none where nothing was timed.
    """
    at = 0.0
    found = []
    for name, end in boundaries(timings, ended_in):
        found.append(Span(name, at, end))
        at = end
    return found


def boundaries(timings: Timings, ended_in: Phase | None) -> list[tuple[Stretch, float]]:
    """(stretch, when it ended) of `phases`, for whoever needs no more of many results."""
    total = timings.total_s
    if total is None:
        return []
    found: list[tuple[Stretch, float]] = []
    at = 0.0
    for name, until in (*_until_sent(timings), *_after(timings, ended_in)):
        end = total if until is None or until > total else until
        if end > at:
            found += _cut(name, at, end, timings.silences)
            at = end
    return found


def timeline(result: Result) -> list[Span]:
    """The stretches of a result: its earlier attempts and the pauses after them, then its last attempt."""
    found: list[Span] = []
    at = 0.0
    for before, after in zip(_tries(result), _tries(result)[1:], strict=False):
        for name, seconds in ((Stretch.RETRY, before.timings.total_s), (Stretch.PAUSE, after.waited_s)):
            if seconds:
                found.append(Span(name, at, at + seconds))
                at += seconds
    last = phases(result.timings, result.phase)
    return found + [Span(span.name, at + span.start_s, at + span.end_s) for span in last]


def length_s(spans: Sequence[Span]) -> float:
    """From the start of the first to the end of the last."""
    return spans[-1].end_s if spans else 0.0


def by_name(spans: Iterable[Span]) -> dict[Stretch, list[Span]]:
    """The stretches of each name, in the order in which the names first come."""
    found: dict[Stretch, list[Span]] = {}
    for span in spans:
        found.setdefault(span.name, []).append(span)
    return found


def in_words(spans: Iterable[Span], *, least: float = 0.0) -> str:
    """`dns 12 ms, waiting 136 ms, silence 1.01 s`; those under the share `least` of all are left out."""
    sums = {name: sum(span.seconds for span in each) for name, each in by_name(spans).items()}
    whole = sum(sums.values())
    shown = (
        f"{name.words} {format_duration(seconds)}"
        for name, seconds in sums.items()
        if seconds >= least * whole
    )
    return ", ".join(shown)


def _tries(result: Result) -> Sequence[Attempt]:
    """The attempts of one try at an answer; those of several samples are no retries of each other."""
    return result.attempts if result.stats is None else ()


def _until_sent(timings: Timings) -> list[tuple[Stretch, float]]:
    """(stretch, when it ended) of the connection and of the request."""
    found = []
    at = 0.0
    for name, seconds in (
        (Stretch.DNS, timings.dns_s),
        (Stretch.CONNECT, timings.connect_s),
        (Stretch.TLS, timings.tls_s),
    ):
        if seconds is not None:
            at += seconds
            found.append((name, at))
    if timings.send_s is None:
        return found
    sent_s = at + timings.send_s if timings.sent_s is None else timings.sent_s
    if sent_s - timings.send_s - at >= _LEAST_OTHER_S:
        found.append((Stretch.OTHER, sent_s - timings.send_s))
    found.append((Stretch.SEND, sent_s))
    return found


def _after(timings: Timings, ended_in: Phase | None) -> list[tuple[Stretch, float | None]]:
    """(stretch, when it ended) of the answer; the last lasts to the end."""
    if timings.headers_s is None:
        return [(_UNTIL_HEADERS.get(ended_in or Phase.HEADERS, Stretch.WAITING), None)]
    waiting = (Stretch.WAITING, timings.headers_s)
    first = timings.first_event_s if timings.ttft_s is None else timings.ttft_s
    if first is not None:
        return [waiting, (Stretch.FIRST_TOKEN, first), (Stretch.STREAM, None)]
    return [waiting, (Stretch.FIRST_TOKEN if ended_in is Phase.FIRST_TOKEN else Stretch.ANSWER, None)]


def _cut(
    name: Stretch, at: float, end: float, silences: Sequence[tuple[float, float]]
) -> list[tuple[Stretch, float]]:
    """A stream is cut where it was silent; everything else stays whole."""
    if name is not Stretch.STREAM or not silences:
        return [(name, end)]
    found: list[tuple[Stretch, float]] = []
    for begins, ends in silences:
        start, until = max(at, begins), min(end, ends)
        if until > start:
            found += [(name, start)] if start > at else []
            found.append((Stretch.SILENCE, until))
            at = until
    return [*found, (name, end)] if end > at else found
