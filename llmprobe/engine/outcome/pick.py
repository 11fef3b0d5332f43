"""Which member of a group to use now: one that works, has worked, and is fast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmprobe.durations import format_duration
from llmprobe.model import Result, Status
from llmprobe.model.choice import Choice, Lately

_RANK = {Status.HEALTHY: 0, Status.DEGRADED: 1}


def choices(results: Sequence[Result], lately: Mapping[str, Lately]) -> list[Choice]:
    """
    Members that work, the best first.

    Healthy before degraded; then those that failed least in the last hour, in steps of a tenth (one
    slip is no reason to change); then the fastest by what was just measured (first token, else total).
    """
    found = []
    for target in dict.fromkeys(r.target for r in results):
        mine = [r for r in results if r.target == target]
        if all(r.status in _RANK for r in mine):
            found.append(_choice(target, mine, lately.get(target)))
    return sorted(found, key=_order)


def _order(choice: Choice) -> tuple[int, int, float]:
    share = choice.lately.failed_share if choice.lately else 0.0
    seconds = float("inf") if choice.seconds is None else choice.seconds
    return _RANK[choice.status], round(share * 10), seconds


def _choice(target: str, mine: Sequence[Result], past: Lately | None) -> Choice:
    status = max((r.status for r in mine), key=_RANK.__getitem__)
    speaker = max(mine, key=lambda r: (r.timings.ttft_s is not None, r.timings.total_s or 0.0))
    timings = speaker.timings
    seconds = timings.ttft_s if timings.ttft_s is not None else timings.total_s
    what = "first token" if timings.ttft_s is not None else "answer"
    reason = f"{status}, {what} in {format_duration(seconds)}"
    if past is not None and past.n:
        reason += f", {past.failed} of {past.n} failed in the last hour"
    return Choice(target, status, seconds, past, reason)
