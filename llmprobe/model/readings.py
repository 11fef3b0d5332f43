"""Every gauge of one run, read off it in a row: for what hands figures out one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llmprobe.model.metrics import (
    GROUP_GAUGES,
    RESULT_GAUGES,
    RUN_GAUGES,
    WHO,
    Labels,
    Metric,
    samples,
    who,
)
from llmprobe.model.result import Run

RUN_METRICS: tuple[Metric[Any], ...] = (*RUN_GAUGES, *RESULT_GAUGES, *GROUP_GAUGES)
"""Every metric that a run may have."""
Reading = tuple[Metric[Any], Labels, float]


def readings(run: Run) -> Iterator[Reading]:
    """Each sample that is known: its metric, all its labels and the value."""
    for metric in RUN_GAUGES:
        yield from ((metric, labels, value) for labels, value in metric.read(run) if value is not None)
    for result in run.results:
        names = dict(zip(WHO, who(result), strict=True))
        for of_result in RESULT_GAUGES:
            for labels, value in samples(of_result, result):
                yield of_result, {**names, **labels}, value
    for group in run.groups:
        for of_group in GROUP_GAUGES:
            for labels, known in of_group.read(group):
                if known is not None:
                    yield of_group, {"group": group.name, **labels}, known
