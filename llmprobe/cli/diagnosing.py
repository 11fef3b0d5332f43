"""What `diagnose` does: climb, show each rung as it is done, conclude."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from msgspec.structs import replace

from llmprobe.cli.event_loop import in_loop
from llmprobe.cli.job import Flags, catch_signals, evidence_for, only_target, planned
from llmprobe.cli.output import Screen
from llmprobe.config import Plan
from llmprobe.config.keys import key_words
from llmprobe.engine.ladder.climb import diagnose
from llmprobe.model import Target
from llmprobe.model.diagnosis import Diagnosis, Rung, RungName, RungState
from llmprobe.statuspages import page_of, read_pages

if TYPE_CHECKING:
    from llmprobe.cli.bundling import Evidence


def run_diagnose(flags: Flags) -> int:
    """
    Run `diagnose`.

    Returns:
        0 when every rung holds, else the exit code of what broke.

    Raises:
        LlmprobeError: Not exactly one target is named, or it cannot be built.
    """
    plan = planned(flags)
    target = only_target(plan, "diagnose looks at one target at a time")
    screen = Screen(no_color=flags.no_color, verbose=flags.verbose)
    evidence = evidence_for(flags)
    shown = _Shown(screen) if flags.format == "table" else None
    if shown:
        shown.begin(target)
    first = _configuration(plan, target)
    done, interrupted = in_loop(_climb(target, first, flags, shown, evidence))
    _finish(done, flags, screen, shown)
    if evidence is not None and flags.bundle is not None:
        evidence.write_diagnosis(flags.bundle, done, screen)
    return interrupted or int(done.exit_code)


async def _climb(
    target: Target, first: Rung, flags: Flags, shown: _Shown | None, evidence: Evidence | None
) -> tuple[Diagnosis, int | None]:
    """The diagnosis, and the exit code of the signal that ended the climbing, if one did."""
    stop = asyncio.Event()
    caught = catch_signals(stop)
    done = await diagnose(
        target,
        first,
        os.environ,
        on_rung=shown.rung if shown else None,
        on_exchange=evidence.keep if evidence else None,
        stop=stop,
    )
    wanted = page_of(target) if flags.with_status and not caught else None
    if wanted is not None:
        done = replace(done, pages=tuple(await read_pages([wanted])))
    return done, caught[0] if caught else None


def _finish(done: Diagnosis, flags: Flags, screen: Screen, shown: _Shown | None) -> None:
    from llmprobe.reports import diagnosis as report

    if shown:
        shown.end()
        screen.write(report.render_end(done, screen.look))
    else:
        screen.write(report.render_json(done) if flags.format == "json" else report.render_markdown(done))


def _configuration(plan: Plan, target: Target) -> Rung:
    """The first rung: what is asked for, and the shape of the key."""
    words, is_right = key_words(target)
    origin = plan.built[0].origin
    details = (
        f"from {plan.source}",
        f"base_url {target.base_url} ({origin('base_url')})",
        f"dialect {target.dialect}, model {target.model or 'none'} ({origin('model')})",
        *plan.warnings,
    )
    state = RungState.HOLDS if is_right else RungState.DOUBTFUL
    return Rung(RungName.CONFIGURATION, state, "read the configuration", words, details=tuple(details))


class _Shown:
    """The ladder on a terminal: finished rungs stay, the one that is climbed is told on standard error."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._live = sys.stderr.isatty()

    def begin(self, target: Target) -> None:
        from llmprobe.reports.diagnosis import render_head

        head = render_head(target.display_provider, target.model, target.base_url, self._screen.look)
        self._screen.write(head)
        self._draw("climbing …")

    def rung(self, rung: Rung) -> None:
        from llmprobe.reports.diagnosis import render_rung

        self._draw("")
        self._screen.write(render_rung(rung, self._screen.look))
        if rung.state is not RungState.BROKEN:
            self._draw("climbing …")

    def end(self) -> None:
        self._draw("")

    def _draw(self, text: str) -> None:
        if self._live:
            self._screen.draw(text)
