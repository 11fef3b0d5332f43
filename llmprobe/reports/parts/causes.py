"""Results that fail for one cause: a reader wants the cause once, and the names."""

from __future__ import annotations

from collections.abc import Sequence

from llmprobe.counts import counted
from llmprobe.model import CATEGORY_WORDS, Category, Fault, Result, Status

Cause = tuple[str, str, Status, Category, Fault | None, Category | None, str | None]


def cause_of(result: Result) -> Cause:
    """What results must have in common to be told together: vendor, verdict, side and what to do."""
    return (
        result.provider,
        result.title,
        result.status,
        result.category,
        result.fault,
        result.paused_by,
        result.hint,
    )


def by_cause(results: Sequence[Result], least: int) -> list[list[Result]]:
    """
    Results in their order: `least` or more of one cause together, at the place of the first; others alone.

    Healthy results have no cause and stay alone.
    """
    found: dict[Cause, list[Result]] = {}
    for result in results:
        if result.status is not Status.HEALTHY:
            found.setdefault(cause_of(result), []).append(result)
    several = {cause: group for cause, group in found.items() if len(group) >= least}
    grouped: list[list[Result]] = []
    for result in results:
        group = several.get(cause_of(result)) if result.status is not Status.HEALTHY else None
        if group is None:
            grouped.append([result])
        elif group[0] is result:
            grouped.append(group)
    return grouped


def names(group: Sequence[Result]) -> list[str]:
    """Each target once, in order."""
    return list(dict.fromkeys(r.target for r in group))


def together(group: Sequence[Result]) -> str:
    """`7 targets at Anthropic`; `3 probes of claude` where it is one target."""
    first, targets = group[0], names(group)
    if len(targets) == 1:
        return f"{counted(len(group), 'probe')} of {first.target}"
    return f"{counted(len(targets), 'target')} at {first.title or first.provider}"


def what(result: Result) -> str:
    """`overloaded`; a pause says what caused it."""
    words = CATEGORY_WORDS[result.category]
    return words if result.paused_by is None else f"{words} after {CATEGORY_WORDS[result.paused_by]}"
