"""Tokens spent in the last hour, against a budget: what has to fit into any sixty minutes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

_HOUR_S = 3600.0
_BUCKET_S = 60.0
WINDOW_S = _HOUR_S + _BUCKET_S
"""How long a token counts, at the most."""


class HourlyTokens:
    """
    A budget of tokens for any hour, not for the hours of the clock.

    Memory is bounded: tokens are counted by the minute in which they were spent, and a minute is forgotten
    as a whole an hour after it has ended.

    Args:
        limit: Tokens in an hour; None for no limit.
        clock: Monotonic seconds.
    """

    def __init__(self, limit: int | None, clock: Callable[[], float]) -> None:
        self.limit = limit
        self._clock = clock
        self._minutes: deque[tuple[int, int]] = deque()
        self._spent = 0
        self._reserved = 0

    @property
    def spent(self) -> int:
        """Tokens of the last hour."""
        oldest = (self._clock() - _HOUR_S) // _BUCKET_S
        while self._minutes and self._minutes[0][0] < oldest:
            self._spent -= self._minutes.popleft()[1]
        return self._spent

    def reserve(self, tokens: int) -> bool:
        """Set tokens aside for a probe; False, and nothing is set aside, where the hour has too few left."""
        if self.limit is not None and self.spent + self._reserved + tokens > self.limit:
            return False
        self._reserved += tokens
        return True

    def settle(self, reserved: int, used: int) -> None:
        """The probe for which tokens were set aside has used these."""
        self._reserved -= reserved
        self.spend(used)

    def spend(self, tokens: int) -> None:
        """Count tokens that were spent just now."""
        minute = int(self._clock() // _BUCKET_S)
        is_same = bool(self._minutes) and self._minutes[-1][0] == minute
        before = self._minutes.pop()[1] if is_same else 0
        self._minutes.append((minute, before + tokens))
        self._spent += tokens
