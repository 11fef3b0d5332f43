"""Drawings over a time, as SVG that scales: strips of cells, latency, incidents, and their axis."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise

from msgspec import Struct

from llmprobe.durations import format_duration
from llmprobe.model import CATEGORY_WORDS, Category, Fault, Status
from llmprobe.model.past import Cell, Incident, Pace
from llmprobe.reports.parts.html_page import text
from llmprobe.reports.past.words import cause, lasted

NARROW_CELLS = 60
_LEAST_PART = 0.35
_LEAST_WIDTH = 0.35
_GAP = 0.12
_LEAST_BAR = 0.5
_TICKS_S = (
    1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
    2 * 86400, 4 * 86400, 7 * 86400, 14 * 86400, 28 * 86400, 91 * 86400,
)  # fmt: skip
_MOST_TICKS = 8
_MINUTE_S, _DAY_S = 60.0, 86400.0


class Scale(Struct, frozen=True):
    """From instants (epoch seconds) to percents of the width."""

    begin_utc: float
    end_utc: float

    def x(self, at_utc: float) -> float:
        share = (at_utc - self.begin_utc) / (self.end_utc - self.begin_utc)
        return 100 * min(1.0, max(0.0, share))

    def ticks(self) -> Iterator[tuple[float, str]]:
        """(instant, label): round hours and days, as few as can be read."""
        span = self.end_utc - self.begin_utc
        step = next((s for s in _TICKS_S if span / s <= _MOST_TICKS), _TICKS_S[-1])
        at = math.ceil(self.begin_utc / step) * step
        while at <= self.end_utc:
            yield at, _tick(at, step)
            at += step


def strip(cells: Sequence[Cell], scale: Scale, label: str) -> str:
    """A cell for each check or stretch; the part that failed is red from the top, however small it is."""
    wide = _strip(cells, scale, label, "strip")
    if len(cells) <= NARROW_CELLS:
        return wide
    few = _merged(cells, (scale.end_utc - scale.begin_utc) / NARROW_CELLS)
    return wide.replace('"strip"', '"strip wide"', 1) + _strip(few, scale, label, "strip narrow")


def latency(paces: Sequence[Pace], scale: Scale, label: str) -> str:
    """The median as a line, and a band up to the p95 (or the slowest, where n cannot carry a p95)."""
    top = _round_up(max(_upper(paces)(pace) for pace in paces))
    return (
        f'<svg class="plot" role="img" aria-label="{text(label)}">{_grid()}{_ticks(scale)}'
        f'<svg width="100%" height="100%" viewBox="0 0 1000 100" preserveAspectRatio="none">'
        f"{''.join(_curves(paces, scale, top))}</svg>{_touch(paces, scale)}{_labels(top)}</svg>"
    )


def band_words(paces: Sequence[Pace]) -> str:
    """What line and band of `latency` are."""
    if all(pace.n == 1 for pace in paces):
        return "each answer"
    return "line: median, band: up to the " + ("p95" if _carries_p95(paces) else "slowest")


def incident_bars(incidents: Sequence[Incident], scale: Scale, until_utc: float) -> str:
    """From beginning to end of each, in the colour of its side."""
    bars = "".join(_incident(i, scale, until_utc) for i in incidents)
    return f'<svg class="bars" role="img" aria-label="incidents">{_ticks(scale)}{bars}</svg>'


def axis(scale: Scale) -> str:
    """The labels of the ticks."""
    labels = "".join(
        f'<text x="{scale.x(at):.2f}%" y=".9em" text-anchor="{_anchor(scale.x(at))}">{text(words)}</text>'
        for at, words in scale.ticks()
    )
    return f'<svg class="axis" aria-hidden="true">{labels}</svg>'


@cache
def when(start_utc: float, end_utc: float) -> str:
    """`Tue 24 Nov 14:00–15:00`. Every target has the same cells: each is said once."""
    start, end = (datetime.fromtimestamp(s, UTC) for s in (start_utc, end_utc))
    first = f"{start:%a} {start.day} {start:%b}"
    whole_days = start.hour == start.minute == end.hour == end.minute == 0
    if whole_days and end_utc - start_utc == _DAY_S:
        return first
    if end_utc - start_utc < _DAY_S and (start.date() == end.date() or end.hour == end.minute == 0):
        return f"{first} {start:%H:%M}–{end:%H:%M}"
    return f"{first} {start:%H:%M} – {end:%a} {end.day} {end:%b} {end:%H:%M}"


def _strip(cells: Sequence[Cell], scale: Scale, label: str, css: str) -> str:
    drawn = sorted(cells, key=lambda cell: cell.failed > 0)
    return (
        f'<svg class="{css}" role="img" aria-label="{text(label)}">'
        f"{''.join(_cell(cell, scale) for cell in drawn)}</svg>"
    )


def _cell(cell: Cell, scale: Scale) -> str:
    x = scale.x(cell.start_utc)
    width = max(_LEAST_WIDTH, scale.x(cell.end_utc) - x)
    x = min(x, 100 - width)
    drawn = width - min(_GAP, width / 6)
    parts = "".join(
        f'<rect class="{css}" x="{x:.2f}%" width="{drawn:.2f}%" y="{y:.1f}%" height="{height:.1f}%"/>'
        for css, y, height in _parts(cell)
    )
    return f"<g><title>{text(_cell_words(cell))}</title>{parts}</g>"


def _parts(cell: Cell) -> Iterator[tuple[str, float, float]]:
    """(colour, percent from the top, percent of the height) by the shares, those of the bad ones enlarged."""
    if not cell.n:
        yield str(Status.SKIPPED), 40.0, 20.0
        return
    failed = max(_LEAST_PART, cell.failed / cell.n) if cell.failed else 0.0
    degraded = max(_LEAST_PART, cell.degraded / cell.n) if cell.degraded else 0.0
    degraded = min(degraded, 1 - failed)
    y = 0.0
    for status, share in (
        (Status.FAILED, failed),
        (Status.DEGRADED, degraded),
        (Status.HEALTHY, 1 - failed - degraded),
    ):
        if share > 0:
            yield str(status), 100 * y, 100 * share
            y += share


def _cell_words(cell: Cell) -> str:
    why = ", ".join(f"{CATEGORY_WORDS[Category(name)]} {n}" for name, n in cell.causes.items())
    if not cell.n:
        what = "skipped"
    elif cell.n == 1:
        what = str(cell.worst)
        why = why.removesuffix(" 1")
    elif cell.failed:
        what = f"{cell.failed} of {cell.n} failed"
    elif cell.degraded:
        what = f"{cell.degraded} of {cell.n} degraded"
    else:
        what = f"all {cell.n} healthy"
    return f"{when(cell.start_utc, cell.end_utc)}: {what}" + (f" ({why})" if why else "")


def _merged(cells: Sequence[Cell], length_s: float) -> list[Cell]:
    """Fewer cells, for a narrow screen."""
    groups: dict[int, list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[int(cell.start_utc // length_s)].append(cell)
    return [_sum(group) for group in groups.values()]


def _sum(cells: Sequence[Cell]) -> Cell:
    causes: dict[str, int] = defaultdict(int)
    for cell in cells:
        for name, n in cell.causes.items():
            causes[name] += n
    n, failed, degraded, skipped = (
        sum(getattr(cell, name) for cell in cells) for name in ("n", "failed", "degraded", "skipped")
    )
    return Cell(cells[0].start_utc, cells[-1].end_utc, n, failed, degraded, skipped, causes)


def _carries_p95(paces: Sequence[Pace]) -> bool:
    return 2 * sum(pace.p95_s is not None for pace in paces) >= len(paces)


def _upper(paces: Sequence[Pace]) -> Callable[[Pace], float]:
    """The upper edge of the band; the line itself where a p95 is missing among others."""
    if _carries_p95(paces):
        return lambda pace: _middle(pace) if pace.p95_s is None else pace.p95_s
    return lambda pace: pace.longest_s


def _curves(paces: Sequence[Pace], scale: Scale, top: float) -> Iterator[str]:
    upper = _upper(paces)
    for run in _unbroken(paces):
        middle = [((pace.start_utc + pace.end_utc) / 2, pace) for pace in run]
        line = [_point(scale, at, _middle(pace), top) for at, pace in middle]
        edge = [_point(scale, at, upper(pace), top) for at, pace in middle]
        if len(run) == 1:
            x, y = line[0].split(",")
            line.append(f"{float(x) + 1:.1f},{y}")
        elif line != edge:
            yield f'<polygon class="band" points="{" ".join(edge + line[::-1])}"/>'
            yield f'<polyline class="edge" points="{" ".join(edge)}"/>'
        yield f'<polyline class="median" points="{" ".join(line)}"/>'


def _unbroken(paces: Sequence[Pace]) -> Iterator[list[Pace]]:
    """Stretches without a gap: nothing is drawn where nothing was measured."""
    run = [paces[0]]
    for before, after in pairwise(paces):
        if after.start_utc - before.end_utc > (before.end_utc - before.start_utc) / 2:
            yield run
            run = []
        run.append(after)
    yield run


def _middle(pace: Pace) -> float:
    return pace.longest_s if pace.median_s is None else pace.median_s


def _point(scale: Scale, at: float, seconds: float, top: float) -> str:
    return f"{10 * scale.x(at):.1f},{100 * (1 - min(1.0, seconds / top)):.1f}"


def _touch(paces: Sequence[Pace], scale: Scale) -> str:
    """What is told when a stretch of the plot is pointed at."""
    return "".join(
        f'<rect class="touch" x="{scale.x(p.start_utc):.2f}%" y="0" height="100%" '
        f'width="{scale.x(p.end_utc) - scale.x(p.start_utc):.2f}%">'
        f"<title>{text(_pace_words(p))}</title></rect>"
        for p in paces
    )


def _pace_words(pace: Pace) -> str:
    if pace.n == 1:
        return f"{when(pace.start_utc, pace.start_utc)[:-6]}: {format_duration(pace.longest_s)}"
    figures = [("median", pace.median_s), ("p95", pace.p95_s), ("slowest", pace.longest_s)]
    told = ", ".join(f"{name} {format_duration(s)}" for name, s in figures if s is not None)
    return f"{when(pace.start_utc, pace.end_utc)}: {told} (n {pace.n})"


def _grid() -> str:
    return "".join(f'<line class="grid" x1="0" x2="100%" y1="{y}%" y2="{y}%"/>' for y in (0, 50, 100))


def _labels(top: float) -> str:
    """Of the vertical axis, below its lines."""
    return "".join(
        f'<text class="label" x="2" y="{y}%" dy="1.1em">{text(format_duration(seconds))}</text>'
        for seconds, y in ((top, 0), (top / 2, 50))
    )


def _ticks(scale: Scale) -> str:
    return "".join(
        f'<line class="grid" x1="{scale.x(at):.2f}%" x2="{scale.x(at):.2f}%" y1="0" y2="100%"/>'
        for at, _ in scale.ticks()
    )


def _incident(incident: Incident, scale: Scale, until_utc: float) -> str:
    x = scale.x(incident.opened_at_utc)
    width = max(_LEAST_BAR, scale.x(incident.closed_at_utc or until_utc) - x)
    ended = incident.closed_at_utc or until_utc
    told = f"{when(incident.opened_at_utc, ended)}: {cause(incident)}, {lasted(incident, until_utc)}"
    return (
        f'<rect class="{incident.fault or Fault.UNKNOWN}" x="{min(x, 100 - width):.2f}%" y="20%" rx="2" '
        f'width="{width:.2f}%" height="60%"><title>{text(told)}</title></rect>'
    )


def _tick(at_utc: float, step_s: float) -> str:
    at = datetime.fromtimestamp(at_utc, UTC)
    if step_s < _DAY_S and (at.hour or at.minute):
        return f"{at:%H:%M}" if step_s >= _MINUTE_S else f"{at:%H:%M:%S}"
    return f"{at:%a} {at.day}" if step_s <= _DAY_S else f"{at.day} {at:%b}"


def _anchor(x: float) -> str:
    return "start" if x < 3 else "end" if x > 97 else "middle"


def _round_up(seconds: float) -> float:
    """The next of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten."""
    if seconds <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(seconds))
    return power * next(m for m in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if m * power >= seconds * 0.9999)


def many(incidents: Iterable[Incident]) -> dict[str, list[Incident]]:
    """By target, in the order of their beginning."""
    found: dict[str, list[Incident]] = defaultdict(list)
    for incident in sorted(incidents, key=lambda i: (i.opened_at_utc, i.target)):
        found[incident.target].append(incident)
    return found
