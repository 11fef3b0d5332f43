"""Where the time went, as a bar: by glyph as well as by colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from llmprobe.model import Result
from llmprobe.reports.parts.phases import Span, Stretch, length_s, timeline

_GLYPHS = {
    Stretch.RETRY: ("▞", "/"),
    Stretch.PAUSE: ("·", ","),
    Stretch.DNS: ("▁", ":"),
    Stretch.CONNECT: ("▃", "-"),
    Stretch.TLS: ("▅", "="),
    Stretch.OTHER: ("▂", ";"),
    Stretch.SEND: ("▅", "="),
    Stretch.WAITING: ("░", "."),
    Stretch.FIRST_TOKEN: ("▒", "o"),
    Stretch.STREAM: ("█", "#"),
    Stretch.SILENCE: ("╌", "_"),
    Stretch.ANSWER: ("█", "#"),
}
COLORS = {
    Stretch.RETRY: "red",
    Stretch.PAUSE: "bright_black",
    Stretch.DNS: "cyan",
    Stretch.CONNECT: "blue",
    Stretch.TLS: "magenta",
    Stretch.OTHER: "bright_black",
    Stretch.SEND: "magenta",
    Stretch.WAITING: "yellow",
    Stretch.FIRST_TOKEN: "yellow",
    Stretch.STREAM: "green",
    Stretch.SILENCE: "red",
    Stretch.ANSWER: "green",
}
_USUAL = (
    Stretch.DNS, Stretch.CONNECT, Stretch.TLS, Stretch.WAITING, Stretch.FIRST_TOKEN, Stretch.STREAM,
)  # fmt: skip
_OF_NOTE = (Stretch.SILENCE, Stretch.RETRY, Stretch.PAUSE, Stretch.OTHER)


def glyph(name: Stretch, unicode: bool) -> str:
    return _GLYPHS[name][0 if unicode else 1]


def cells(spans: Sequence[Span], longest_s: float, width: int) -> list[tuple[Stretch, int]]:
    """(stretch, cells) of a bar in which `longest_s` fills `width`; every stretch over half a cell shows."""
    if longest_s <= 0:
        return []
    drawn: list[tuple[Stretch, int]] = []
    used = 0
    for span in spans:
        end = round(span.end_s / longest_s * width)
        if end > used:
            drawn.append((span.name, end - used))
            used = end
    longest = max(spans, key=lambda span: span.seconds, default=None)
    return drawn or ([(longest.name, 1)] if longest else [])


def legend(results: Iterable[Result]) -> list[Stretch]:
    """The usual stretches, and those of note that occur."""
    seen = {span.name for result in results for span in timeline(result)}
    return [*_USUAL, *(name for name in _OF_NOTE if name in seen)]


def longest_s(results: Iterable[Result]) -> float:
    """What fills a whole bar where several share a scale."""
    return max((length_s(timeline(result)) for result in results), default=0.0)
