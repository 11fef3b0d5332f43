"""
The history as JSON: `llmprobe.history/1`, `incidents/1`, `baseline/1` and `report/1`.

A type for each document, from which its schema is made. Seconds become `_ms`; unknown is null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from llmprobe.dates import format_utc
from llmprobe.durations import in_ms
from llmprobe.json_text import readable
from llmprobe.model import Category, Fault, ProbeKind, Status
from llmprobe.model import past as model
from llmprobe.reports.past.words import headline


class PastEntry(Struct, frozen=True):
    """One result as it was recorded."""

    at: str
    probe: ProbeKind
    model: str | None
    status: Status
    category: Category
    fault: Fault | None
    reason: str
    http_status: int | None
    request_id: str | None
    ttft_ms: float | None
    total_ms: float | None


class TargetEntry(Struct, frozen=True):
    """The results of one target, the newest first."""

    target: str
    results: Sequence[PastEntry]


class History(Struct, frozen=True, tag_field="schema", tag="llmprobe.history/1"):
    """Recent results of each target."""

    targets: Sequence[TargetEntry]


class IncidentEntry(Struct, frozen=True):
    """From the first failure to the first success that held; `closed_at` is null while it lasts."""

    target: str
    provider: str
    category: Category
    fault: Fault | None
    reason: str
    opened_at: str
    closed_at: str | None
    lasted_s: float
    failures: int
    page_at: str | None
    seen_before_page_s: float | None


class Incidents(Struct, frozen=True, tag_field="schema", tag="llmprobe.incidents/1"):
    """Incidents over a time."""

    incidents: Sequence[IncidentEntry]


class BaselineEntry(Struct, frozen=True):
    """What is usual for one figure of a target at this hour of the day."""

    target: str
    probe: ProbeKind
    metric: str
    n: int
    median_ms: float | None
    p95_ms: float | None


class Baselines(Struct, frozen=True, tag_field="schema", tag="llmprobe.baseline/1"):
    """What is usual."""

    baselines: Sequence[BaselineEntry]


class SpreadEntry(Struct, frozen=True):
    """Percentiles in milliseconds, each null where n cannot carry it."""

    n: int
    median: float | None
    p95: float | None
    p99: float | None


class HourEntry(Struct, frozen=True):
    """One hour of the day, in UTC."""

    hour: int
    failed: int
    n: int


class DayEntry(Struct, frozen=True):
    """One day, in UTC."""

    day: str
    n: int
    failed: int
    median_ms: float | None


class AvailabilityEntry(Struct, frozen=True):
    """One target over a time; `uptime` is the share of results that did not fail."""

    target: str
    provider: str
    n: int
    failed: int
    degraded: int
    skipped: int
    uptime: float | None
    incidents: int
    mean_recovery_s: float | None
    causes: Mapping[str, int]
    faults: Mapping[str, int]
    ttft_ms: SpreadEntry
    total_ms: SpreadEntry
    worst_hours_utc: Sequence[HourEntry]
    days: Sequence[DayEntry]


class Report(Struct, frozen=True, tag_field="schema", tag="llmprobe.report/1"):
    """The report over a time; `first_at` is when the first result of it was, `rules` those in force now."""

    since: str
    until: str
    first_at: str | None
    conclusion: str
    targets: Sequence[AvailabilityEntry]
    incidents: Sequence[IncidentEntry]
    rules: Sequence[str]


def history_json(results: Mapping[str, Sequence[model.PastResult]]) -> str:
    """Results of each target, newest first."""
    return readable(
        History([TargetEntry(name, [_past(one) for one in past]) for name, past in results.items()])
    )


def incidents_json(incidents: Sequence[model.Incident], now_utc: float) -> str:
    return readable(Incidents([_incident(incident, now_utc) for incident in incidents]))


def baselines_json(baselines: Sequence[model.Baseline]) -> str:
    return readable(
        Baselines(
            [
                BaselineEntry(b.target, b.probe, b.metric, b.n, in_ms(b.median_s), in_ms(b.p95_s))
                for b in baselines
            ]
        )
    )


def report_json(report: model.PastReport) -> str:
    return readable(
        Report(
            since=format_utc(report.since_utc),
            until=format_utc(report.until_utc),
            first_at=None if report.first_utc is None else format_utc(report.first_utc),
            conclusion=headline(report),
            targets=[_availability(row) for row in report.targets],
            incidents=[_incident(incident, report.until_utc) for incident in report.incidents],
            rules=report.rules,
        )
    )


def _availability(row: model.Availability) -> AvailabilityEntry:
    return AvailabilityEntry(
        target=row.target,
        provider=row.provider,
        n=row.n,
        failed=row.failed,
        degraded=row.degraded,
        skipped=row.skipped,
        uptime=None if row.uptime is None else round(row.uptime, 6),
        incidents=row.incidents,
        mean_recovery_s=None if row.mean_recovery_s is None else round(row.mean_recovery_s, 3),
        causes=row.causes,
        faults=row.faults,
        ttft_ms=_spread(row.ttft),
        total_ms=_spread(row.total),
        worst_hours_utc=[HourEntry(hour, failed, n) for hour, failed, n in row.worst_hours],
        days=[DayEntry(day.day, day.n, day.failed, in_ms(day.median_s)) for day in row.days],
    )


def _past(past: model.PastResult) -> PastEntry:
    return PastEntry(
        at=format_utc(past.at_utc),
        probe=past.probe,
        model=past.model,
        status=past.status,
        category=past.category,
        fault=past.fault,
        reason=past.reason,
        http_status=past.http_status,
        request_id=past.request_id,
        ttft_ms=in_ms(past.ttft_s),
        total_ms=in_ms(past.total_s),
    )


def _incident(incident: model.Incident, now_utc: float) -> IncidentEntry:
    return IncidentEntry(
        target=incident.target,
        provider=incident.provider,
        category=incident.category,
        fault=incident.fault,
        reason=incident.reason,
        opened_at=format_utc(incident.opened_at_utc),
        closed_at=None if incident.closed_at_utc is None else format_utc(incident.closed_at_utc),
        lasted_s=round(incident.lasted_s(now_utc), 3),
        failures=incident.failures,
        page_at=None if incident.page_at_utc is None else format_utc(incident.page_at_utc),
        seen_before_page_s=None if incident.lead_s is None else round(incident.lead_s, 3),
    )


def _spread(spread: model.Spread) -> SpreadEntry:
    return SpreadEntry(spread.n, in_ms(spread.median_s), in_ms(spread.p95_s), in_ms(spread.p99_s))
