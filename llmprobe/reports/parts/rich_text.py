"""Rich tables as text: the one place that sets up a console."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from llmprobe.reports.interface import Look

_PLAIN = str.maketrans(
    {"–": "-", "…": "...", "“": '"', "”": '"', "·": ".", "’": "'", "→": "->", "µ": "u", "—": "-"}
)


_RULER = Console(file=io.StringIO(), width=1000, legacy_windows=False)
"""Measures text; nothing is printed on it."""
_TABLE_WIDTH = 40
"""Where there is less room than this, a row is a line of words."""


def text_console(look: Look) -> Console:
    """A console that writes to a string and never guesses."""
    return Console(
        file=io.StringIO(),
        width=max(20, look.width),
        force_terminal=look.color,
        no_color=not look.color,
        color_system="standard" if look.color else None,
        legacy_windows=False,
        highlight=False,
        emoji=False,
        markup=False,
        safe_box=not look.unicode,
    )


def text_of(console: Console, look: Look) -> str:
    """What was printed, without trailing blanks; in ASCII where the terminal knows no more."""
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return plain(text, look)


def plain(text: str, look: Look) -> str:
    """In ASCII where the terminal knows no more."""
    return text if look.unicode else text.translate(_PLAIN).encode("ascii", "replace").decode("ascii")


def wrapped(text: str, width: int, first: str = "") -> list[str]:
    """
    Lines of at most `width` cells that begin with `first`, and with as many blanks from the second on.

    Words stay whole; only one that is wider than a line is cut.
    """
    indent = cell_len(first)
    lines = Text(text).wrap(_RULER, max(10, width - indent))
    return [f"{first if not n else ' ' * indent}{line.plain.rstrip()}" for n, line in enumerate(lines)] or [
        first.rstrip()
    ]


def plain_table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    look: Look,
    *,
    clip_last: bool = False,
    spare: Sequence[str] = (),
    numbers: Collection[str] = (),
) -> str:
    """
    Columns that wrap where the terminal is narrow.

    Args:
        numbers: Columns whose figures stand at the right.
        clip_last: Cut the last column instead of wrapping it.
        spare: Columns that are left out, the first one first, until the others have room.
    """
    head, rows = _fitting(list(head), [list(row) for row in rows], look, spare)
    console = text_console(look)
    if look.width < _TABLE_WIDTH:
        for row in rows:
            console.print(Text("  ".join(cell for cell in row if cell)))
        return text_of(console, look)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False, expand=clip_last)
    for name in head:
        clipped = clip_last and name == head[-1]
        table.add_column(
            name,
            overflow="ellipsis" if clipped else "fold",
            no_wrap=clipped,
            ratio=1 if clipped else None,
            justify="right" if name in numbers else "left",
        )
    for row in rows:
        table.add_row(*row)
    console.print(table)
    return text_of(console, look)


def entries(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    under: Sequence[str],
    look: Look,
    *,
    spare: Sequence[str] = (),
) -> str:
    """Rows with a sentence under each, wrapped between words; `spare` as in `plain_table`."""
    head, shown = _fitting(list(head), [list(row) for row in rows], look, spare)
    widths = [max(map(cell_len, column)) for column in zip(head, *shown, strict=True)]
    console = text_console(look)
    fits = sum(widths) + 2 * len(widths) <= look.width + 2
    if fits:
        console.print(Text(_aligned(head, widths), style="bold"))
    for row, words in zip(shown, under, strict=True):
        console.print(Text(_aligned(row, widths) if fits else "  ".join(filter(None, row))))
        for line in wrapped(words, look.width - 4):
            console.print(Text(f"    {line}", style="dim"))
    return text_of(console, look)


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))


def _fitting(
    head: list[str], rows: list[list[str]], look: Look, spare: Sequence[str]
) -> tuple[list[str], list[list[str]]]:
    for name in filter(head.__contains__, spare):
        if (
            sum(2 + max(len(cell) for cell in column) for column in zip(head, *rows, strict=True))
            <= look.width
        ):
            break
        place = head.index(name)
        head = head[:place] + head[place + 1 :]
        rows = [row[:place] + row[place + 1 :] for row in rows]
    return head, rows
