"""
The metrics of a result, of a group and of a run, as one table: name, type, unit, help, labels, reading.

Whatever hands out figures (the file for Prometheus, `/probe` and `/metrics`, OTLP) takes them from here.
Seconds are the unit of every duration and instant; an instant is epoch seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from msgspec import Struct

from llmprobe.dates import parse_rfc3339
from llmprobe.model.enums import Status
from llmprobe.model.result import GroupResult, Result, Run
from llmprobe.model.served import Health, Scrape, Told

T = TypeVar("T")
Labels = Mapping[str, str]
Sample = tuple[Labels, float | None]
"""Labels beside those that name the thing, and the value; None where it is not known."""
NO_LABELS: Labels = {}

WHO = ("target", "provider", "model", "probe")
"""The labels that say of which result a figure is."""


class Kind(StrEnum):
    """The type of a metric, as Prometheus and OpenTelemetry both call it."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


class Unit(StrEnum):
    """The unit in UCUM, as OpenTelemetry writes it."""

    SECONDS = "s"
    TARGETS = "{target}"
    TOKENS = "{token}"
    TOKENS_PER_SECOND = "{token}/s"
    USD = "USD"
    PROBES = "{probe}"
    MEMBERS = "{member}"
    ONE = "1"


class Metric(Struct, Generic[T], frozen=True):
    """
    One metric of a `T`.

    Attributes:
        name: As Prometheus knows it, without what stands in front of all and without `_total`.
        labels: Beside those that name the thing.
        read: The samples of one thing; a histogram's and a counter's are what one probe adds.
        needs_answer: Whether a target that has failed gives no sample: its latency would be no latency.
    """

    name: str
    kind: Kind
    unit: Unit
    help: str
    read: Callable[[T], Iterator[Sample]]
    labels: tuple[str, ...] = ()
    needs_answer: bool = False
    prefix: str = "llmprobe_"

    @property
    def prometheus_name(self) -> str:
        return f"{self.prefix}{self.name}"

    @property
    def otel_name(self) -> str:
        """`llmprobe.ttft`: with a unit of its own, a name has none in it."""
        return f"llmprobe.{self.name.removesuffix('_seconds')}"


BUCKETS_S = tuple(round(0.01 * 2**power, 2) for power in range(14))
"""
Upper bounds of every histogram, 10 ms to 81.92 s.

Source: OpenTelemetry's GenAI conventions, advice for `gen_ai.client.operation.duration`.
"""


def who(result: Result) -> tuple[str, ...]:
    """The values of `WHO`."""
    return (result.target, result.provider, result.model or "", str(result.probe))


def samples(metric: Metric[Result], result: Result) -> Iterator[tuple[Labels, float]]:
    """The samples of one result whose values are known."""
    if metric.needs_answer and not result.works:
        return
    for labels, value in metric.read(result):
        if value is not None:
            yield labels, value


def _one(value: Callable[[T], float | None]) -> Callable[[T], Iterator[Sample]]:
    """The reading of a metric that has one value and no labels of its own."""

    def read(thing: T) -> Iterator[Sample]:
        yield NO_LABELS, value(thing)

    return read


def _timing(name: str) -> Callable[[Result], Iterator[Sample]]:
    return _one(lambda result: getattr(result.timings, name))


def _up(result: Result) -> float | None:
    return None if result.status is Status.SKIPPED else float(result.works)


def _verdict(result: Result) -> Labels:
    return {
        "status": str(result.status),
        "category": str(result.category),
        "fault": str(result.fault or ""),
    }


def _verdicts(result: Result) -> Iterator[Sample]:
    yield _verdict(result), 1.0


def _phases(result: Result) -> Iterator[Sample]:
    timings = result.timings
    yield {"phase": "dns"}, timings.dns_s
    yield {"phase": "connect"}, timings.connect_s
    yield {"phase": "tls"}, timings.tls_s
    yield {"phase": "send"}, timings.send_s


def _all_phases(result: Result) -> Iterator[Sample]:
    """With the waiting for the first byte and the rest of the answer: together they are the whole."""
    timings = result.timings
    yield from _phases(result)
    yield {"phase": "processing"}, between(timings.sent_s, timings.headers_s)
    yield {"phase": "transfer"}, between(timings.headers_s, timings.total_s)


def between(since_s: float | None, until_s: float | None) -> float | None:
    """The seconds from one instant to the next; None where one is not known."""
    return None if since_s is None or until_s is None else max(0.0, until_s - since_s)


def _tokens(result: Result) -> Iterator[Sample]:
    yield {"kind": "input"}, result.tokens.input
    yield {"kind": "output"}, result.tokens.output


def _headroom(result: Result) -> Iterator[Sample]:
    limits = result.rate_limit
    yield {"window": "requests"}, limits.requests.left if limits.requests else None
    yield {"window": "tokens"}, limits.tokens.left if limits.tokens else None


def certificate_expiry(result: Result) -> float | None:
    """When the server's certificate ends, in epoch seconds; None without TLS."""
    return parse_rfc3339(result.tls.expires_at) if result.tls and result.tls.expires_at else None


_VERDICT = ("status", "category", "fault")
_G, _S = Kind.GAUGE, Unit.SECONDS
_OfResult = Callable[[Result], Iterator[Sample]]
_OfGroup = Callable[[GroupResult], Iterator[Sample]]
_OfTold = Callable[[Told], Iterator[Sample]]
_OfScrape = Callable[[Scrape], Iterator[Sample]]
_OfHealth = Callable[[Health], Iterator[Sample]]
_RETRY_AFTER: _OfResult = _one(lambda result: result.retry_after_s)
_RATE: _OfResult = _one(lambda result: result.tokens.per_second)
_COST: _OfResult = _one(lambda result: result.spent.usd if result.spent else None)
_SILENCE = _timing("longest_silence_s")
_GROUP_UP: _OfGroup = _one(lambda group: float(group.works))
_MEMBERS: _OfGroup = _one(lambda group: group.healthy)
_AGE: _OfTold = _one(lambda told: told.age_s)
_PAUSED: _OfTold = _one(lambda told: told.paused_s)
_SUCCESS: _OfScrape = _one(lambda scrape: float(scrape.success))
_LASTED: _OfScrape = _one(lambda scrape: scrape.duration_s)
_GIVEN: _OfScrape = _one(lambda scrape: scrape.timeout_s)
_CODE: _OfScrape = _one(lambda scrape: scrape.result.http.status or 0)
_CERTIFICATE: _OfScrape = _one(lambda scrape: certificate_expiry(scrape.result))
_TARGETS: _OfHealth = _one(lambda health: health.targets)
_RUNNING: _OfHealth = _one(lambda health: health.running)
_SPENT: _OfHealth = _one(lambda health: health.tokens)
_LIMIT: _OfHealth = _one(lambda health: health.tokens_limit)
_LAG: _OfHealth = _one(lambda health: health.loop_lag_s)
_RELOADED: _OfHealth = _one(lambda health: float(not health.reload_failed))
_RELOADED_AT: _OfHealth = _one(lambda health: health.reloaded_at_utc)


def _http_phases(scrape: Scrape) -> Iterator[Sample]:
    """In blackbox exporter's words; a phase that did not happen is 0 there."""
    timings = scrape.result.timings
    yield {"phase": "resolve"}, timings.dns_s or 0.0
    yield {"phase": "connect"}, timings.connect_s or 0.0
    yield {"phase": "tls"}, timings.tls_s or 0.0
    yield {"phase": "processing"}, between(timings.sent_s, timings.headers_s) or 0.0
    yield {"phase": "transfer"}, between(timings.headers_s, timings.total_s) or 0.0


def _build(health: Health) -> Iterator[Sample]:
    yield {"version": health.version}, 1.0


def _hits(health: Health) -> Iterator[Sample]:
    yield from (({"reason": reason}, count) for reason, count in health.hits.items())


RESULT_GAUGES: tuple[Metric[Result], ...] = (
    Metric("up", _G, Unit.ONE, "1 where the target answers (healthy or degraded).", _one(_up)),
    Metric("result", _G, Unit.ONE, "Always 1: the verdict is in the labels.", _verdicts, _VERDICT),
    Metric("retry_after_seconds", _G, _S, "The pause that the server asked for.", _RETRY_AFTER),
    Metric("phase_seconds", _G, _S, "Duration of a phase.", _phases, ("phase",), True),
    Metric("headers_seconds", _G, _S, "From the start to the headers.", _timing("headers_s"), (), True),
    Metric("ttft_seconds", _G, _S, "From the start to the first token.", _timing("ttft_s"), (), True),
    Metric("total_seconds", _G, _S, "From the start to the end.", _timing("total_s"), (), True),
    Metric("longest_silence_seconds", _G, _S, "Longest gap between tokens.", _SILENCE, (), True),
    Metric("tokens", _G, Unit.TOKENS, "Tokens that the probe used.", _tokens, ("kind",), True),
    Metric("cost_usd", _G, Unit.USD, "What the probe cost, where that is known.", _COST),
    Metric(
        "output_tokens_per_second", _G, Unit.TOKENS_PER_SECOND, "After the first token.", _RATE, (), True,
    ),
    Metric(
        "headroom_ratio", _G, Unit.ONE, "Part of a rate-limit window that is left.",
        _headroom, ("window",), True,
    ),
    Metric(
        "certificate_expiry_timestamp_seconds", _G, _S, "When the server's certificate ends.",
        _one(certificate_expiry), (), True,
    ),
)  # fmt: skip
"""What the last result of a probe says."""

RESULT_SUMS: tuple[Metric[Result], ...] = (
    Metric("probes", Kind.COUNTER, Unit.PROBES, "Probes made, by their verdict.", _verdicts, _VERDICT),
    Metric("spent_tokens", Kind.COUNTER, Unit.TOKENS, "Tokens that probes used.", _tokens, ("kind",)),
    Metric("spent_usd", Kind.COUNTER, Unit.USD, "What probes cost, where that is known.", _COST),
    Metric(
        "ttft_duration_seconds", Kind.HISTOGRAM, _S,
        "From the start to the first token, of probes that worked.", _timing("ttft_s"), (), True,
    ),
    Metric(
        "total_duration_seconds", Kind.HISTOGRAM, _S,
        "From the start to the end, of probes that worked.", _timing("total_s"), (), True,
    ),
    Metric(
        "phase_duration_seconds", Kind.HISTOGRAM, _S, "Duration of each phase, of probes that worked.",
        _all_phases, ("phase",), True,
    ),
)  # fmt: skip
"""What results add up to, where a process makes many."""

GROUP_GAUGES: tuple[Metric[GroupResult], ...] = (
    Metric("group_up", _G, Unit.ONE, "Whether enough members of a group work.", _GROUP_UP),
    Metric("group_members_working", _G, Unit.MEMBERS, "Members that work.", _MEMBERS),
)  # fmt: skip
"""What is said of a group, whose name is the label `group`."""

RUN_GAUGES: tuple[Metric[Run], ...] = (
    Metric("last_run_timestamp_seconds", _G, _S, "When the run began.", _one(lambda run: run.started_at_utc)),
    Metric("run_duration_seconds", _G, _S, "How long the run took.", _one(lambda run: run.duration_s)),
    Metric("exit_code", _G, Unit.ONE, "Exit code of the run.", _one(lambda run: float(run.exit_code))),
)  # fmt: skip
"""What is said of a run."""

TOLD_GAUGES: tuple[Metric[Told], ...] = (
    Metric("result_age_seconds", _G, _S, "Age of the result; 0 for a new probe.", _AGE),
    Metric("paused_seconds", _G, _S, "What is left of a pause before the next probe.", _PAUSED),
)
"""What a process that answers requests says of each answer."""

HEALTH: tuple[Metric[Health], ...] = (
    Metric("build_info", _G, Unit.ONE, "Always 1: the version is in the label.", _build, ("version",)),
    Metric("targets", _G, Unit.TARGETS, "Targets that may be probed.", _TARGETS),
    Metric("probes_running", _G, Unit.PROBES, "Probes that are under way.", _RUNNING),
    Metric("tokens_last_hour", _G, Unit.TOKENS, "Tokens spent in the last sixty minutes.", _SPENT),
    Metric("tokens_per_hour_limit", _G, Unit.TOKENS, "Tokens that may be spent in an hour.", _LIMIT),
    Metric("guard_hits", Kind.COUNTER, Unit.ONE, "Requests that cost no new probe.", _hits, ("reason",)),
    Metric("loop_lag_seconds", _G, _S, "How late the event loop was in the last minute, at the worst.", _LAG),
    Metric("config_last_reload_successful", _G, Unit.ONE, "1 where the last reload went well.", _RELOADED),
    Metric(
        "config_last_reload_success_timestamp_seconds", _G, _S,
        "When the configuration in force was read.", _RELOADED_AT,
    ),
)  # fmt: skip
"""What a process that goes on probing says of itself."""

_PROBE = "probe_"
SCRAPE: tuple[Metric[Scrape], ...] = (
    Metric("success", _G, Unit.ONE, "1 where the target works.", _SUCCESS, prefix=_PROBE),
    Metric("duration_seconds", _G, _S, "How long the probe took.", _LASTED, prefix=_PROBE),
    Metric("timeout_seconds", _G, _S, "How long the probe might have taken.", _GIVEN, prefix=_PROBE),
    Metric(
        "ssl_earliest_cert_expiry", _G, Unit.ONE, "When the server's certificate ends, in epoch seconds.",
        _CERTIFICATE, prefix=_PROBE,
    ),
    Metric("http_status_code", _G, Unit.ONE, "Status of the answer; 0 for none.", _CODE, prefix=_PROBE),
    Metric(
        "http_duration_seconds", _G, _S, "Duration of each phase of the exchange.",
        _http_phases, ("phase",), prefix=_PROBE,
    ),
)  # fmt: skip
"""
What blackbox exporter would say of a probe, in its names: dashboards and rules that know them go on working.

Source: prober/handler.go and prober/http.go of prometheus/blackbox_exporter.
"""
