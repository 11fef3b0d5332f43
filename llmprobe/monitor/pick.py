"""Probe a group, and name the member to use."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

from llmprobe.config import Plan
from llmprobe.engine.outcome.pick import choices
from llmprobe.engine.run import Options, run
from llmprobe.model.choice import Lately, Picked
from llmprobe.monitor.models import require_names
from llmprobe.monitor.tracking import Note, ask_history

LATELY_S = 3600.0


async def pick(plan: Plan, options: Options, history: Path, note: Note) -> Picked:
    """
    The member to use now: healthy, steady in the last hour by the history, then fastest.

    Args:
        history: Its database; where there is none, this run alone decides.
        note: Hears of a history that cannot be used.
    """
    require_names(plan, "pick")
    done = await run(plan.targets, (), options)
    ranked = choices(done.results, await asyncio.to_thread(_lately, history, note))
    chosen = next((target for target in plan if ranked and target.name == ranked[0].target), None)
    return Picked(chosen, ranked, done)


def _lately(path: Path, note: Note) -> Mapping[str, Lately]:
    from llmprobe.history.queries import tallies

    since = time.time() - LATELY_S
    found: dict[str, tuple[int, int]] = ask_history(
        path, note, lambda history: tallies(history, since), otherwise=dict, failed="choosing without it"
    )
    return {target: Lately(n, failed) for target, (n, failed) in found.items()}
