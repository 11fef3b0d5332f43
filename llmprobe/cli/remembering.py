"""What `check` remembers: baselines and pauses before the run, results and changes after it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from llmprobe.cli.event_loop import in_loop
from llmprobe.cli.output import Screen
from llmprobe.config.history import AlertSettings, MemorySettings, history_path
from llmprobe.errors import HistoryError
from llmprobe.model import Category, ProbeKind, Result, Run, Target

if TYPE_CHECKING:
    from llmprobe.history import History
    from llmprobe.model.past import Change

T = TypeVar("T")


class Remembering(Struct, frozen=True):
    """
    Settings of one run.

    Attributes:
        record: Whether its results are written down.
        on_change: Print only when there is something to tell.
    """

    db: Path | None
    settings: MemorySettings
    alerts: AlertSettings
    record: bool
    on_change: bool
    source: str

    @property
    def path(self) -> Path:
        return history_path(self.db, self.settings, os.environ)

    @property
    def alerting(self) -> bool:
        return self.on_change or self.alerts.any

    @property
    def stateful(self) -> bool:
        """Whether this run belongs to a series: it keeps to pauses, and adds to the history."""
        return self.record or self.alerting


class Memory:
    """
    The history around one run. Whatever goes wrong with it is told on standard error,
    and the probes' own results are printed all the same.
    """

    def __init__(self, about: Remembering, screen: Screen) -> None:
        self._about = about
        self._screen = screen

    def lock(self) -> AbstractContextManager[None]:
        """Runs that alert are one at a time for each configuration. Raises BusyError."""
        if not self._about.alerting:
            return nullcontext()
        from llmprobe.history.lock import only_one

        return only_one(self._about.path.parent, self._about.source)

    def prepared(self, targets: Sequence[Target]) -> list[Target]:
        """With `2x baseline` made seconds."""
        if not any(target.thresholds.baselines for target in targets):
            return list(targets)
        from llmprobe.history.baseline import with_baselines

        now = time.time()

        def resolved(history: History | None) -> list[Target]:
            return [with_baselines(target, history, now) for target in targets]

        return self._asked(resolved, otherwise=lambda: resolved(None))

    def pauses(self) -> Mapping[tuple[str, ProbeKind], str]:
        """What servers have asked for, for runs of a series; by hand one wants to know now."""
        if not self._about.stateful:
            return {}
        from llmprobe.history.pauses import pauses

        return self._asked(lambda history: pauses(history, time.time()), otherwise=dict)

    def with_past(self, run: Run) -> Run:
        """With what the history says of its verdicts."""
        if not any(r.category in (Category.AUTH, Category.SLOW) for r in run.results):
            return run
        from llmprobe.history.evidence import with_past

        return self._asked(lambda history: with_past(run, history), otherwise=lambda: run)

    def record(self, run: Run, is_bad: Callable[[Result], bool]) -> list[Change] | None:
        """Write the run down; what is to be told, once. None where it could not be written."""
        if not self._about.stateful:
            return []
        from llmprobe.history.record import AlertRule, record
        from llmprobe.history.retention import forget

        alerts, settings = self._about.alerts, self._about.settings
        rule = AlertRule(alerts.confirm, alerts.recover, alerts.remind_s)

        def write(history: History) -> list[Change] | None:
            changes = record(history, run, rule, is_bad)
            forget(history, before_utc=run.started_at_utc - settings.keep_s, max_bytes=settings.max_bytes)
            return changes

        return self._asked(write, otherwise=lambda: None, create=True, failed="this run is not recorded")

    def tell(self, changes: Sequence[Change], run: Run) -> None:
        """Deliver each change, and remember those that arrived; then the heartbeat."""
        alerts = self._about.alerts
        arrived = in_loop(self._deliver(changes, run)) if changes or alerts.heartbeat else []
        if not arrived:
            return
        from llmprobe.history.record import told

        self._asked(lambda history: told(history, arrived), otherwise=lambda: None, create=True)

    async def _deliver(self, changes: Sequence[Change], run: Run) -> list[Change]:
        from llmprobe.alerts import Sinks, beat, deliver

        alerts, arrived = self._about.alerts, []
        sinks = Sinks(alerts.command, alerts.webhook)
        for change in changes:
            errors = await deliver(change, run, sinks)
            for error in errors:
                self._screen.note(f"error: {error}; it will be told again")
            arrived += [] if errors else [change]
        if alerts.heartbeat is not None and (missed := await beat(alerts.heartbeat, run)):
            self._screen.note(f"error: {missed}")
        return arrived

    def _asked(
        self,
        ask: Callable[[History], T],
        *,
        otherwise: Callable[[], T],
        create: bool = False,
        failed: str = "going on without it",
    ) -> T:
        path, screen = self._about.path, self._screen
        return ask_history(path, screen, ask, otherwise=otherwise, create=create, failed=failed)


def ask_history(
    path: Path,
    screen: Screen,
    ask: Callable[[History], T],
    *,
    otherwise: Callable[[], T],
    create: bool = False,
    failed: str,
) -> T:
    """The history's answer; `otherwise` where there is none, or it cannot be used (which is told)."""
    from llmprobe.history import open_history

    try:
        if not create and not path.exists():
            return otherwise()
        with open_history(path, create=create) as history:
            return ask(history)
    except HistoryError as exc:
        screen.note(f"warning: {exc.message}; {failed}")
        if exc.hint:
            screen.note(f"hint: {exc.hint}")
        return otherwise()


def change_text(changes: Sequence[Change], run: Run) -> str:
    """What `--on-change` prints, and so cron mails."""
    from llmprobe.alerts import lines

    return "".join(f"{line}\n" for change in changes for line in lines(change, run))
