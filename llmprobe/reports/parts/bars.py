"""Where the time went, as a bar: connecting, waiting, streaming, by glyph as well as by colour."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from llmprobe.model import Timings


class Span(Struct, frozen=True):
    """One stretch of an exchange: from and to in seconds since its start."""

    name: str
    start_s: float
    end_s: float

    @property
    def seconds(self) -> float:
        return self.end_s - self.start_s


_GLYPHS = {
    "dns": ("▁", ":"),
    "connect": ("▃", "-"),
    "tls": ("▅", "="),
    "send": ("▅", "="),
    "waiting": ("░", "."),
    "first token": ("▒", "o"),
    "stream": ("█", "#"),
    "answer": ("█", "#"),
}
COLORS = {
    "dns": "cyan",
    "connect": "blue",
    "tls": "magenta",
    "send": "magenta",
    "waiting": "yellow",
    "first token": "yellow",
    "stream": "green",
    "answer": "green",
}


def glyph(name: str, unicode: bool) -> str:
    return _GLYPHS[name][0 if unicode else 1]


def spans(timings: Timings) -> list[Span]:
    """The stretches that were measured, in order; phases that did not happen are absent."""
    found: list[Span] = []
    at = 0.0
    for name, seconds in (
        ("dns", timings.dns_s),
        ("connect", timings.connect_s),
        ("tls", timings.tls_s),
        ("send", timings.send_s),
    ):
        if seconds is not None:
            found.append(Span(name, at, at + seconds))
            at += seconds
    for name, until in _instants(timings):
        if until is not None and until > at:
            found.append(Span(name, at, until))
            at = until
    return found


def _instants(timings: Timings) -> Iterator[tuple[str, float | None]]:
    if timings.headers_s is None:
        yield "waiting", timings.total_s
        return
    yield "waiting", timings.headers_s
    if timings.first_event_s is None:
        yield "answer", timings.total_s
        return
    yield "first token", timings.ttft_s
    yield "stream", timings.total_s


def cells(timings: Timings, longest_s: float, width: int) -> list[tuple[str, int]]:
    """(stretch, cells) of a bar in which `longest_s` fills `width`; every stretch over half a cell shows."""
    if longest_s <= 0:
        return []
    drawn: list[tuple[str, int]] = []
    used = 0
    for span in spans(timings):
        end = round(span.end_s / longest_s * width)
        if end > used:
            drawn.append((span.name, end - used))
            used = end
    longest = max(spans(timings), key=lambda span: span.seconds, default=None)
    return drawn or ([(longest.name, 1)] if longest else [])
