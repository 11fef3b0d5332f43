"""The rows of the table: a result each, or several that fail for one cause."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.console import RenderableType
from rich.text import Text

from llmprobe.durations import format_duration
from llmprobe.model import SIDE_WORDS, Result, Stats, Status
from llmprobe.reports.interface import Look
from llmprobe.reports.parts import bars, causes
from llmprobe.reports.parts.columns import GAP, Column, fitting, natural_width, needed_width, table_of
from llmprobe.reports.parts.marks import STYLES, symbol
from llmprobe.reports.parts.phases import timeline

_LEAST_WIDTH = 36
"""Below it a result is a line of words."""
_LEAST_TOGETHER = 5
"""So many failures of one cause are one row; fewer keep a row each, with its figures."""
_LEAST_BAR = 16
_MOST_BAR = 40
_MOST_TARGET = 24

_Figure = Callable[[Result], str]


def result_table(results: Sequence[Result], look: Look) -> RenderableType:
    """All results, in the columns that there is room for."""
    rows = _rows(results, look)
    if look.width < _LEAST_WIDTH:
        return Text("\n").join(_line(row, look) for row in rows)
    return table_of([*_columns(rows, look), *_bar_column(rows, look)], look.width, _most_target(look))


def has_bars(results: Sequence[Result], look: Look) -> bool:
    """Whether the table of these draws where the time went."""
    return look.width >= _LEAST_WIDTH and bool(_bar_column(_rows(results, look), look))


_Row = Sequence[Result]


def _rows(results: Sequence[Result], look: Look) -> list[list[Result]]:
    return causes.by_cause(results, len(results) + 1 if look.verbose else _LEAST_TOGETHER)


def _columns(rows: Sequence[_Row], look: Look) -> list[Column]:
    """Status, target, what and side; then figures."""
    several_probes = len({row[0].probe for row in rows}) > 1
    columns = [
        _status(rows, look, with_word=True),
        *_names(rows, apart=several_probes),
        Column("what", [_what(row) for row in rows], wraps=True),
        Column("side", [_side(row) for row in rows]),
        *_figures(rows),
    ]
    fits = fitting(columns, look.width, _most_target(look))
    if fits[-1].name == "side" and needed_width(fits, _most_target(look)) > look.width:
        joined = _names(rows, apart=False, joined=several_probes)
        fits = [_status(rows, look, with_word=False), *joined, *fits[-2:]]
    return fits


def _most_target(look: Look) -> int:
    """Cells that names may take before a figure gives way."""
    return max(_MOST_TARGET, look.width // 3)


def _status(rows: Sequence[_Row], look: Look, *, with_word: bool) -> Column:
    """The symbol tells the status too, where there is no room for the word."""

    def cell(result: Result) -> Text:
        mark = symbol(result.status, look)
        return Text(f"{mark} {result.status}" if with_word else mark, style=STYLES[result.status])

    return Column("status" if with_word else "", [cell(row[0]) for row in rows])


def _names(rows: Sequence[_Row], *, apart: bool, joined: bool = False) -> list[Column]:
    """The target; its probe beside it, or after it where there is less room."""

    def target(row: _Row) -> Text:
        if len(row) > 1:
            return Text(causes.together(row))
        return Text(f"{row[0].target} {row[0].probe}" if joined else row[0].target)

    found = [Column("target", [target(row) for row in rows], wraps=True)]
    if apart:
        probes = [Text("" if len(row) > 1 else str(row[0].probe), style="dim") for row in rows]
        found.append(Column("probe", probes))
    return found


def _what(row: _Row) -> Text:
    healthy = row[0].status is Status.HEALTHY
    return Text(causes.what(row[0]), style="" if healthy else STYLES[row[0].status])


def _side(row: _Row) -> Text:
    fault = row[0].fault
    return Text(SIDE_WORDS[fault] if fault else "")


def _figures(rows: Sequence[_Row]) -> list[Column]:
    """With samples what their n can carry, over all of them; columns without a figure are left out then."""
    has_samples = any(result.stats for row in rows for result in row)
    wanted = _OF_SAMPLES if has_samples else _OF_ONE
    columns = [
        Column(name, [Text(figure(row[0]) if len(row) == 1 else "") for row in rows], worth, right=True)
        for name, worth, figure in wanted
    ]
    return [column for column in columns if not has_samples or any(cell.plain for cell in column.cells)]


def _bar_column(rows: Sequence[_Row], look: Look) -> list[Column]:
    """Where the time went, on one scale, in the room that all else leaves."""
    columns = _columns(rows, look)
    room = look.width - natural_width(columns) - GAP
    if room < _LEAST_BAR or any(result.stats for row in rows for result in row):
        return []
    longest = bars.longest_s(result for row in rows if len(row) == 1 for result in row)
    cells = [_bar(row, look, longest, min(_MOST_BAR, room)) for row in rows]
    return [Column("time", cells)] if any(cell.plain for cell in cells) else []


def _bar(row: _Row, look: Look, longest: float, width: int) -> Text:
    bar = Text()
    spans = timeline(row[0]) if len(row) == 1 else []
    for name, count in bars.cells(spans, longest, width):
        bar.append(bars.glyph(name, look.unicode) * count, style=bars.COLORS[name])
    return bar


def _line(row: _Row, look: Look) -> Text:
    """A row where there is no room for columns."""
    first = row[0]
    name = first.target if len(row) == 1 else causes.together(row)
    line = Text(f"{symbol(first.status, look)} ", style=STYLES[first.status])
    side = f" ({SIDE_WORDS[first.fault]})" if first.fault else ""
    return line.append(f"{name}: {causes.what(first)}{side}", style="default")


def _time(seconds: float | None) -> str:
    return "" if seconds is None else format_duration(seconds)


def _of_samples(metric: str, name: str) -> _Figure:
    def figure(result: Result) -> str:
        values = getattr(result.stats, metric) if result.stats else None
        return _time(values.get(name)) if values else ""

    return figure


def _share(result: Result) -> str:
    stats: Stats | None = result.stats
    return f"{stats.success_rate:.0%}" if stats else ""


_OF_ONE: tuple[tuple[str, int, _Figure], ...] = (
    ("http", 1, lambda result: str(result.http.status or "")),
    ("ttft", 2, lambda result: _time(result.timings.ttft_s)),
    ("total", 3, lambda result: _time(result.timings.total_s)),
)
"""Heading, worth and figure."""
_OF_SAMPLES: tuple[tuple[str, int, _Figure], ...] = (
    ("n", 7, lambda result: str(result.stats.n) if result.stats else ""),
    ("good", 6, _share),
    ("ttft p50", 5, _of_samples("ttft", "median")),
    ("ttft p95", 4, _of_samples("ttft", "p95")),
    ("total p50", 3, _of_samples("total", "median")),
    ("total p95", 2, _of_samples("total", "p95")),
    ("total max", 1, _of_samples("total", "max")),
)
