"""
The table of Azure's status page: services that its feed does not name, region by region.

Source: rows of azure.status.microsoft recorded in 2026-09.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from llmprobe.model.page import PageState
from llmprobe.statuspages.interface import Claim, UnreadableError, text, worst

ROW = "capability-row"
_LABEL = r'data-label="([^"]{1,40})"'
_STATES = {
    "good": PageState.OPERATIONAL,
    "information": PageState.OPERATIONAL,
    "warning": PageState.DEGRADED,
    "critical": PageState.PARTIAL_OUTAGE,
}
"""A region in `critical` is a part of the service; `Not available` says that it is not offered there."""


def parse(html: str, wanted: Sequence[str]) -> Claim:
    """Raises UnreadableError where the table is not there, or not one of `wanted` in it."""
    rows = dict(_row(part.partition("</tr>")[0]) for part in html.split(ROW)[1:])
    mine = {name: labels for name, labels in rows.items() if not wanted or name in wanted}
    if not mine:
        raise UnreadableError("it has no table of services" if not rows else "it does not list the API")
    states = [
        _STATES[label.lower()] for labels in mine.values() for label in labels if label.lower() in _STATES
    ]
    return Claim(worst(states), next(iter(mine)))


def _row(cells: str) -> tuple[str, list[str]]:
    """The service's name, and the label of each region."""
    name = cells.partition("<td")[2].partition(">")[2].partition("<")[0]
    return text(name), re.findall(_LABEL, cells)
