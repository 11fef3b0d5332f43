"""The history as JSON: `llmprobe.history/1` and its like. Seconds become `_ms`; unknown is null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmprobe.dates import format_utc
from llmprobe.durations import in_ms
from llmprobe.json_text import readable
from llmprobe.model.past import Availability, Baseline, Incident, PastReport, PastResult, Spread

Json = dict[str, Any]


def history_json(results: Mapping[str, Sequence[PastResult]]) -> str:
    """Results of each target, newest first."""
    targets = [{"target": name, "results": [_past(p) for p in past]} for name, past in results.items()]
    return readable({"schema": "llmprobe.history/1", "targets": targets})


def incidents_json(incidents: Sequence[Incident], now_utc: float) -> str:
    values = [_incident(incident, now_utc) for incident in incidents]
    return readable({"schema": "llmprobe.incidents/1", "incidents": values})


def baselines_json(baselines: Sequence[Baseline]) -> str:
    values = [
        {
            "target": b.target,
            "probe": str(b.probe),
            "metric": b.metric,
            "n": b.n,
            "median_ms": in_ms(b.median_s),
            "p95_ms": in_ms(b.p95_s),
        }
        for b in baselines
    ]
    return readable({"schema": "llmprobe.baseline/1", "baselines": values})


def report_json(report: PastReport) -> str:
    return readable(
        {
            "schema": "llmprobe.report/1",
            "since": format_utc(report.since_utc),
            "until": format_utc(report.until_utc),
            "targets": [_availability(row) for row in report.targets],
            "incidents": [_incident(incident, report.until_utc) for incident in report.incidents],
        }
    )


def _availability(row: Availability) -> Json:
    return {
        "target": row.target,
        "provider": row.provider,
        "n": row.n,
        "failed": row.failed,
        "degraded": row.degraded,
        "skipped": row.skipped,
        "uptime": None if row.uptime is None else round(row.uptime, 6),
        "incidents": row.incidents,
        "mean_recovery_s": None if row.mean_recovery_s is None else round(row.mean_recovery_s, 3),
        "causes": dict(row.causes),
        "faults": dict(row.faults),
        "ttft_ms": _spread(row.ttft),
        "total_ms": _spread(row.total),
        "worst_hours_utc": [{"hour": hour, "failed": failed, "n": n} for hour, failed, n in row.worst_hours],
        "days": [
            {"day": day.day, "n": day.n, "failed": day.failed, "median_ms": in_ms(day.median_s)}
            for day in row.days
        ],
    }


def _past(past: PastResult) -> Json:
    return {
        "at": format_utc(past.at_utc),
        "probe": str(past.probe),
        "model": past.model,
        "status": str(past.status),
        "category": str(past.category),
        "fault": None if past.fault is None else str(past.fault),
        "reason": past.reason,
        "http_status": past.http_status,
        "request_id": past.request_id,
        "ttft_ms": in_ms(past.ttft_s),
        "total_ms": in_ms(past.total_s),
    }


def _incident(incident: Incident, now_utc: float) -> Json:
    return {
        "target": incident.target,
        "provider": incident.provider,
        "category": str(incident.category),
        "fault": None if incident.fault is None else str(incident.fault),
        "reason": incident.reason,
        "opened_at": format_utc(incident.opened_at_utc),
        "closed_at": None if incident.closed_at_utc is None else format_utc(incident.closed_at_utc),
        "lasted_s": round(incident.lasted_s(now_utc), 3),
        "failures": incident.failures,
        "page_at": None if incident.page_at_utc is None else format_utc(incident.page_at_utc),
        "seen_before_page_s": None if incident.lead_s is None else round(incident.lead_s, 3),
    }


def _spread(spread: Spread) -> Json:
    return {
        "n": spread.n,
        "median": in_ms(spread.median_s),
        "p95": in_ms(spread.p95_s),
        "p99": in_ms(spread.p99_s),
    }
