"""What an incident is of: a target by its worst probe, or a group."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from llmprobe.model import Category, Fault, GroupResult, Result, Run, Status

_WORST_FIRST = (Status.FAILED, Status.DEGRADED, Status.HEALTHY)


class Unit(Struct, frozen=True):
    """
    One verdict of a run.

    `alone` says that it is told for itself: a member of a group is told through its group, except for
    what is the client's.
    """

    name: str
    provider: str
    bad: bool
    alone: bool
    category: Category
    fault: Fault | None
    reason: str
    hint: str | None = None
    notes: str | None = None

    @property
    def is_group(self) -> bool:
        return self.name.startswith("group:")


def units(run: Run, is_bad: Callable[[Result], bool]) -> Iterator[Unit]:
    """
    Each target and each group of a run; what was skipped says nothing.

    A group whose status is `skipped` is not judged: not all of its members are known yet. They are its
    members all the same.
    """
    members = {member for group in run.groups for member in group.members}
    for target in dict.fromkeys(r.target for r in run.results):
        known = [r for r in run.results if r.target == target and r.status is not Status.SKIPPED]
        if known:
            worst = min(known, key=lambda r: (not is_bad(r), _WORST_FIRST.index(r.status)))
            alone = target not in members or worst.fault is Fault.CLIENT
            yield _unit(target, worst.provider, worst, bad=is_bad(worst), alone=alone)
    for group in run.groups:
        if group.status is not Status.SKIPPED and (unit := _of_group(group, run)) is not None:
            yield unit


def _of_group(group: GroupResult, run: Run) -> Unit | None:
    members = [r for r in run.results if r.target in group.members and r.status is not Status.SKIPPED]
    if not members:
        return None
    worst = min(members, key=lambda r: _WORST_FIRST.index(r.status))
    reason = f"{group.healthy} of {len(group.members)} members work, {group.need} needed; {worst.reason}"
    return _unit(f"group:{group.name}", "group", worst, bad=not group.works, alone=True, reason=reason)


def _unit(
    name: str, provider: str, worst: Result, *, bad: bool, alone: bool, reason: str | None = None
) -> Unit:
    notes = "\n".join(worst.notes) or None
    reason = worst.reason if reason is None else reason
    return Unit(name, provider, bad, alone, worst.category, worst.fault, reason, worst.hint, notes)
