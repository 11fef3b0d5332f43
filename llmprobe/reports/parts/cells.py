"""The last checks of a target as a row of cells, told apart by shape as well as by colour."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from llmprobe.model import Status
from llmprobe.reports.interface import Look
from llmprobe.reports.parts.marks import STYLES

_CELLS = {
    Status.HEALTHY: ("▪", "."),
    Status.DEGRADED: ("▲", "!"),
    Status.FAILED: ("✗", "x"),
    Status.SKIPPED: ("·", "-"),
}


def cells(statuses: Sequence[Status], width: int, look: Look) -> Text:
    """The newest at the right, as many as there is room for."""
    shown = statuses[-width:] if width > 0 else ()
    return Text.assemble(*((cell(status, look), STYLES[status]) for status in shown))


def cell(status: Status, look: Look) -> str:
    return _CELLS[status][0 if look.unicode else 1]
