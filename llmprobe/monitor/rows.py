"""Where each target of a watch stands: the last checks in bounded memory, however long it lasts."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence

from msgspec import Struct, field

from llmprobe.history.queries import spread
from llmprobe.model import ProbeKind, Result, Status
from llmprobe.model.past import Change, ChangeKind, Incident, Spread
from llmprobe.model.watching import Begun, Row, Update

CELLS = 240
LATENCIES = 500
CHANGES = 100
_WORST_FIRST = (Status.FAILED, Status.DEGRADED, Status.HEALTHY, Status.SKIPPED)


class _Seen(Struct):
    """What is kept of a target."""

    results: dict[ProbeKind, Result] = field(default_factory=dict)
    since_utc: float | None = None
    cells: deque[Status] = field(default_factory=lambda: deque(maxlen=CELLS))
    latencies: deque[float] = field(default_factory=lambda: deque(maxlen=LATENCIES))
    spread: Spread = field(default_factory=lambda: Spread(0))
    incident: Incident | None = None


class Rows:
    """
    Takes the updates of a watch, and tells where its targets stand.

    Attributes:
        changes: The last changes, oldest first.
        conclusion: On the last results of all targets.
        probes, spent: Results and tokens of all updates together.
    """

    def __init__(self, targets: Sequence[str], begun: Begun | None = None) -> None:
        begun = begun or Begun()
        self._seen = {name: _Seen() for name in targets}
        for name, seen in self._seen.items():
            seen.cells.extend(begun.cells.get(name, ()))
        self.changes: deque[Change] = deque(maxlen=CHANGES)
        self.conclusion = ""
        self.probes = 0
        self.spent = 0
        for incident in begun.incidents:
            self._note(incident)

    def change(self, targets: Sequence[str]) -> None:
        """Other targets from now on; what is known of those that remain is kept."""
        self._seen = {name: self._seen.get(name) or _Seen() for name in targets}

    def take(self, update: Update) -> None:
        """Take one update in."""
        self.conclusion = update.run.conclusion
        self.probes += len(update.run.results)
        self.spent += update.tokens
        for change in update.changes:
            self.changes.append(change)
            self._note(change.incident, is_over=change.kind is ChangeKind.CLOSED)
        at_utc = update.run.started_at_utc + update.run.duration_s
        for name in dict.fromkeys(result.target for result in update.run.results):
            if (seen := self._seen.get(name)) is not None:
                _take(seen, [r for r in update.run.results if r.target == name], at_utc)

    def row(self, target: str, *, next_in_s: float | None, is_held: bool) -> Row:
        """Where one target stands; when it is probed next is the schedule's to say."""
        seen = self._seen[target]
        if not seen.results:
            return Row(target, cells=tuple(seen.cells), next_in_s=next_in_s, is_held=is_held)
        latency, to_first_token = _latency(seen.results.values())
        return Row(
            target=target,
            result=_worst(seen.results.values()),
            since_utc=seen.incident.opened_at_utc if seen.incident else seen.since_utc,
            is_incident=seen.incident is not None,
            latency=latency,
            to_first_token=to_first_token,
            spread=seen.spread,
            cells=tuple(seen.cells),
            headroom=_headroom(seen.results.values()),
            next_in_s=next_in_s,
            is_held=is_held,
        )

    def _note(self, incident: Incident, *, is_over: bool = False) -> None:
        if (seen := self._seen.get(incident.target)) is not None:
            seen.incident = None if is_over else incident


def _take(seen: _Seen, results: Sequence[Result], at_utc: float) -> None:
    before = _worst(seen.results.values()) if seen.results else None
    for result in results:
        seen.results[result.probe] = result
    now = _worst(seen.results.values())
    if before is None or (before.status, before.category) != (now.status, now.category):
        seen.since_utc = at_utc
    seen.cells.append(_worst(results).status)
    latency, _ = _latency(results)
    if latency is not None:
        seen.latencies.append(latency)
        seen.spread = spread(seen.latencies)


def _worst(results: Collection[Result]) -> Result:
    return min(results, key=lambda result: _WORST_FIRST.index(result.status))


def _latency(results: Collection[Result]) -> tuple[float | None, bool]:
    """The first token's instant where one came, else the end's; of what works alone."""
    working = [r for r in results if r.status in (Status.HEALTHY, Status.DEGRADED)]
    for result in working:
        if result.timings.ttft_s is not None:
            return result.timings.ttft_s, True
    return next((r.timings.total_s for r in working if r.timings.total_s is not None), None), False


def _headroom(results: Collection[Result]) -> float | None:
    windows = (w for r in results for w in (r.rate_limit.requests, r.rate_limit.tokens))
    return min((w.left for w in windows if w is not None and w.left is not None), default=None)
