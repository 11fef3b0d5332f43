"""`llmprobe.change/1`: what a webhook and a command are told of a change."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from llmprobe.model import Category, Fault
from llmprobe.model.past import ChangeKind


class ChangedIncident(Struct, frozen=True):
    """One target that the change is about."""

    target: str
    opened_at: str
    closed_at: str | None
    duration_s: float
    failures: int


class ChangeNotice(Struct, frozen=True, tag_field="schema", tag="llmprobe.change/1"):
    """
    Changes with one cause; `target` and the figures beside it are those of the first of `targets`.

    `text` is what chat services show of it. `muted` is the reason of the mute window in which it began (""
    where none is given), null where it began outside of one.
    """

    change: ChangeKind
    text: str
    target: str
    targets: Sequence[str]
    provider: str
    category: Category
    fault: Fault | None
    reason: str
    hint: str | None
    muted: str | None
    opened_at: str
    closed_at: str | None
    duration_s: float
    failures: int
    incidents: Sequence[ChangedIncident]
    host: str
    conclusion: str
    exit_code: int
