"""What `wait` does: look again and again, calmly, until all is well or the time is over."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence

from msgspec.structs import replace

from llmprobe.cli.durations import parse_duration_flag
from llmprobe.cli.event_loop import in_loop
from llmprobe.cli.job import Flags, catch_signals, parse_fail_on, planned
from llmprobe.cli.output import Screen
from llmprobe.config import Plan
from llmprobe.durations import format_duration
from llmprobe.engine.outcome.exit_code import FailOn
from llmprobe.engine.outcome.merge import merged
from llmprobe.engine.run import Options, run
from llmprobe.model import ExitCode, Result, Run, Status, Target

_FIRST_PAUSE_S = 1.0


def run_wait(flags: Flags, for_: str, every: str) -> int:
    """
    Run `wait`.

    Returns:
        0 once nothing counts as failing; else, at the deadline, the last verdict's exit code.

    Raises:
        LlmprobeError: Before anything is sent.
    """
    for_s, every_s = parse_duration_flag("--for", for_), parse_duration_flag("--every", every)
    fail_on = parse_fail_on(flags.fail_on)
    plan = planned(replace(flags, retries=0))  # to look again is what this command does
    screen = Screen(no_color=flags.no_color)
    for warning in plan.warnings:
        screen.note(f"warning: {warning}")
    waiter = _Waiter(
        plan, fail_on, time.monotonic() + for_s, every_s, _Teller(screen, for_s, quiet=flags.quiet)
    )
    done, interrupted = in_loop(waiter.run())
    if not flags.quiet:
        screen.show(flags.format, done)
    return interrupted or int(done.exit_code)


class _Waiter:
    def __init__(self, plan: Plan, fail_on: FailOn, until: float, every_s: float, teller: _Teller) -> None:
        self._targets = [built.target for built in plan.built]
        self._plan = plan
        self._fail_on = fail_on
        self._until = until
        self._every_s = every_s
        self._teller = teller
        self._stop = asyncio.Event()

    async def run(self) -> tuple[Run, int | None]:
        """The last verdict on all, and the exit code of the signal that ended the waiting."""
        caught = catch_signals(self._stop)
        self._teller.begin()
        done = await self._look(self._targets)
        pause_s = _FIRST_PAUSE_S
        while done.exit_code is not ExitCode.OK and not self._stop.is_set():
            pause_s = min(max(pause_s, _asked_for(done.results)), self._left_s)
            if self._left_s <= 0:
                break
            await self._pause(done, pause_s)
            done = self._again(done, await self._look(self._unwell(done)))
            pause_s = min(pause_s * 2, self._every_s)
        self._teller.end()
        return done, caught[0] if caught else None

    @property
    def _left_s(self) -> float:
        return self._until - time.monotonic()

    async def _look(self, targets: Sequence[Target]) -> Run:
        options = Options(
            concurrency=self._plan.concurrency,
            per_host=self._plan.per_host,
            per_key=self._plan.per_key,
            rate_per_s=self._plan.rate_per_s,
            fail_on=self._fail_on,
            deadline_s=max(self._left_s, 0.05),
            stop=self._stop,
        )
        return await run(targets, self._plan.groups, options)

    def _again(self, old: Run, new: Run) -> Run:
        """What was cut off says nothing: the verdict before it stands."""
        known = [r for r in new.results if r.status is not Status.SKIPPED]
        return merged(old, replace(new, results=known), self._plan.groups, self._fail_on)

    def _unwell(self, done: Run) -> list[Target]:
        names = {r.target for r in done.results if self._fail_on.counts(r)}
        return [target for target in self._targets if target.name in names] or self._targets

    async def _pause(self, done: Run, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0 and not self._stop.is_set():
            self._teller.tell(done, left, self._left_s)
            try:
                async with asyncio.timeout(min(left, 1.0)):
                    await self._stop.wait()
            except TimeoutError:
                continue


def _asked_for(results: Sequence[Result]) -> float:
    """The shortest pause that a server asked for: somebody may be back by then."""
    return min((r.retry_after_s for r in results if r.retry_after_s), default=0.0)


class _Teller:
    """On a terminal one line that is drawn again; elsewhere a line when the situation changes."""

    def __init__(self, screen: Screen, for_s: float, *, quiet: bool) -> None:
        self._screen = screen
        self._for_s = for_s
        self._quiet = quiet
        self._live = sys.stderr.isatty() and not quiet
        self._said = ""

    def begin(self) -> None:
        if self._live:
            self._screen.draw("looking …")

    def tell(self, done: Run, next_s: float, left_s: float) -> None:
        if self._live:
            waited = format_duration(self._for_s - left_s)
            line = (
                f"{waited} of {format_duration(self._for_s)}, next look in {next_s:.0f} s: {done.conclusion}"
            )
            self._screen.draw(line)
        elif not self._quiet and done.conclusion != self._said:
            self._said = done.conclusion
            self._screen.note(f"waiting: {done.conclusion}")

    def end(self) -> None:
        if self._live:
            self._screen.draw("")
