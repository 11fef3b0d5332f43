"""Figures over samples: only those that their n can carry."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence

from llmprobe.model import Category, Stats, Timings, Verdict

MIN_N = {"median": 3, "p95": 20, "p99": 100}


def summary(values: Sequence[float]) -> Mapping[str, float | None] | None:
    """min, median, p95, p99 and max of the values; None where there are too few."""
    if not values:
        return None
    cuts = statistics.quantiles(values, n=100, method="inclusive") if len(values) > 1 else []
    return {
        "min": min(values),
        "median": statistics.median(values) if len(values) >= MIN_N["median"] else None,
        "p95": cuts[94] if len(values) >= MIN_N["p95"] else None,
        "p99": cuts[98] if len(values) >= MIN_N["p99"] else None,
        "max": max(values),
    }


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
