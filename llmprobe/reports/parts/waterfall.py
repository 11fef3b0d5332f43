"""One exchange in detail: each phase with its time, and the facts that support asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from llmprobe.durations import format_duration
from llmprobe.model import Result
from llmprobe.reports.interface import Look
from llmprobe.reports.parts import bars
from llmprobe.reports.parts.observed import facts
from llmprobe.reports.parts.phases import Span, by_name, length_s, timeline
from llmprobe.reports.parts.rich_text import wrapped

_LABEL_WIDTH = 13
_TIME_WIDTH = 9


def waterfall(result: Result, look: Look) -> list[str]:
    """Lines, indented by two."""
    lines = list(_phases(result, look))
    answer = [("answer", f"“{result.answer_start}”")] if result.answer_start else []
    for name, value in (*facts(result), *answer):
        lines += wrapped(value, look.width, first=f"  {name:<{_LABEL_WIDTH}}")
    return lines


def _phases(result: Result, look: Look) -> Iterator[str]:
    """A line for each kind of stretch; those that come again, as silences do, share one."""
    spans = timeline(result)
    width = max(0, min(60, look.width - _LABEL_WIDTH - _TIME_WIDTH - 6))
    for name, each in by_name(spans).items():
        seconds = sum(span.seconds for span in each)
        line = f"  {name.words:<{_LABEL_WIDTH}}{format_duration(seconds):>{_TIME_WIDTH}}"
        if width >= 10:
            line += "  " + _drawn(each, length_s(spans), width, bars.glyph(name, look.unicode))
        yield line


def _drawn(each: Sequence[Span], total_s: float, width: int, glyph: str) -> str:
    """Each stretch at its place; one cell at least."""
    cells = [" "] * width
    for span in each:
        start = min(width - 1, round(span.start_s / total_s * width))
        end = min(width, max(start + 1, round(span.end_s / total_s * width)))
        cells[start:end] = glyph * (end - start)
    return "".join(cells).rstrip()
