"""
Columns that fit: what has no room is left out, the least telling first.

The leading columns (status, target, what, side) always stay. Where even they are too wide, the status is
its symbol alone, and the words of the others wrap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

GAP = 2
LEAST_TARGET = 12


class Column(Struct, frozen=True):
    """
    A heading with its cells.

    Attributes:
        worth: The least is left out first; None is never left out.
        wraps: Its words may take several lines.
    """

    name: str
    cells: Sequence[Text]
    worth: int | None = None
    wraps: bool = False
    right: bool = False

    @property
    def natural(self) -> int:
        return max([cell_len(self.name), *(cell.cell_len for cell in self.cells)])

    @property
    def longest_word(self) -> int:
        texts = [self.name, *(cell.plain for cell in self.cells)]
        return max(cell_len(word) for text in texts for word in text.split() or [""])


def fitting(columns: Sequence[Column], width: int, most_target: int) -> list[Column]:
    """The columns that have room, in their order; one that wraps is counted up to `most_target` cells."""
    kept = list(columns)
    spare = [column for column in columns if column.worth is not None]
    for column in sorted(spare, key=lambda column: column.worth or 0):
        if needed_width(kept, most_target) <= width:
            break
        kept.remove(column)
    return kept


def table_of(columns: Sequence[Column], width: int, most_target: int) -> Table:
    """The columns as a table of that width: those that wrap share what the others leave."""
    table = Table(box=None, padding=(0, GAP, 0, 0), show_edge=False, header_style="bold", pad_edge=False)
    for column, room in zip(columns, _widths(columns, width, most_target), strict=True):
        table.add_column(
            column.name,
            justify="right" if column.right else "left",
            no_wrap=not column.wraps,
            overflow="fold",
            width=room,
        )
    for row in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*row)
    return table


def natural_width(columns: Sequence[Column]) -> int:
    """Cells of a line on which nothing wraps."""
    return sum(column.natural for column in columns) + GAP * (len(columns) - 1)


def needed_width(columns: Sequence[Column], most: int) -> int:
    """Cells of a line on which nothing wraps but what takes more than `most`."""
    return natural_width(columns) - sum(max(0, c.natural - most) for c in columns if c.wraps)


def _widths(columns: Sequence[Column], width: int, most: int) -> list[int]:
    """
    A room for each column. Those that wrap give way in three steps, the last of them first: what is
    beyond `most`, then all but the longest word, then all but a few cells.
    """
    widths = [column.natural for column in columns]
    over = natural_width(columns) - width
    steps: tuple[Callable[[Column], int], ...] = (
        lambda _: most,
        lambda column: max(LEAST_TARGET, column.longest_word),
        lambda _: LEAST_TARGET,
    )
    for least in steps:
        for place in reversed(range(len(columns))):
            if columns[place].wraps and over > 0:
                taken = min(over, max(0, widths[place] - least(columns[place])))
                widths[place] -= taken
                over -= taken
    return widths
