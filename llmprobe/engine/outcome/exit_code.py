"""Groups and the exit code: what a run means to a script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from llmprobe.classify import ABOUT
from llmprobe.model import Category, ExitCode, Family, Fault, Group, GroupResult, Result, Status, excused_by


class FailOn(Struct, frozen=True):
    """
    What makes a run red: `failed`, `degraded`, `never`, or names of categories, families and faults.

    A family or a fault counts failures of that kind; a category counts however bad it is.
    `degraded` counts what is degraded and what has failed.
    """

    words: frozenset[str] = frozenset({"failed"})

    @property
    def never(self) -> bool:
        return "never" in self.words

    def counts(self, result: Result) -> bool:
        """
        Whether this result makes the run red.

        What was skipped is never green; a pause counts as the failure that caused it.
        """
        category = result.paused_by or result.category
        if self.never or result.status is Status.HEALTHY:
            return False
        if "degraded" in self.words or category in self.words or _is_unknown(result):
            return True
        if result.status is Status.DEGRADED:
            return False
        return not self.words.isdisjoint({"failed", ABOUT[category].family, str(result.fault)})


FAIL_ON_WORDS = tuple(
    dict.fromkeys(
        ["failed", "degraded", "never"]
        + [str(word) for kind in (Family, Fault, Category) for word in kind if word not in ("ok", "degraded")]
    )
)
"""Every word that `--fail-on` knows."""

_WORST = (ExitCode.INTERNAL, ExitCode.CLIENT, ExitCode.NETWORK, ExitCode.FAILED, ExitCode.DEGRADED)


def group_results(groups: Sequence[Group], results: Sequence[Result]) -> list[GroupResult]:
    """A member counts as healthy when every probe of it works (degraded counts as working)."""
    verdicts = []
    for group in groups:
        working = [name for name in group.members if _works(name, results)]
        all_healthy = all(r.status is Status.HEALTHY for r in results if r.target in group.members)
        status = Status.FAILED
        if len(working) >= group.need:
            status = Status.HEALTHY if all_healthy else Status.DEGRADED
        verdicts.append(GroupResult(group.name, status, group.need, len(working), group.members))
    return verdicts


def exit_code(results: Sequence[Result], groups: Sequence[GroupResult], fail_on: FailOn) -> ExitCode:
    """
    The code of a run, by the contract: 70, then 4, 5, 1, 3.

    A group that works excuses its members, except for what is the client's. A run in which
    nothing was probed is 2, whatever `fail_on` says; what is paused was probed before.
    """
    if any(r.category is Category.INTERNAL for r in results):
        return ExitCode.INTERNAL
    if all(_is_unknown(r) for r in results):
        return ExitCode.USAGE
    if fail_on.never:
        return ExitCode.OK
    codes = {_code_of(r) for r in results if fail_on.counts(r) and excused_by(groups, r) is None}
    if "degraded" in fail_on.words and any(g.status is Status.DEGRADED for g in groups):
        codes.add(ExitCode.DEGRADED)
    return next((code for code in _WORST if code in codes), ExitCode.OK)


def worst_code(codes: Iterable[ExitCode]) -> ExitCode:
    """The code of several runs together; 2 where none of them could probe anything."""
    found = set(codes)
    fine = ExitCode.OK if ExitCode.OK in found else ExitCode.USAGE
    return next((code for code in _WORST if code in found), fine)


def worst_status(results: Sequence[Result], groups: Sequence[GroupResult]) -> Status:
    """The run's own status, groups counting for the members that they excuse."""
    grouped = {name for group in groups for name in group.members}
    alone = [r for r in results if r.target not in grouped or r.fault is Fault.CLIENT]
    statuses = {r.status for r in alone} | {g.status for g in groups}
    for status in (Status.FAILED, Status.SKIPPED, Status.DEGRADED):
        if status in statuses:
            return status
    return Status.HEALTHY


def _works(name: str, results: Sequence[Result]) -> bool:
    mine = [r for r in results if r.target == name]
    return bool(mine) and all(r.status in (Status.HEALTHY, Status.DEGRADED) for r in mine)


def _is_unknown(result: Result) -> bool:
    """Skipped for a reason that says nothing about the target: the deadline, the budget, an interruption."""
    return result.status is Status.SKIPPED and result.paused_by is None


def _code_of(result: Result) -> ExitCode:
    """The code follows the side of the failure; of what is not known the worst is assumed."""
    if _is_unknown(result):
        return ExitCode.FAILED
    if result.status is Status.DEGRADED:
        return ExitCode.DEGRADED
    if result.fault is Fault.CLIENT:
        return ExitCode.CLIENT
    return ExitCode.NETWORK if result.fault is Fault.NETWORK else ExitCode.FAILED
