"""Climb from this machine to the model, beginning with what the configuration says."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from llmprobe.config import Plan
from llmprobe.config.keys import key_words
from llmprobe.engine.ladder.climb import diagnose as climb
from llmprobe.engine.probing.probe import OnExchange
from llmprobe.history.last_time import compared
from llmprobe.model.diagnosis import Diagnosis, Rung, RungName, RungState
from llmprobe.monitor.models import require_names
from llmprobe.monitor.stopping import unless
from llmprobe.statuspages import page_of, read_pages


async def diagnose(
    plan: Plan,
    *,
    with_status: bool = False,
    on_rung: Callable[[Rung], None] | None = None,
    on_step: Callable[[RungName], None] | None = None,
    on_exchange: OnExchange | None = None,
    own: Callable[[str], str] | None = None,
    memory: Path | None = None,
    stop: asyncio.Event | None = None,
) -> Diagnosis:
    """
    Diagnose the only target of a plan, cheap rungs first, and stop where it breaks.

    Args:
        with_status: Read the provider's own page afterwards.
        on_rung: Hears of each rung as it is done.
        on_step: Hears of each rung as it begins.
        on_exchange: Hears of each exchange.
        own: Makes a whole command of ours about the target of words such as `wait`.
        memory: The file that remembers the last diagnosis of each target; None compares with nothing.
        stop: Ends the climbing; what was found until then is concluded from.

    Returns:
        Always a diagnosis: whatever breaks is a rung of it.
    """
    require_names(plan, "diagnose")
    stop = stop or asyncio.Event()
    done = await climb(
        plan[0],
        _configuration(plan),
        os.environ,
        on_rung=on_rung,
        on_step=on_step,
        on_exchange=on_exchange,
        own=own,
        source=plan.source,
        stop=stop,
    )
    if memory is not None and not stop.is_set():
        done = compared(done, plan[0].name, memory)
    page = page_of(plan[0]) if with_status else None
    return done if page is None else replace(done, pages=tuple(await unless(stop, read_pages([page]), [])))


def _configuration(plan: Plan) -> Rung:
    """The first rung: what is asked for, and the shape of the key."""
    target, origin = plan[0], plan.built[0].origin
    words, is_right = key_words(target)
    details = (
        f"from {plan.source}",
        f"base_url {target.base_url} ({origin('base_url')})",
        f"dialect {target.dialect}, model {target.model or 'none'} ({origin('model')})",
        *plan.warnings,
    )
    state = RungState.HOLDS if is_right else RungState.DOUBTFUL
    return Rung(RungName.CONFIGURATION, state, "read the configuration", words, details=tuple(details))
