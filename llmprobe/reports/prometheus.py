"""
Prometheus text, for the node exporter's textfile collector.

A file holds one run and nothing of those before it: a target that failed exports no latency,
one that was skipped exports no `llmprobe_up`.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from llmprobe.dates import parse_rfc3339
from llmprobe.model import Result, Run, Status
from llmprobe.reports.interface import Look
from llmprobe.reports.parts.facts import works

_WHO = ("target", "provider", "model", "probe")


class _Gauges:
    """The gauges of one file, each made when its first value comes."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._made: dict[str, Gauge] = {}

    def set(self, name: str, about: str, value: float | None, **labels: str) -> None:
        if value is None:
            return
        if name not in self._made:
            self._made[name] = Gauge(f"llmprobe_{name}", about, tuple(labels), registry=self.registry)
        gauge = self._made[name]
        (gauge.labels(**labels) if labels else gauge).set(value)


def render(run: Run, look: Look) -> str:
    gauges = _Gauges()
    gauges.set("last_run_timestamp_seconds", "When the run began.", run.started_at_utc)
    gauges.set("run_duration_seconds", "How long the run took.", run.duration_s)
    gauges.set("exit_code", "Exit code of the run.", int(run.exit_code))
    for result in run.results:
        _verdict(gauges, result)
        if works(result):
            _figures(gauges, result)
    for group in run.groups:
        up = group.status in (Status.HEALTHY, Status.DEGRADED)
        gauges.set("group_up", "Whether enough members of a group work.", float(up), group=group.name)
        gauges.set("group_members_working", "Members that work.", group.healthy, group=group.name)
    return generate_latest(gauges.registry).decode("utf-8")


def _who(result: Result) -> dict[str, str]:
    values = (result.target, result.provider, result.model or "", str(result.probe))
    return dict(zip(_WHO, values, strict=True))


def _verdict(gauges: _Gauges, result: Result) -> None:
    who = _who(result)
    if result.status is not Status.SKIPPED:
        gauges.set("up", "1 where the target answers (healthy or degraded).", float(works(result)), **who)
    gauges.set(
        "result",
        "Always 1: the verdict is in the labels.",
        1,
        **who,
        status=str(result.status),
        category=str(result.category),
        fault=str(result.fault or ""),
    )
    gauges.set("retry_after_seconds", "The pause that the server asked for.", result.retry_after_s, **who)


def _figures(gauges: _Gauges, result: Result) -> None:
    who, timings, tokens = _who(result), result.timings, result.tokens
    phases = (
        ("dns", timings.dns_s),
        ("connect", timings.connect_s),
        ("tls", timings.tls_s),
        ("send", timings.send_s),
    )
    for phase, seconds in phases:
        gauges.set("phase_seconds", "Duration of a phase.", seconds, **who, phase=phase)
    gauges.set("headers_seconds", "From the start to the headers.", timings.headers_s, **who)
    gauges.set("ttft_seconds", "From the start to the first token.", timings.ttft_s, **who)
    gauges.set("total_seconds", "From the start to the end.", timings.total_s, **who)
    gauges.set("longest_silence_seconds", "Longest gap between tokens.", timings.longest_silence_s, **who)
    for kind, count in (("input", tokens.input), ("output", tokens.output)):
        gauges.set("tokens", "Tokens that the probe used.", count, **who, kind=kind)
    gauges.set("output_tokens_per_second", "After the first token.", tokens.per_second, **who)
    for window, value in (("requests", result.rate_limit.requests), ("tokens", result.rate_limit.tokens)):
        gauges.set(
            "headroom_ratio",
            "Part of a rate-limit window that is left.",
            value.left if value else None,
            **who,
            window=window,
        )
    expiry = parse_rfc3339(result.tls.expires_at) if result.tls and result.tls.expires_at else None
    gauges.set("certificate_expiry_timestamp_seconds", "When the server's certificate ends.", expiry, **who)
