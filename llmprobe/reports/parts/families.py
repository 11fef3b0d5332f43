"""Metric families for Prometheus, from the table of metrics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family

from llmprobe.model import GroupResult, Result, Run
from llmprobe.model.metrics import GROUP_GAUGES, RESULT_GAUGES, RUN_GAUGES, WHO, Labels, Metric, samples, who

T = TypeVar("T")


def of_run(run: Run) -> Iterator[Family]:
    for metric in RUN_GAUGES:
        yield from _gauge(metric, (), [((), labels, value) for labels, value in metric.read(run)])


def of_results(results: Sequence[Result]) -> Iterator[Family]:
    """One family for each metric that has a sample."""
    named = [(who(result), result) for result in results]
    for metric in RESULT_GAUGES:
        found = [(name, *sample) for name, result in named for sample in samples(metric, result)]
        yield from _gauge(metric, WHO, found)


def of_groups(groups: Sequence[GroupResult]) -> Iterator[Family]:
    for metric in GROUP_GAUGES:
        found = [((group.name,), *sample) for group in groups for sample in metric.read(group)]
        yield from _gauge(metric, ("group",), found)


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


def _gauge(
    metric: Metric[Any], names: Sequence[str], found: Sequence[tuple[Sequence[str], Labels, float | None]]
) -> Iterator[Family]:
    family = GaugeMetricFamily(metric.prometheus_name, metric.help, labels=(*names, *metric.labels))
    for values, labels, value in found:
        if value is not None:
            family.add_metric((*values, *(labels[name] for name in metric.labels)), value)
    if family.samples:
        yield family
