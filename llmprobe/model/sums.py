"""What results add up to while a process lives: counts by verdict, and histograms of times."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from llmprobe.model.metrics import BUCKETS_S, RESULT_SUMS, Kind, Metric, samples, who
from llmprobe.model.result import Result

Labelled = tuple[str, ...]
"""The values of a sample's labels: those that name the result, then the metric's own."""


class Spread:
    """A histogram: how many values fell into each bucket, and their sum."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS_S) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(BUCKETS_S, value)] += 1
        self.total += value

    def buckets(self) -> Iterator[tuple[str, int]]:
        """Upper bounds as text, and how many values are not above them."""
        below = 0
        for bound, count in zip((*map(str, BUCKETS_S), "+Inf"), self.counts, strict=True):
            below += count
            yield bound, below


class Sums:
    """The sums of one thing: a probe of a target."""

    def __init__(self) -> None:
        self._counts: dict[str, dict[Labelled, float]] = {}
        self._spreads: dict[str, dict[Labelled, Spread]] = {}

    def add(self, result: Result) -> None:
        for metric in RESULT_SUMS:
            for labels, value in samples(metric, result):
                values = (*who(result), *(labels[name] for name in metric.labels))
                self._take(metric, values, value)

    def counts(self, metric: Metric[Result]) -> Sequence[tuple[Labelled, float]]:
        return list(self._counts.get(metric.name, {}).items())

    def spreads(self, metric: Metric[Result]) -> Sequence[tuple[Labelled, Spread]]:
        return list(self._spreads.get(metric.name, {}).items())

    def _take(self, metric: Metric[Result], values: Labelled, value: float) -> None:
        if metric.kind is Kind.HISTOGRAM:
            self._spreads.setdefault(metric.name, {}).setdefault(values, Spread()).add(value)
        else:
            counts = self._counts.setdefault(metric.name, {})
            counts[values] = counts.get(values, 0.0) + value
