"""Trouble that lasts is mentioned once an hour, not with every round."""

from __future__ import annotations

from collections.abc import Callable

_AGAIN_S = 3600.0
_MOST = 100


class Once:
    """
    Passes a sentence on, unless it has passed the same one within the last hour.

    Args:
        note: Where sentences go.
        now: Monotonic seconds.
    """

    def __init__(self, note: Callable[[str], None], now: Callable[[], float]) -> None:
        self._note = note
        self._now = now
        self._said: dict[str, float] = {}

    def __call__(self, text: str) -> None:
        at, said_at = self._now(), self._said.pop(text, None)
        is_news = said_at is None or at - said_at >= _AGAIN_S
        self._said[text] = at if said_at is None or is_news else said_at
        if len(self._said) > _MOST:
            del self._said[next(iter(self._said))]
        if is_news:
            self._note(text)
