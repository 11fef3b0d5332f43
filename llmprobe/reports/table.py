"""The table for people: readable at 60 columns and at 200, in colour, without, and in ASCII."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from llmprobe.durations import format_duration
from llmprobe.model import CATEGORY_WORDS, SIDE_WORDS, Result, Run, Status
from llmprobe.reports.interface import Look
from llmprobe.reports.parts import bars
from llmprobe.reports.parts.facts import how_sure
from llmprobe.reports.parts.phases import timeline
from llmprobe.reports.parts.rich_text import text_console, text_of
from llmprobe.reports.parts.waterfall import samples, waterfall

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
_TTFT_WIDTH = 64
_HTTP_WIDTH = 76
_SIDE_WIDTH = 76
_LEGEND_WIDTH = 92
_LEAST_BAR = 16
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
    if run.results and look.width >= _LEGEND_WIDTH:
        console.print(_legend(run.results, look), style="dim")
    _print_pages(console, run)
    for note in run.notes:
        console.print(Text(f"note: {note}", style="dim"))
    console.print(Text(run.conclusion, style=f"bold {_STYLES[run.status].removeprefix('bold ')}"))
    return text_of(console, look)


def _table(results: Sequence[Result], look: Look) -> Table:
    several = len({r.probe for r in results}) > 1
    names = _columns(look, several)
    longest = bars.longest_s(results)
    rows = [[_cell(name, result, look) for name in names] for result in results]
    room = look.width - sum(
        2 + max([len(name), *(row[i].cell_len for row in rows)]) for i, name in enumerate(names)
    )
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="bold", pad_edge=False)
    for name in names:
        right = name in ("http", "ttft", "total")
        table.add_column(
            name, justify="right" if right else "left", no_wrap=name != "target", overflow="fold"
        )
    with_bar = room >= _LEAST_BAR
    if with_bar:
        table.add_column("time", no_wrap=True)
    for row, result in zip(rows, results, strict=True):
        table.add_row(*row, *([_bar(result, look, longest, min(_MOST_BAR, room))] if with_bar else []))
    return table


def _columns(look: Look, several: bool) -> list[str]:
    """What there is room for, from the most to the least telling."""
    wanted = (
        ("status", True),
        ("target", True),
        ("probe", several),
        ("what", True),
        ("side", look.width >= _SIDE_WIDTH),
        ("http", look.width >= _HTTP_WIDTH),
        ("ttft", look.width >= _TTFT_WIDTH),
        ("total", True),
    )
    return [name for name, shown in wanted if shown]


def _cell(name: str, result: Result, look: Look) -> Text:
    style = _STYLES[result.status]
    match name:
        case "status":
            return Text(f"{_symbol(result.status, look)} {result.status}", style=style)
        case "target":
            return Text(result.target)
        case "probe":
            return Text(str(result.probe), style="dim")
        case "what":
            plain = result.status is Status.HEALTHY
            return Text(CATEGORY_WORDS[result.category], style="" if plain else style)
        case "side":
            return Text(SIDE_WORDS[result.fault] if result.fault else "")
        case "http":
            return Text(str(result.http.status or ""))
        case "ttft":
            return Text(_time(result.timings.ttft_s))
        case _:
            return Text(_time(result.timings.total_s))


def _line(result: Result, look: Look) -> Text:
    """A result where there is no room for columns."""
    style = _STYLES[result.status]
    line = Text(f"{_symbol(result.status, look)} {result.status} ", style=style)
    return line.append(f"{result.target}: {CATEGORY_WORDS[result.category]}", style="default")


def _bar(result: Result, look: Look, longest: float, width: int) -> Text:
    bar = Text()
    for name, count in bars.cells(timeline(result), longest, width):
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
        sure = how_sure(result) if look.verbose else None
        if sure:
            console.print(Text(f"  sure: {sure}", style="dim"))
        if look.verbose:
            console.print(Text("\n".join(waterfall(result, look))))
        elif result.stats is not None:
            console.print(Text(f"  samples: {samples(result.stats)}"))
    console.print()


def _print_groups(console: Console, run: Run, look: Look) -> None:
    for group in run.groups:
        works = f"{group.healthy} of {len(group.members)} work, needs {group.need}"
        line = f"{_symbol(group.status, look)} group {group.name}: {works}"
        console.print(Text(line, style=_STYLES[group.status]))
    if run.groups:
        console.print()


def _print_pages(console: Console, run: Run) -> None:
    if not run.pages:
        return
    from llmprobe.reports.parts.pages import page_lines

    for page in run.pages:
        for line in page_lines(page, run.results):
            console.print(Text(line))
    console.print()


def _legend(results: Sequence[Result], look: Look) -> Text:
    return Text("  ".join(f"{bars.glyph(name, look.unicode)} {name.words}" for name in bars.legend(results)))


def _symbol(status: Status, look: Look) -> str:
    return _SYMBOLS[status][0 if look.unicode else 1]


def _time(seconds: float | None) -> str:
    return "" if seconds is None else format_duration(seconds)
