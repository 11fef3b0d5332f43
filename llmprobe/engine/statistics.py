"""Figures over samples: only those that their n can carry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from llmprobe.model import Category, Stats, Timings, Verdict
from llmprobe.units import quantile

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
