"""Changes that are told together: one cause at one provider is one notice, however many targets it hits."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from llmprobe.model import Run
from llmprobe.model.past import Change, ChangeKind


class Notice(Struct, frozen=True):
    """Changes of one kind with one cause, at one provider; at least one."""

    changes: tuple[Change, ...]

    @property
    def first(self) -> Change:
        return self.changes[0]

    @property
    def kind(self) -> ChangeKind:
        return self.first.kind

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(change.incident.target for change in self.changes)


def notices_of(changes: Sequence[Change]) -> list[Notice]:
    """The changes by cause, in the order in which the causes came."""
    by_cause: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        by_cause.setdefault(_cause(change), []).append(change)
    return [Notice(tuple(together)) for together in by_cause.values()]


def title_of(notice: Notice, run: Run) -> str:
    """The provider as people call it."""
    provider = notice.first.incident.provider
    return next((r.title for r in run.results if r.provider == provider and r.title), provider)


def targets_at(provider: str, run: Run) -> int:
    """How many targets of the run are at this provider."""
    return len({r.target for r in run.results if r.provider == provider})


def _cause(change: Change) -> tuple[str, ...]:
    incident = change.incident
    place = incident.target if incident.provider == "group" else incident.provider
    return str(change.kind), place, str(change.category), str(change.fault)
