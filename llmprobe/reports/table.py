"""The table for people: readable at 60 columns and at 200, in colour, without, and in ASCII."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from llmprobe.model import CATEGORY_WORDS, SIDE_WORDS, Result, Run, Status
from llmprobe.reports import bars
from llmprobe.reports.interface import Look
from llmprobe.reports.rich_text import text_console, text_of
from llmprobe.reports.waterfall import waterfall
from llmprobe.units import format_duration

_SYMBOLS = {
    Status.HEALTHY: ("✓", "+"),
    Status.DEGRADED: ("!", "!"),
    Status.FAILED: ("✗", "x"),
    Status.SKIPPED: ("–", "-"),
}
_STYLES = {
    Status.HEALTHY: "green",
    Status.DEGRADED: "yellow",
    Status.FAILED: "bold red",
    Status.SKIPPED: "dim",
}
_TABLE_WIDTH = 50
_HTTP_WIDTH = 84
_SIDE_WIDTH = 100
_BAR_WIDTH = 116
_MOST_BAR = 40


def render(run: Run, look: Look) -> str:
    """The table, what is wrong with what to do, groups, notes, and the conclusion."""
    console = text_console(look)
    if look.width < _TABLE_WIDTH:
        for result in run.results:
            console.print(_line(result, look))
    else:
        console.print(_table(run.results, look))
    _print_details(console, run, look)
    _print_groups(console, run, look)
    if run.results:
        console.print(_legend(look), style="dim") if look.width >= _BAR_WIDTH else None
    for note in run.notes:
        console.print(Text(f"note: {note}", style="dim"))
    console.print(Text(run.conclusion, style=f"bold {_STYLES[run.status].removeprefix('bold ')}"))
    return text_of(console, look)


def _table(results: Sequence[Result], look: Look) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="bold", pad_edge=False)
    table.add_column("status", no_wrap=True)
    table.add_column("target", overflow="fold", min_width=8)
    several = len({r.probe for r in results}) > 1
    if several:
        table.add_column("probe", no_wrap=True)
    table.add_column("what", overflow="fold")
    if look.width >= _SIDE_WIDTH:
        table.add_column("side", no_wrap=True)
    if look.width >= _HTTP_WIDTH:
        table.add_column("http", justify="right", no_wrap=True)
    table.add_column("ttft", justify="right", no_wrap=True)
    table.add_column("total", justify="right", no_wrap=True)
    bar_width = min(_MOST_BAR, look.width - 84)
    if look.width >= _BAR_WIDTH:
        table.add_column("time", no_wrap=True, min_width=bar_width)
    longest = max((r.timings.total_s or 0.0 for r in results), default=0.0)
    for result in results:
        table.add_row(*_row(result, look, several, longest, bar_width))
    return table


def _line(result: Result, look: Look) -> Text:
    """A result where there is no room for columns."""
    style = _STYLES[result.status]
    line = Text(f"{_symbol(result.status, look)} {result.status} ", style=style)
    return line.append(f"{result.target}: {CATEGORY_WORDS[result.category]}", style="default")


def _row(result: Result, look: Look, several: bool, longest: float, bar_width: int) -> list[Text]:
    style = _STYLES[result.status]
    row = [Text(f"{_symbol(result.status, look)} {result.status}", style=style), Text(result.target)]
    if several:
        row.append(Text(str(result.probe), style="dim"))
    row.append(Text(CATEGORY_WORDS[result.category], style="" if result.status is Status.HEALTHY else style))
    if look.width >= _SIDE_WIDTH:
        row.append(Text(SIDE_WORDS[result.fault] if result.fault else ""))
    if look.width >= _HTTP_WIDTH:
        row.append(Text(str(result.http.status or "")))
    row += [Text(_time(result.timings.ttft_s)), Text(_time(result.timings.total_s))]
    if look.width >= _BAR_WIDTH:
        row.append(_bar(result, look, longest, bar_width))
    return row


def _bar(result: Result, look: Look, longest: float, width: int) -> Text:
    bar = Text()
    if result.timings.total_s is None:
        return bar
    for name, count in bars.cells(result.timings, longest, width):
        bar.append(bars.glyph(name, look.unicode) * count, style=bars.COLORS[name])
    return bar


def _print_details(console: Console, run: Run, look: Look) -> None:
    """One block for each result that is not healthy; with -v for all of them."""
    for result in run.results:
        if result.status is Status.HEALTHY and not look.verbose and not result.attempts[1:]:
            continue
        console.print()
        head = Text(f"{_symbol(result.status, look)} {result.target}", style=_STYLES[result.status])
        head.append(f" {result.probe}: {result.reason}", style="default")
        console.print(head)
        for note in result.notes:
            console.print(Text(f"  note: {note}"))
        if result.hint:
            console.print(Text(f"  {'→' if look.unicode else '->'} {result.hint}", style="cyan"))
        if look.verbose:
            console.print(Text("\n".join(waterfall(result, look))))
    console.print()


def _print_groups(console: Console, run: Run, look: Look) -> None:
    for group in run.groups:
        works = f"{group.healthy} of {len(group.members)} work, needs {group.need}"
        line = f"{_symbol(group.status, look)} group {group.name}: {works}"
        console.print(Text(line, style=_STYLES[group.status]))
    if run.groups:
        console.print()


def _legend(look: Look) -> Text:
    names = ("dns", "connect", "tls", "waiting", "first token", "stream")
    return Text("  ".join(f"{bars.glyph(name, look.unicode)} {name}" for name in names))


def _symbol(status: Status, look: Look) -> str:
    return _SYMBOLS[status][0 if look.unicode else 1]


def _time(seconds: float | None) -> str:
    return "" if seconds is None else format_duration(seconds)
