"""Rate limit or quota: a decision of its own, by period, zero limits and the distance of the reset."""

from __future__ import annotations

import time
from collections.abc import Callable

from msgspec import Struct

from llmprobe.classify.clauses import concepts_in
from llmprobe.classify.retry_after import retry_after_s
from llmprobe.classify.rules.lexicon import Concept as K
from llmprobe.classify.signals import Signals
from llmprobe.durations import format_duration
from llmprobe.model import Category as C
from llmprobe.model import Evidence, Window
from llmprobe.providers.rate_limit import windows_of

LONG_WAIT_S = 3600.0
"""Waiting longer than this is no longer waiting out a rate."""
_NOT_A_RATE = frozenset({400, 402, 403, 412})
_LONG_WINDOWS = {"day": "daily", "month": "monthly"}
_ZERO = ("limit: 0 ", "limit_value: 0 ", "limit 0 ", "limit of 0 ")


class Limit(Struct, frozen=True):
    """What a limit turned out to be, by which sign, whether a code that says otherwise yields to it, and
    whether its end is far away."""

    category: C
    sign: str
    limit: str | None = None
    strong: bool = True
    far: bool = False


class Clues(Struct, frozen=True):
    """What the answer shows of its limit: concepts that are said and named, the wait, the used-up windows."""

    signals: Signals
    said: frozenset[K]
    named: frozenset[K]
    wait_s: float | None
    used_up: tuple[Window, ...]
    usual: str | None

    @property
    def reset_s(self) -> float | None:
        return max((w.reset_s for w in self.used_up if w.reset_s is not None), default=None)


def limit_of(evidence: Evidence, signals: Signals, *, period: str | None) -> Limit | None:
    """What zero limits, waits, headers, periods and the provider's habit say, the surest first."""
    clues = Clues(
        signals,
        said=concepts_in(signals.said),
        named=frozenset().union(*(concepts_in(code) for code in signals.codes)),
        wait_s=retry_after_s(evidence),
        used_up=_used_up(evidence),
        usual=period,
    )
    return next((limit for ask in _CLUES if (limit := ask(clues)) is not None), None)


def _zero(c: Clues) -> Limit | None:
    return Limit(C.QUOTA_EXHAUSTED, "the limit is zero", "free_tier") if _is_zero(c.signals) else None


def _named_long(c: Clues) -> Limit | None:
    if K.LONG not in c.named or K.SHORT in c.named:
        return None
    return Limit(C.QUOTA_EXHAUSTED, "its identifier names a day or a month", _period(c.signals))


def _long_wait(c: Clues) -> Limit | None:
    if c.wait_s is None or c.wait_s <= LONG_WAIT_S:
        return None
    return Limit(C.QUOTA_EXHAUSTED, "the wait is longer than an hour", "daily", far=True)


def _long_window(c: Clues) -> Limit | None:
    """Where the server names a short wait of its own, the reset of a window is no reason to doubt it."""
    if c.wait_s is None and c.reset_s is not None and c.reset_s > LONG_WAIT_S:
        return Limit(C.QUOTA_EXHAUSTED, _ends_in(c.reset_s), "daily")
    name = next((w.window for w in c.used_up if w.window in _LONG_WINDOWS), None)
    if name is None:
        return None
    return Limit(C.QUOTA_EXHAUSTED, f"its headers say that the {name} is used up", _LONG_WINDOWS[name])


def _named_short(c: Clues) -> Limit | None:
    return Limit(C.RATE_LIMITED, "its identifier names a minute or a second") if K.SHORT in c.named else None


def _short_wait(c: Clues) -> Limit | None:
    return Limit(C.RATE_LIMITED, "a short wait cures it", strong=False) if c.wait_s is not None else None


def _short_window(c: Clues) -> Limit | None:
    if c.reset_s is None or K.LONG in c.said:
        return None
    return Limit(C.RATE_LIMITED, _ends_in(c.reset_s), strong=False)


def _said_period(c: Clues) -> Limit | None:
    if K.LONG in c.said:
        return Limit(C.QUOTA_EXHAUSTED, "it speaks of a day or a month", _period(c.signals))
    return Limit(C.RATE_LIMITED, "it speaks of a minute or a second") if K.SHORT in c.said else None


def _no_rate(c: Clues) -> Limit | None:
    if c.signals.http_status not in _NOT_A_RATE or K.RATE in c.said | c.named:
        return None
    return Limit(C.QUOTA_EXHAUSTED, "the status is not a rate limit's", strong=False)


def _usual(c: Clues) -> Limit | None:
    if c.usual != "minute":
        return None
    return Limit(C.RATE_LIMITED, "this provider counts its quotas by the minute", strong=False)


_CLUES: tuple[Callable[[Clues], Limit | None], ...] = (
    _zero, _named_long, _long_wait, _long_window, _named_short, _short_wait, _short_window, _said_period,
    _no_rate, _usual,
)  # fmt: skip
"""The surest first."""


def _ends_in(reset_s: float) -> str:
    return f"the window that is used up ends in {format_duration(reset_s)}"


def _used_up(evidence: Evidence) -> tuple[Window, ...]:
    """The windows of which the headers say that nothing remains."""
    windows = windows_of(evidence.exchange.headers, evidence.now_s or time.time())
    return tuple(window for window in windows if window and window.remaining == 0)


def _period(signals: Signals) -> str:
    return "monthly" if "month" in f"{signals.text} {' '.join(signals.codes)}" else "daily"


def _is_zero(signals: Signals) -> bool:
    text = " ".join(signals.text.replace(",", " ").replace(".", " ").split()) + " "
    return "quota_limit_value_zero" in signals.codes or any(part in text for part in _ZERO)
