"""Metric families for Prometheus, from the table of metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family

from llmprobe.model import GroupResult, Result, Run
from llmprobe.model.metrics import (
    GROUP_GAUGES,
    HEALTH,
    RESULT_GAUGES,
    RESULT_SUMS,
    RUN_GAUGES,
    SCRAPE,
    TOLD_GAUGES,
    WHO,
    Kind,
    Labels,
    Metric,
    samples,
    who,
)
from llmprobe.model.served import Health, Scrape, Told
from llmprobe.model.sums import Sums

__all__ = ["Family"]
T = TypeVar("T")
_Named = tuple[Sequence[str], T]
_Read = Callable[[Metric[T], T], Iterable[tuple[Labels, float | None]]]


def of_run(run: Run) -> Iterator[Family]:
    return _families(RUN_GAUGES, (), [((), run)])


def of_results(results: Iterable[Result]) -> Iterator[Family]:
    """One family for each metric that has a sample."""
    return _families(RESULT_GAUGES, WHO, [(who(result), result) for result in results], samples)


def of_groups(groups: Iterable[GroupResult]) -> Iterator[Family]:
    return _families(GROUP_GAUGES, ("group",), [((group.name,), group) for group in groups])


def of_told(told: Iterable[Told]) -> Iterator[Family]:
    return _families(TOLD_GAUGES, WHO, [(who(one.result), one) for one in told])


def of_scrape(scrape: Scrape) -> Iterator[Family]:
    return _families(SCRAPE, (), [((), scrape)])


def of_health(health: Health) -> Iterator[Family]:
    return _families(HEALTH, (), [((), health)])


def of_sums(sums: Sequence[Sums]) -> Iterator[Family]:
    """Counters and histograms, as far as something was counted."""
    for metric in RESULT_SUMS:
        labels = (*WHO, *metric.labels)
        if metric.kind is Kind.HISTOGRAM:
            histogram = HistogramMetricFamily(metric.prometheus_name, metric.help, labels=labels)
            for one in sums:
                for values, spread in one.spreads(metric):
                    histogram.add_metric(values, list(spread.buckets()), spread.total)
            yield from [histogram] if histogram.samples else []
        else:
            counter = CounterMetricFamily(metric.prometheus_name, metric.help, labels=labels)
            for one in sums:
                for values, count in one.counts(metric):
                    counter.add_metric(values, count)
            yield from [counter] if counter.samples else []


def text(found: Iterable[Family]) -> str:
    """The text format (0.0.4)."""
    return generate_latest(registry(found)).decode("utf-8")


def registry(found: Iterable[Family]) -> CollectorRegistry:
    """What `prometheus_client` encodes: these families, and nothing of the process."""
    collected = CollectorRegistry()
    collected.register(_Found(list(found)))
    return collected


class _Found:
    def __init__(self, found: list[Family]) -> None:
        self._found = found

    def collect(self) -> list[Family]:
        return self._found


def _read(metric: Metric[T], thing: T) -> Iterable[tuple[Labels, float | None]]:
    return metric.read(thing)


def _families(
    metrics: Iterable[Metric[T]],
    names: Sequence[str],
    things: Sequence[_Named[T]],
    read: _Read[Any] = _read,
) -> Iterator[Family]:
    """A family of each metric; `names` are the labels that say which thing it is of."""
    for metric in metrics:
        family_of = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
        family = family_of(metric.prometheus_name, metric.help, labels=(*names, *metric.labels))
        for values, thing in things:
            for labels, value in read(metric, thing):
                if value is not None:
                    family.add_metric((*values, *(labels[name] for name in metric.labels)), value)
        if family.samples:
            yield family
