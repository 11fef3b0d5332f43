"""Figures over samples: only those that their n can carry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from llmprobe.durations import format_duration
from llmprobe.model import Category, QuantileLimit, Stats, Timings, Verdict
from llmprobe.model.timed import TIMED
from llmprobe.quantiles import quantile

MIN_N = {"median": 3, "p95": 20, "p99": 100}
QUANTILES = {"median": 0.5, "p95": 0.95, "p99": 0.99}


def summary(values: Sequence[float]) -> Mapping[str, float | None] | None:
    """min, median, p95, p99 and max of the values; None where there are too few."""
    if not values:
        return None
    carried = {
        name: quantile(values, q) if len(values) >= MIN_N[name] else None for name, q in QUANTILES.items()
    }
    return {"min": min(values), **carried, "max": max(values)}


def stats_of(samples: Sequence[tuple[Verdict, bool, Timings]]) -> Stats:
    """Samples as (verdict, failed, timings): failures count in the rate, never in the latencies."""
    good = [timings for _, failed, timings in samples if not failed]
    failed = len(samples) - len(good)
    categories = Counter(str(v.category) for v, _, _ in samples if v.category is not Category.OK)
    return Stats(
        n=len(samples),
        failed=failed,
        success_rate=len(good) / len(samples) if samples else 0.0,
        ttft=summary([t.ttft_s for t in good if t.ttft_s is not None]),
        total=summary([t.total_s for t in good if t.total_s is not None]),
        categories=dict(categories),
    )


Sample = tuple[bool, Timings]
"""Whether it failed, and its timings."""


def broken_limits(
    limits: Sequence[QuantileLimit], samples: Sequence[Sample], planned: int
) -> list[tuple[str, bool]]:
    """
    Each limit as a sentence and whether it is broken; those that n cannot judge (yet) are left out.

    A failed sample is slower than any limit. With `planned` samples a limit is decided early: as soon
    as more are too slow than the quantile allows, or so few can still be that it must hold.
    """
    judged = []
    for limit in limits:
        over = sum(failed or _exceeds(timings, limit) for failed, timings in samples)
        allowed = (1 - limit.quantile) * planned
        decided_bad = over > allowed
        decided_good = over + (planned - len(samples)) <= allowed
        if planned >= least_n(limit.quantile) and (decided_bad or decided_good):
            words = f"{limit.metric} p{limit.quantile * 100:g} < {format_duration(limit.limit_s)}"
            judged.append((f"{words}: {over} of {len(samples)} samples are slower", decided_bad))
    return judged


def least_n(quantile_: float) -> int:
    """How many samples a quantile needs: 20 for p95, 100 for p99, 3 for the median."""
    return max(MIN_N["median"], round(1 / (1 - quantile_))) if quantile_ > 0.5 else MIN_N["median"]


def _exceeds(timings: Timings, limit: QuantileLimit) -> bool:
    value = TIMED[limit.metric].of(timings)
    return value is not None and value >= limit.limit_s
