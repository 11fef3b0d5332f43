"""Incidents of a process that writes nothing down: by the same hysteresis, and forgotten with it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from msgspec.structs import replace

from llmprobe.history.hysteresis import State, Turn, step
from llmprobe.model import Result, Status
from llmprobe.model.past import Incident
from llmprobe.monitor.guard import Key

_MOST = 100


class Unrecorded:
    """What has begun to fail since the process began, the newest first in `incidents`."""

    def __init__(self) -> None:
        self._states: dict[Key, State] = {}
        self._incidents: deque[Incident] = deque(maxlen=_MOST)
        self._number = 0

    @property
    def incidents(self) -> Sequence[Incident]:
        return list(self._incidents)

    def hear(self, key: Key, result: Result, at_utc: float, *, bad: bool, confirm: int, recover: int) -> bool:
        """Whether a verdict has begun an incident, or ended one; what was skipped is no verdict."""
        if result.status is Status.SKIPPED:
            return False
        state = self._states.get(key, State())
        after, turn = step(state, bad=bad, at=at_utc, confirm=confirm, recover=recover)
        if turn is Turn.OPENED:
            after = replace(after, incident=self._open(result, after.streak_since or at_utc, at_utc))
        elif turn is Turn.CLOSED:
            self._close(state.incident, after.streak_since or at_utc)
        self._states[key] = after if turn is Turn.NOTHING else replace(after, streak_since=None)
        return turn is not Turn.NOTHING

    def _open(self, result: Result, opened_at: float, at: float) -> int:
        self._number += 1
        cause = (result.category, result.fault, result.reason)
        incident = Incident(self._number, result.target, result.provider, *cause, opened_at, at, None, 1)
        self._incidents.appendleft(incident)
        return self._number

    def _close(self, number: int | None, at: float) -> None:
        for place, incident in enumerate(self._incidents):
            if incident.id == number:
                self._incidents[place] = replace(incident, closed_at_utc=at)
