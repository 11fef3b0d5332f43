"""When a failure is an incident, and when it is over: N bad runs in a row, then M good ones."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class State(Struct, frozen=True):
    """Of one target; `streak` counts the verdicts in a row that speak against `failing`."""

    failing: bool = False
    streak: int = 0
    streak_since: float | None = None
    incident: int | None = None


class Turn(Enum):
    """What a verdict brought about."""

    NOTHING = "nothing"
    OPENED = "opened"
    CLOSED = "closed"


def step(state: State, *, bad: bool, at: float, confirm: int, recover: int) -> tuple[State, Turn]:
    """
    The state after one more verdict.

    Args:
        at: Epoch seconds of the verdict.
        confirm: Bad verdicts in a row that open an incident.
        recover: Good verdicts in a row that close it.

    Returns:
        The new state, and what happened. On a turn, `streak_since` is the instant of the
        first verdict of the streak: when the incident really began, or really ended.
    """
    if bad == state.failing:
        return State(state.failing, 0, None, state.incident), Turn.NOTHING
    since = at if state.streak_since is None else state.streak_since
    streak = state.streak + 1
    if streak < (recover if state.failing else confirm):
        return State(state.failing, streak, since, state.incident), Turn.NOTHING
    turn = Turn.CLOSED if state.failing else Turn.OPENED
    return State(not state.failing, 0, since, state.incident), turn
