"""The symbol and the colour of each status: told apart by shape alone, too."""

from __future__ import annotations

from llmprobe.model import Status
from llmprobe.reports.interface import Look

_SYMBOLS = {
    Status.HEALTHY: ("✓", "+"),
    Status.DEGRADED: ("!", "!"),
    Status.FAILED: ("✗", "x"),
    Status.SKIPPED: ("–", "-"),
}
STYLES = {
    Status.HEALTHY: "green",
    Status.DEGRADED: "yellow",
    Status.FAILED: "bold red",
    Status.SKIPPED: "dim",
}


def symbol(status: Status, look: Look) -> str:
    return _SYMBOLS[status][0 if look.unicode else 1]
