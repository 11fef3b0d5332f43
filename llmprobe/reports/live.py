"""
The screen of `watch`: where each target stands, redrawn in place, and below it the changes as they come.

`screen` draws one instant of it; `Live` keeps it on a terminal. Where there is little room, columns leave
in the order of their worth, then the oldest changes, then the targets that are well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, TextIO

from rich.console import Console, Group, RenderableType
from rich.text import Text

from llmprobe.dates import format_utc
from llmprobe.durations import format_duration
from llmprobe.model import CATEGORY_WORDS, SIDE_WORDS, Status
from llmprobe.model.past import Change, ChangeKind
from llmprobe.model.watching import Row, Standing
from llmprobe.reports.interface import Look
from llmprobe.reports.parts.cells import cells
from llmprobe.reports.parts.columns import GAP, Column, fitting, natural_width, table_of
from llmprobe.reports.parts.marks import STYLES, symbol
from llmprobe.reports.parts.rich_text import plain, text_console, text_of, wrapped

_CHECKS = "checks"
_LEAST_CELLS = 8
_MOST_CELLS = 60
_LEAST_CHANGES = 3
_ROOMY = 12
"""Lines from which on there is room for empty ones."""
_HALF_A_DAY_S = 43200.0
_WORST_FIRST = (Status.FAILED, Status.DEGRADED, Status.SKIPPED, Status.HEALTHY)


def screen(standing: Standing, look: Look, height: int, notes: Sequence[str] = (), keys: str = "") -> Group:
    """
    One instant of a watch, in at most `height` lines.

    Args:
        notes: Trouble beside the probes, oldest first.
        keys: What can be typed.
    """
    gap = [Text()] if height >= _ROOMY else []
    lines = [*_changes(standing, look), *(Text(note, style="yellow") for note in notes)]
    room = height - 4 - 2 * len(gap)
    reserved = min(len(lines) + 1, _LEAST_CHANGES + 1, room // 2) if lines else 0
    shown, left_out = _worst(standing.rows, max(1, room - reserved))
    parts: list[RenderableType] = [*_head(standing), *gap, _table(shown, look, standing.now_utc)]
    if left_out:
        parts.append(Text(f"and {_counted(left_out)} more", style="dim"))
    left = room - len(shown) - bool(left_out) - 1
    if left > 0 and lines:
        parts += [Text(), *lines[-left:]]
    return Group(*(_clipped(part, look) for part in [*parts, *gap, *_foot(standing, look, keys)]))


def summary(standing: Standing, look: Look) -> str:
    """What is left on the terminal, or at the end of a log: the last table and what the watch has seen."""
    console = text_console(look)
    for line in wrapped(standing.conclusion or "nothing was probed", look.width, ""):
        console.print(Text(line, style=STYLES[_worst_status(standing)]), soft_wrap=True)
    console.print()
    if standing.rows:
        console.print(_table(standing.rows, look, standing.now_utc, is_over=True))
        console.print()
    for change in standing.changes:
        _print_change(console, change, look, standing.now_utc)
    if standing.changes:
        console.print()
    opened = sum(change.kind is ChangeKind.OPENED for change in standing.changes)
    lasted = format_duration(standing.now_utc - standing.began_utc)
    seen = [_number(standing.probes, "probe"), _number(opened, "incident"), _number(standing.spent, "token")]
    console.print(f"watched for {lasted}: {', '.join(seen)}", soft_wrap=True)
    return text_of(console, look)


class Live:
    """
    The screen on a terminal, in its second buffer: what was there before comes back at the end.

    Args:
        file: The terminal; every text that goes there has been scrubbed of secrets.
        draw: Makes what is shown, from the look and the height of the terminal as it is now.
    """

    def __init__(self, file: TextIO, look: Look, draw: Callable[[Look, int], Group]) -> None:
        from rich.live import Live as RichLive

        self._look = look
        self._draw = draw
        self._console = Console(
            file=file,
            force_terminal=True,
            color_system="standard" if look.color else None,
            no_color=not look.color,
            legacy_windows=False,
            highlight=False,
            emoji=False,
            markup=False,
            safe_box=not look.unicode,
        )
        self._live: Any = RichLive(
            console=self._console,
            screen=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
        )

    def __enter__(self) -> Live:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def draw(self) -> None:
        """Show where everything stands now."""
        size = self._console.size
        self._live.update(self._draw(self._look._replace(width=size.width), size.height), refresh=True)


def _head(standing: Standing) -> list[Text]:
    return [Text(standing.conclusion or "probing …", style=STYLES[_worst_status(standing)])]


def _worst_status(standing: Standing) -> Status:
    return min((_status(row) for row in standing.rows), key=_WORST_FIRST.index, default=Status.SKIPPED)


def _foot(standing: Standing, look: Look, keys: str) -> list[Text]:
    """Rhythm, probes and tokens; what has no room is left out, the last first."""
    every = f"{standing.every_s:g} s" if standing.every_s < 120 else format_duration(standing.every_s)
    parts = [f"every {every}", f"{standing.spent:,} tokens"]
    hour = f"{standing.spent_in_hour:,}"
    if standing.tokens_per_hour is not None:
        parts[1] += f", {hour} of {standing.tokens_per_hour:,} this hour"
    if standing.ends_in_s is not None:
        parts.append(f"ends in {format_duration(standing.ends_in_s)}")
    parts.append(f"{standing.probes} probes in {format_duration(standing.now_utc - standing.began_utc)}")
    parts = [*([keys] if keys else []), *parts]
    separator = " · " if look.unicode else " . "
    while len(parts) > 1 and len(separator.join(parts)) > look.width:
        parts.pop()
    return [Text(separator.join(parts), style="dim")]


def _table(rows: Sequence[Row], look: Look, now_utc: float, *, is_over: bool = False) -> RenderableType:
    most_target = max(12, look.width // 5)
    columns = [
        Column("", [_mark(row, look) for row in rows]),
        Column("target", [_name(row, most_target, look) for row in rows]),
        Column("what", [_what(row) for row in rows]),
        Column("side", [_side(row) for row in rows], worth=90),
        Column(_CHECKS, [Text(" " * _LEAST_CELLS) for _ in rows], worth=80),
        Column("for", [_lasts(row, now_utc) for row in rows], worth=70, right=True),
        Column("TTFT", [_latency(row) for row in rows], worth=60, right=True),
        Column("p50", [_figure(row, row.spread.median_s) for row in rows], worth=40, right=True),
        Column("p95", [_figure(row, row.spread.p95_s) for row in rows], worth=45, right=True),
        Column("n", [Text(str(row.spread.n or "")) for row in rows], worth=38, right=True),
        Column("left", [_headroom(row) for row in rows], worth=20, right=True),
        Column("next", [Text() if is_over else _next(row) for row in rows], worth=50, right=True),
    ]
    told = [c for c in columns if c.worth is None or c.name == _CHECKS or any(cell.plain for cell in c.cells)]
    fits = fitting(told, look.width, look.width)
    return table_of(_with_cells(fits, rows, look), look.width, look.width)


def _with_cells(columns: Sequence[Column], rows: Sequence[Row], look: Look) -> list[Column]:
    """The cells take what the others leave, up to the checks that there have been."""
    spare = max(0, look.width - natural_width(columns) - GAP)
    most = min(_MOST_CELLS, max([_LEAST_CELLS, *(len(row.cells) for row in rows)]))

    def filled(column: Column) -> Column:
        width = min(most, column.natural + spare)
        return Column(column.name, [cells(row.cells, width, look) for row in rows])

    return [filled(column) if column.name == _CHECKS else column for column in columns]


def _status(row: Row) -> Status:
    return Status.SKIPPED if row.result is None else row.result.status


def _mark(row: Row, look: Look) -> Text:
    return Text(symbol(_status(row), look), style=STYLES[_status(row)])


def _name(row: Row, most: int, look: Look) -> Text:
    name = plain(row.target, look)
    dots = _dots(look)
    return Text(name if len(name) <= most else name[: most - len(dots)] + dots)


def _what(row: Row) -> Text:
    if row.result is None:
        return Text("probing", style="dim")
    return Text(CATEGORY_WORDS[row.result.category], style=STYLES[row.result.status])


def _side(row: Row) -> Text:
    return Text(SIDE_WORDS[row.result.fault] if row.result is not None and row.result.fault else "")


def _lasts(row: Row, now_utc: float) -> Text:
    """For how long it has stood so."""
    return Text("" if row.since_utc is None else _rounded(max(0.0, now_utc - row.since_utc)))


def _latency(row: Row) -> Text:
    """The first token's; the end's in parentheses, where a probe has no tokens."""
    return _figure(row, row.latency)


def _figure(row: Row, seconds: float | None) -> Text:
    if seconds is None:
        return Text("")
    text = format_duration(seconds)
    return Text(text if row.to_first_token else f"({text})")


def _headroom(row: Row) -> Text:
    if row.headroom is None:
        return Text("")
    return Text(f"{row.headroom:.0%}", style="yellow" if row.headroom < 0.1 else "")


def _next(row: Row) -> Text:
    if row.next_in_s is None:
        return Text("now", style="dim")
    return Text(f"{'budget ' if row.is_held else ''}{_rounded(row.next_in_s)}", style="dim")


def _rounded(seconds: float) -> str:
    return f"{round(seconds)} s" if seconds < 120 else format_duration(seconds)


def _changes(standing: Standing, look: Look) -> list[Text]:
    return [Text.assemble(*_change(change, look, standing.now_utc)) for change in standing.changes]


def _print_change(console: Console, change: Change, look: Look, now_utc: float) -> None:
    (clock, _), (mark, style), text = _change(change, look, now_utc)
    for number, line in enumerate(wrapped(text, look.width, clock + mark)):
        shown = Text(line)
        if not number:
            shown.stylize(style, len(clock), len(clock + mark))
        console.print(shown, soft_wrap=True)


def _change(change: Change, look: Look, now_utc: float) -> tuple[tuple[str, str], tuple[str, str], str]:
    """When, the mark with its style, and the sentence."""
    incident = change.incident
    over = change.kind is ChangeKind.CLOSED
    at = (incident.closed_at_utc or change.at_utc) if over else incident.opened_at_utc
    status = Status.HEALTHY if over else Status.FAILED
    words = CATEGORY_WORDS[change.category] + (f" ({SIDE_WORDS[change.fault]})" if change.fault else "")
    text = f"{incident.target} works again after {format_duration(change.duration_s)}; it was {words}"
    if not over:
        text = f"{incident.target} is failing: {words}; {change.reason}"
    return (f"{_clock(at, now_utc)} ", "dim"), (f"{symbol(status, look)} ", STYLES[status]), text


def _clock(epoch_s: float, now_utc: float) -> str:
    """`12:03:07`, in UTC; with the day where that was half a day ago."""
    text = format_utc(epoch_s)
    return text[11:19] if now_utc - epoch_s < _HALF_A_DAY_S else text[5:16].replace("T", " ")


def _worst(rows: Sequence[Row], most: int) -> tuple[Sequence[Row], Sequence[Row]]:
    """The rows that there is room for, in their order, and the others: those that are well go first."""
    if len(rows) <= most:
        return rows, ()
    ranked = sorted(range(len(rows)), key=lambda place: (_WORST_FIRST.index(_status(rows[place])), place))
    kept = set(ranked[: max(1, most - 1)])
    shown = [row for place, row in enumerate(rows) if place in kept]
    return shown, [row for place, row in enumerate(rows) if place not in kept]


def _number(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def _counted(rows: Sequence[Row]) -> str:
    """`12 healthy, 3 failed`."""
    counts = {status: sum(_status(row) is status for row in rows) for status in _WORST_FIRST}
    return ", ".join(f"{count} {status}" for status, count in counts.items() if count)


def _clipped(part: RenderableType, look: Look) -> RenderableType:
    """A line that ends where the terminal does."""
    if not isinstance(part, Text):
        return part
    if not look.unicode and not part.plain.isascii():
        part = Text(plain(part.plain, look), style=part.style)
    if part.cell_len > look.width:
        dots = _dots(look)
        part.truncate(look.width - len(dots))
        part.append(dots)
    part.no_wrap = True
    return part


def _dots(look: Look) -> str:
    return "…" if look.unicode else "..."
