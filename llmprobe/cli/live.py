"""A check on a terminal: progress while it runs, then the report, the files and the exit code."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from llmprobe.cli.event_loop import Signals, in_loop
from llmprobe.cli.job import Output
from llmprobe.cli.progress import Progress
from llmprobe.cli.screen import Screen
from llmprobe.config.groups import is_pattern
from llmprobe.model import ExitCode, Result, Run
from llmprobe.monitor.check import check
from llmprobe.monitor.job import Job
from llmprobe.monitor.tracking import Tracking
from llmprobe.reports import Format
from llmprobe.reports.interface import Lines

if TYPE_CHECKING:
    from llmprobe.model.past import Change
    from llmprobe.reports.bundle import Bundle


def run_check(job: Job, out: Output, screen: Screen, *, max_models: int) -> int:
    """Returns the exit code, of the run or of the signal that ended it. Raises LlmprobeError."""

    async def checked() -> int:
        ready = job
        if any(is_pattern(target.model) for target in job.plan):
            from llmprobe.monitor.sweep import swept

            ready = await swept(job, screen.note, most=max_models)
        return await _Shown(ready, out, screen).check()

    return in_loop(checked())


class _Shown:
    def __init__(self, job: Job, out: Output, screen: Screen) -> None:
        self._job = job
        self._out = out
        self._screen = screen
        self._bundle = _new_bundle() if out.bundle is not None else None
        self._lines = _lines(job, out, screen) if out.streams else None
        self._progress = Progress(sum(len(t.probes) for t in job.plan), enabled=not out.quiet)

    async def check(self) -> int:
        task, reported = asyncio.current_task(), list[Run]()
        with Signals() as signals:
            options = replace(
                self._job.options,
                stop=signals.stop,
                on_start=lambda target, _: self._progress.started(target.name),
                on_result=self._arrived,
                on_exchange=self._bundle.keep if self._bundle else None,
            )

            def interrupted() -> ExitCode | None:
                return signals.code

            def finished(run: Run, changes: Sequence[Change] | None) -> None:
                signals.release()
                self._progress.__exit__()
                self._report(run, changes)
                reported.append(run)
                signals.cancel(task)  # what sinks are not told now they are told with the next run

            try:
                with self._progress:
                    done = await check(
                        replace(self._job, options=options),
                        self._screen.note,
                        on_run=finished,
                        interrupted=interrupted,
                    )
            except asyncio.CancelledError:
                if not reported:
                    raise
                done = reported[0]
        return self._out.format.exit_code(done, signals.code)

    def _arrived(self, result: Result) -> None:
        self._progress.finished(result.target)
        if self._lines is not None:
            self._progress.clear()
            self._lines.add(result)

    def _report(self, run: Run, changes: Sequence[Change] | None) -> None:
        out, screen = self._out, self._screen
        for file in out.files:
            screen.write_file(file, run)
        if out.on_change and changes is not None:
            self._report_changes(run, changes)
        elif out.quiet or (out.on_change and out.format.can.for_people):
            screen.show(
                Format.QUIET, run
            )  # without a history nothing says what is news: each failure is told
        elif self._lines is not None:
            self._lines.end(run)
        else:
            screen.show(out.format, run)
        screen.append_summary(out.format, run)
        if self._bundle is not None and out.bundle is not None:
            screen.write_bundle(out.bundle, self._bundle.of_run(run))

    def _report_changes(self, run: Run, changes: Sequence[Change]) -> None:
        """Sentences for people; a machine format is the whole run, when there is something to tell."""
        if changes and self._out.format.can.for_people:
            from llmprobe.alerts import message, notices_of

            self._screen.write(message(notices_of(changes), run))
        elif changes:
            self._screen.show(self._out.format, run)


def _new_bundle() -> Bundle:
    from llmprobe.reports.bundle import Bundle

    return Bundle()


def _lines(job: Job, out: Output, screen: Screen) -> Lines:
    return out.format.lines(screen.write, Tracking(job.tracking, screen.note).may_amend)
