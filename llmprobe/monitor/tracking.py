"""What is tracked around a run: baselines and pauses before it, results, incidents and alerts after it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from llmprobe.config.alerts import AlertSettings
from llmprobe.config.history import HistorySettings, history_path
from llmprobe.errors import HistoryError
from llmprobe.model import Category, Pause, ProbeKind, Result, Run, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmprobe.alerts.interface import Sink, Watcher
    from llmprobe.history import History
    from llmprobe.history.incidents import AlertRule
    from llmprobe.model.past import Change, Incident, PastResult

T = TypeVar("T")
Note = Callable[[str], None]
"""Where a sentence about the tracking itself goes: never among the results."""

STDOUT = "stdout"
_LEFT_FOR_SINKS_S = 0.4
"""Where probes have used up the run's deadline, a quick sink is told all the same."""
_ALERTING_S = 60.0
"""How long a run may take to tell its sinks, before another may take its lock over."""


class Tracked(Struct, frozen=True):
    """
    Settings of one run.

    Attributes:
        record: Whether its results are written down.
        on_change: Print only when there is something to tell.
        source: Names the configuration; runs of one configuration that alert are one at a time.
        deadline_s: When the run ends at the latest, if that was asked for.
    """

    db: Path | None = None
    settings: HistorySettings = field(default_factory=HistorySettings)
    alerts: AlertSettings = field(default_factory=AlertSettings)
    record: bool = False
    on_change: bool = False
    source: str = "library"
    deadline_s: float | None = None

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


class Tracking:
    """
    The history and the alerts around one run. Whatever goes wrong with them is noted,
    and the probes' own results are printed all the same.
    """

    def __init__(self, about: Tracked, note: Note) -> None:
        self._about = about
        self._note = note
        self._run: Run | None = None
        self._is_bad: Callable[[Result], bool] = lambda _: False
        self._recorded = False
        self._began = time.monotonic()

    @property
    def alerts(self) -> bool:
        """Whether somebody is to be told of this run."""
        return self._about.alerts.any

    @contextmanager
    def lock(self) -> Iterator[None]:
        """
        Runs that alert are one at a time for each configuration. Raises BusyError.

        Where the lock cannot be written, the run goes on without it.
        """
        if not self._about.alerting:
            yield
            return
        from llmprobe.history.lock import only_one

        deadline_s = self._about.deadline_s
        lasts_s = None if deadline_s is None else deadline_s + _ALERTING_S
        with ExitStack() as stack:
            try:
                stack.enter_context(only_one(self._about.path.parent, self._about.source, lasts_s))
            except HistoryError as exc:
                _warn(self._note, exc, "going on without it")
            yield

    def prepared(self, targets: Sequence[Target]) -> list[Target]:
        """With `2x baseline` made seconds."""
        if not any(target.thresholds.baselines for target in targets):
            return list(targets)
        from llmprobe.history.baseline import with_baselines

        now = time.time()

        def resolved(history: History | None) -> list[Target]:
            return [with_baselines(target, history, now) for target in targets]

        return self._ask(resolved, otherwise=lambda: resolved(None))

    def pauses(self) -> Mapping[tuple[str, ProbeKind], Pause]:
        """What must not be sent now, for runs of a series; by hand one wants to know now."""
        if not self._about.stateful:
            return {}
        from llmprobe.history.pauses import pauses

        return self._ask(lambda history: pauses(history, time.time()), otherwise=dict)

    def may_amend(self, result: Result) -> bool:
        """Whether the other results or the past may still change what is said of this one."""
        if result.category is Category.SLOW:
            return self._about.path.exists()
        return result.category is Category.AUTH

    def with_past(self, run: Run) -> Run:
        """With what the history says of its verdicts, and the mute windows of what is told."""
        if mutes := self._about.alerts.mutes:
            from llmprobe.monitor.mute import notes_of

            run = replace(run, notes=(*run.notes, *notes_of(mutes, run, _ended(run))))
        if not any(r.category in (Category.AUTH, Category.SLOW) for r in run.results):
            return run
        from llmprobe.history.hindsight import with_past

        return self._ask(lambda history: with_past(run, history), otherwise=lambda: run)

    def record(self, run: Run, is_bad: Callable[[Result], bool]) -> None:
        """Write the run down, once; `is_bad` says what counts as failing."""
        self._run, self._is_bad = run, is_bad
        if not self._about.stateful:
            return
        from llmprobe.history.record import record
        from llmprobe.history.retention import forget

        settings = self._about.settings

        def write(history: History) -> bool:
            record(history, run, self._rule(), is_bad)
            forget(history, before_utc=run.started_at_utc - settings.keep_s, max_bytes=settings.max_bytes)
            return True

        self._recorded = self._ask(
            write, otherwise=lambda: False, create=True, failed="this run is not recorded"
        )

    def news(self) -> list[Change] | None:
        """What standard output has not told yet; None where that is not remembered."""
        return self._told({STDOUT: False})[STDOUT] if self._recorded else None

    def recorded(self, run: Run, is_bad: Callable[[Result], bool]) -> None:
        """This run, or its parts, have been written down before: from here on it is only told."""
        self._run, self._is_bad, self._recorded = run, is_bad, self._about.stateful

    def open_incidents(self) -> list[Incident]:
        """What is failing by the history, as far as it is told; nothing where there is no history."""
        from llmprobe.history.queries import open_incidents

        return self._ask(open_incidents, otherwise=list)

    def incidents_since(self, since_utc: float) -> list[Incident]:
        """Those that lasted into the time since, newest first; nothing where there is no history."""
        from llmprobe.history.queries import incidents

        return self._ask(lambda history: incidents(history, since_utc), otherwise=list)

    def last_results(self, names: Sequence[str], most: int) -> dict[str, list[PastResult]]:
        """The last results of targets, newest first; nothing where there is no history."""
        from llmprobe.history.queries import recent

        return self._ask(
            lambda history: {name: recent(history, name, most) for name in names}, otherwise=dict
        )

    def incident(self, known: Incident) -> Incident:
        """An incident as it stands now; as it was known where the history has forgotten it."""
        from llmprobe.history.queries import incident

        return self._ask(lambda history: incident(history, known.id) or known, otherwise=lambda: known)

    def printed(self, changes: Sequence[Change]) -> None:
        """Standard output has told these."""
        if changes:
            self._settle({STDOUT: changes}, [])

    async def tell(self, heard: Run | None = None) -> None:
        """
        Tell every sink what it has not been told, all at once; what fails is told with the next run.

        Args:
            heard: What those hear that hear of every run, if that is not this run as a whole.
        """
        alerts = self._about.alerts
        if self._run is None or not alerts.hear_runs:
            return
        from llmprobe.alerts import sinks_of, watchers_of

        sinks, watchers = sinks_of(alerts), watchers_of(alerts, self._about.deadline_s)
        due = self._told({sink.key: sink.every_run for sink in sinks})
        failing, until = self._failing(), self._until()
        outcomes = await asyncio.gather(
            *(_tell(s, due[s.key], self._run, 1 if s.key in failing else s.tries, until) for s in sinks),
            *(_hear(watcher, heard or self._run, until) for watcher in watchers),
        )
        self._conclude(outcomes, failing)

    def _until(self) -> float | None:
        """When telling ends: with the run's deadline, if any, and not before a quick sink can be told."""
        if self._about.deadline_s is None:
            return None
        return max(self._began + self._about.deadline_s, time.monotonic() + _LEFT_FOR_SINKS_S)

    def _conclude(self, outcomes: Sequence[Outcome], failing: set[str]) -> None:
        """Remember what arrived, and mention what did not: at once, then once a day while it lasts."""
        arrived = {o.key: o.arrived for o in outcomes if o.arrived or (o.error is None and o.key in failing)}
        failed = [o.key for o in outcomes if o.error is not None]
        mention = self._settle(arrived, failed) if arrived or failed else set()
        for outcome in outcomes:
            if outcome.key in mention:
                later = "; trying again with the next run" if self._recorded and outcome.owes_news else ""
                self._note(f"error: {outcome.name} {outcome.error}{later}")

    def _rule(self) -> AlertRule:
        from llmprobe.history.incidents import AlertRule, Share

        alerts, wanted = self._about.alerts, self._about.alerts.fail_share
        share = None if wanted is None else Share(wanted.share, wanted.window_s, wanted.least)
        return AlertRule(alerts.confirm, alerts.recover, alerts.remind_s, share)

    def _told(self, sinks: Mapping[str, bool]) -> dict[str, list[Change]]:
        """
        What each sink is told now: not what is muted.

        What began and ended within a mute window is never told; what lasts is told after it.
        """
        due = self._due(sinks)
        if not (mutes := self._about.alerts.mutes):
            return due
        from llmprobe.monitor.mute import muting, with_mute

        assert self._run is not None
        run = self._run
        muted = {
            key: [c for c in changes if muting(mutes, run, c.incident.target, c.at_utc)]
            for key, changes in due.items()
        }
        over = {key: [c for c in changes if c.is_over_unheard] for key, changes in muted.items()}
        if any(over.values()):
            self._settle(over, [])
        return {
            key: [with_mute(c, mutes, run) for c in changes if c not in muted[key]]
            for key, changes in due.items()
        }

    def _due(self, sinks: Mapping[str, bool]) -> dict[str, list[Change]]:
        """Of each sink (and whether it wants what lasts with every run) the changes that it is owed."""
        assert self._run is not None
        from llmprobe.history import deliveries

        run, is_bad, rule = self._run, self._is_bad, self._rule()
        unknown = dict.fromkeys(sinks, deliveries.untracked(run, is_bad))
        if not self._recorded:
            return unknown

        def owed(history: History) -> dict[str, list[Change]]:
            return {
                key: deliveries.due(history, key, run, rule.repeated() if every_run else rule, is_bad)
                for key, every_run in sinks.items()
            }

        return self._ask(owed, otherwise=lambda: unknown)

    def _failing(self) -> set[str]:
        """The sinks that could not be reached the last time."""
        if not self._recorded:
            return set()
        from llmprobe.history.deliveries import failing

        return self._ask(failing, otherwise=set)

    def _settle(self, arrived: Mapping[str, Sequence[Change]], failed: Sequence[str]) -> set[str]:
        """Write down who was told what and who was not; the sinks whose failure is worth a word now."""
        if not self._recorded:
            return set(failed)
        from llmprobe.history.deliveries import settle

        return self._ask(
            lambda history: settle(history, arrived, failed, time.time()), otherwise=lambda: set(failed)
        )

    def _ask(
        self,
        ask: Callable[[History], T],
        *,
        otherwise: Callable[[], T],
        create: bool = False,
        failed: str = "going on without it",
    ) -> T:
        path = self._about.path
        return ask_history(path, self._note, ask, otherwise=otherwise, create=create, failed=failed)


def _ended(run: Run) -> float:
    return run.started_at_utc + run.duration_s


class Outcome(Struct, frozen=True):
    """
    What became of one sink in one run; `error` is None where all went well.

    `owes_news`: what did not arrive is told with the next run.
    """

    key: str
    name: str
    error: str | None
    arrived: tuple[Change, ...] = ()
    owes_news: bool = False


async def _tell(sink: Sink, changes: Sequence[Change], run: Run, tries: int, until: float | None) -> Outcome:
    """Notice by notice, up to the first that does not arrive: a dead sink costs one wait."""
    from llmprobe.alerts import notices_of

    arrived: list[Change] = []
    for notice in notices_of(changes):
        for left in reversed(range(tries)):
            if (error := await _in_time(sink.tell(notice, run), until)) is None:
                break
            if not left:
                return Outcome(sink.key, sink.name, error, tuple(arrived), owes_news=True)
        arrived += notice.changes
    return Outcome(sink.key, sink.name, None, tuple(arrived))


async def _hear(watcher: Watcher, run: Run, until: float | None) -> Outcome:
    return Outcome(watcher.key, watcher.name, await _in_time(watcher.hear(run), until))


async def _in_time(telling: Coroutine[Any, Any, str | None], until: float | None) -> str | None:
    try:
        async with asyncio.timeout_at(until):
            return await telling
    except TimeoutError:
        return "was not reached before the run's deadline"


def ask_history(
    path: Path,
    note: Note,
    ask: Callable[[History], T],
    *,
    otherwise: Callable[[], T],
    create: bool = False,
    failed: str,
) -> T:
    """The history's answer; `otherwise` where there is none, or it cannot be used (which is noted)."""
    from llmprobe.history import open_history

    try:
        if not create and not path.exists():
            return otherwise()
        with open_history(path, create=create) as history:
            return ask(history)
    except HistoryError as exc:
        _warn(note, exc, failed)
        return otherwise()


def _warn(note: Note, error: HistoryError, failed: str) -> None:
    note(f"warning: {error.message}; {failed}")
    if error.hint:
        note(f"hint: {error.hint}")
