"""The table of metrics: one list, from which every face of it reads."""

from __future__ import annotations

import re
from itertools import chain

import pytest
from msgspec.structs import replace
from prometheus_client.exposition import choose_encoder

from llmprobe.model import Category, ProbeKind, Result, Run, Status, Timings
from llmprobe.model.cost import Spent
from llmprobe.model.metrics import (
    BUCKETS_S,
    GROUP_GAUGES,
    RESULT_GAUGES,
    RESULT_SUMS,
    RUN_GAUGES,
    WHO,
    Kind,
    Metric,
    Unit,
    samples,
    who,
)
from llmprobe.model.sums import Sums
from llmprobe.reports import Look, renderer
from llmprobe.reports.exposition import exposition
from llmprobe.reports.parts import families
from tests.runs import EVERYTHING

TABLE: list[Metric[Run]] = [*chain(RESULT_GAUGES, RESULT_SUMS, GROUP_GAUGES, RUN_GAUGES)]  # type: ignore[list-item]
SUMS = {metric.name: metric for metric in RESULT_SUMS}
ANSWERED = Result(
    "t", "p", "d", "m", ProbeKind.STREAM, "http://x", Status.HEALTHY, Category.OK, None, None, "",
    timings=Timings(dns_s=0.1, connect_s=0.2, tls_s=0.3, send_s=0.1, sent_s=0.7, headers_s=1.7, ttft_s=2, total_s=3),
    spent=Spent(1, 10, 5, 0.001, "list"),
)  # fmt: skip


def test_every_name_stands_once_and_is_one_that_prometheus_takes() -> None:
    names = [metric.prometheus_name for metric in TABLE]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"llmprobe_[a-z_]+", name) for name in names)


@pytest.mark.parametrize("metric", TABLE, ids=lambda metric: metric.name)
def test_a_name_tells_its_unit(metric: Metric[Run]) -> None:
    assert metric.name.endswith("_seconds") == (metric.unit is Unit.SECONDS)
    assert metric.help.endswith(".")
    assert not metric.otel_name.endswith("_seconds")


def test_the_file_for_prometheus_holds_what_the_table_says() -> None:
    text = renderer("prometheus")(replace(EVERYTHING, results=[*EVERYTHING.results, ANSWERED]), Look())
    written = re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M)
    known = {metric.prometheus_name: metric.kind for metric in TABLE}
    assert written
    assert all(known[name] == kind for name, kind in written)
    assert {name for name, _ in written} >= {metric.prometheus_name for metric in RESULT_GAUGES}


def test_labels_are_those_that_the_table_names() -> None:
    for metric in (*RESULT_GAUGES, *RESULT_SUMS):
        found = [
            labels for result in (*EVERYTHING.results, ANSWERED) for labels, _ in samples(metric, result)
        ]
        assert found, metric.name
        assert all(set(labels) == set(metric.labels) for labels in found)
    assert len(who(ANSWERED)) == len(WHO)


def test_buckets_are_those_of_opentelemetry() -> None:
    assert BUCKETS_S == (
        0.01,
        0.02,
        0.04,
        0.08,
        0.16,
        0.32,
        0.64,
        1.28,
        2.56,
        5.12,
        10.24,
        20.48,
        40.96,
        81.92,
    )


def test_the_phases_of_the_histogram_are_those_of_the_whole_exchange() -> None:
    found = {labels["phase"]: value for labels, value in samples(SUMS["phase_duration_seconds"], ANSWERED)}
    assert found == pytest.approx(
        {"dns": 0.1, "connect": 0.2, "tls": 0.3, "send": 0.1, "processing": 1.0, "transfer": 1.3}
    )


def test_a_failed_probe_counts_but_has_no_latency() -> None:
    failed = next(result for result in EVERYTHING.results if result.status is Status.FAILED)
    assert [value for _, value in samples(SUMS["probes"], failed)] == [1.0]
    assert all(not list(samples(metric, failed)) for metric in RESULT_SUMS if metric.kind is Kind.HISTOGRAM)


@pytest.mark.parametrize(
    "accept",
    ["", "text/plain;version=0.0.4", "text/plain;version=1.0.0;escaping=allow-utf-8",
     "application/openmetrics-text", "application/openmetrics-text;version=1.0.0;escaping=values"],
)  # fmt: skip
def test_a_series_that_is_remembered_reads_as_prometheus_client_writes_it(accept: str) -> None:
    """To the byte, at the first scrape and at the second, whatever stands in a label."""
    hostile = replace(ANSWERED, target='a"b\\c\nd}{ =é', model="# EOF")
    sums = Sums()
    for result in (*EVERYTHING.results, ANSWERED, hostile):
        sums.add(result)

    def found() -> list[families.Family]:
        return [
            *families.of_results([*EVERYTHING.results, hostile]),
            *families.of_sums([sums]),
            *families.of_run(EVERYTHING),
        ]

    for _ in range(2):
        sums.add(hostile)
        encode, content_type = choose_encoder(accept)
        made = exposition(found(), accept)
        assert made.body == encode(families.registry(found()))
        assert made.headers["content-type"] == content_type
