"""Rate limit or quota: a decision of its own, by period, zero limits and the distance of the reset."""

from __future__ import annotations

from msgspec import Struct

from llmprobe.classify.clauses import concepts_in
from llmprobe.classify.retry_after import retry_after_s
from llmprobe.classify.rules.lexicon import Concept as K
from llmprobe.classify.signals import Signals
from llmprobe.model import Category as C
from llmprobe.model import Evidence

LONG_WAIT_S = 3600.0
"""Waiting longer than this is no longer waiting out a rate."""
_NOT_A_RATE = frozenset({400, 402, 403, 412})
_ZERO = ("limit: 0 ", "limit_value: 0 ", "limit 0 ", "limit of 0 ")


class Limit(Struct, frozen=True):
    """What a limit turned out to be, by which sign, whether a code that says otherwise yields to it, and
    whether its end is far away."""

    category: C
    sign: str
    limit: str | None = None
    strong: bool = True
    far: bool = False


def limit_of(evidence: Evidence, signals: Signals, *, period: str | None) -> Limit | None:
    """What period, reset and zero limits say, then the provider's usual period; None where all are silent."""
    said = concepts_in(signals.said)
    named: frozenset[K] = frozenset().union(*(concepts_in(code) for code in signals.codes))
    wait = retry_after_s(evidence)
    if _is_zero(signals):
        return Limit(C.QUOTA_EXHAUSTED, "the limit is zero", "free_tier")
    if K.LONG in named and K.SHORT not in named:
        return Limit(C.QUOTA_EXHAUSTED, "its identifier names a day or a month", _period(signals))
    if wait is not None and wait > LONG_WAIT_S:
        return Limit(C.QUOTA_EXHAUSTED, "the wait is longer than an hour", "daily", far=True)
    if K.SHORT in named:
        return Limit(C.RATE_LIMITED, "its identifier names a minute or a second")
    if wait is not None:
        return Limit(C.RATE_LIMITED, "a short wait cures it", strong=False)
    if K.LONG in said:
        return Limit(C.QUOTA_EXHAUSTED, "it speaks of a day or a month", _period(signals))
    if K.SHORT in said:
        return Limit(C.RATE_LIMITED, "it speaks of a minute or a second")
    if signals.http_status in _NOT_A_RATE and K.RATE not in said | named:
        return Limit(C.QUOTA_EXHAUSTED, "the status is not a rate limit's", strong=False)
    if period == "minute":
        return Limit(C.RATE_LIMITED, "this provider counts its quotas by the minute", strong=False)
    return None


def _period(signals: Signals) -> str:
    return "monthly" if "month" in f"{signals.text} {' '.join(signals.codes)}" else "daily"


def _is_zero(signals: Signals) -> bool:
    text = " ".join(signals.text.replace(",", " ").replace(".", " ").split()) + " "
    return "quota_limit_value_zero" in signals.codes or any(part in text for part in _ZERO)
