"""One run from two: what was probed again replaces what was known before."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from llmprobe.engine.outcome.conclusion import conclude
from llmprobe.engine.outcome.exit_code import FailOn, exit_code, group_results, worst_status
from llmprobe.model import Group, Result, Run


def merged(old: Run, new: Run, groups: Sequence[Group], fail_on: FailOn) -> Run:
    """`old` with the results of `new` in their places; the verdict on the whole is drawn again."""
    fresh = {(r.target, r.probe): r for r in new.results}
    results = [fresh.get((r.target, r.probe), r) for r in old.results]
    return concluded(
        replace(old, duration_s=new.started_at_utc + new.duration_s - old.started_at_utc),
        results,
        groups,
        fail_on,
    )


def concluded(run: Run, results: Sequence[Result], groups: Sequence[Group], fail_on: FailOn) -> Run:
    """`run` with these results: status, groups, conclusion and exit code follow from them."""
    judged = group_results(groups, results)
    return replace(
        run,
        results=tuple(results),
        groups=tuple(judged),
        status=worst_status(results, judged),
        conclusion=conclude(results),
        exit_code=exit_code(results, judged, fail_on),
    )
