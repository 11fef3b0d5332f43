"""The history as tables for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmprobe.dates import format_utc
from llmprobe.durations import format_duration
from llmprobe.model import CATEGORY_WORDS, SIDE_WORDS, Category, Fault, Status
from llmprobe.model.past import Availability, Baseline, Incident, PastReport, PastResult, Spread
from llmprobe.reports.interface import Look
from llmprobe.reports.parts.rich_text import plain_table
from llmprobe.reports.parts.sparkline import sparkline

REPORT_HEAD = (
    "target", "uptime", "n", "failed", "incidents", "recovery", "causes", "ttft p50/p95/p99",
    "worst hours (UTC)",
)  # fmt: skip

_SPARE = ("worst hours (UTC)", "causes", "recovery", "failed", "ttft p50/p95/p99")
_REASON_WIDTH = 90


def overview(results: Mapping[str, Sequence[PastResult]], look: Look, now_utc: float) -> str:
    """Each target's last verdict, when it was, and a line of its latest results (newest at the right)."""
    rows = []
    for target, newest_first in results.items():
        last = newest_first[0]
        rows.append(
            [
                str(last.status),
                target,
                CATEGORY_WORDS[last.category],
                f"{format_duration(max(0.0, now_utc - last.at_utc))} ago",
                _time(last.ttft_s if last.ttft_s is not None else last.total_s),
                _line(newest_first, look),
            ]
        )
    head = ["status", "target", "what", "last", "time", f"latest {_most(results)}"]
    return plain_table(head, rows, look, clip_last=True, spare=("time", "status"))


def results_of(newest_first: Sequence[PastResult], look: Look) -> str:
    """One target's results, newest first, under their line."""
    rows = [
        [
            moment(past.at_utc),
            str(past.probe),
            str(past.status),
            CATEGORY_WORDS[past.category],
            _side(past.fault),
            str(past.http_status or ""),
            _time(past.ttft_s),
            _time(past.total_s),
        ]
        for past in newest_first
    ]
    head = ["when (UTC)", "probe", "status", "what", "side", "http", "ttft", "total"]
    table = plain_table(head, rows, look, spare=("side", "http", "ttft", "probe"))
    return f"{_line(newest_first, look)}\n\n{table}"


def incident_table(incidents: Sequence[Incident], look: Look, now_utc: float) -> str:
    """Newest first; what lasts says so."""
    rows = [
        [
            moment(incident.opened_at_utc),
            lasted(incident, now_utc),
            incident.target,
            CATEGORY_WORDS[incident.category],
            _side(incident.fault),
            str(incident.failures),
            lead(incident),
            incident.reason,
        ]
        for incident in incidents
    ]
    head = ["began (UTC)", "lasted", "target", "what", "side", "failures", "their page", "reason"]
    told = any(incident.page_at_utc is not None for incident in incidents)
    narrow = ("reason", "side", "failures") if look.width < _REASON_WIDTH else ()
    if not told:
        head, rows = head[:6] + head[7:], [row[:6] + row[7:] for row in rows]
    return plain_table(head, rows, look, clip_last=not narrow, spare=narrow)


def lasted(incident: Incident, now_utc: float) -> str:
    """`42 min`, or `42 min, lasts` where it is not over."""
    return format_duration(incident.lasted_s(now_utc)) + ("" if incident.closed_at_utc else ", lasts")


def lead(incident: Incident) -> str:
    """`18 min later`: when their page told of trouble that we had seen."""
    if incident.lead_s is None:
        return ""
    return f"{format_duration(incident.lead_s)} later" if incident.lead_s > 0 else "at once"


def baseline_table(baselines: Sequence[Baseline], look: Look) -> str:
    """What is usual at this hour, with n; a figure that n cannot carry is a dash."""
    rows = [
        [b.target, str(b.probe), b.metric, str(b.n), format_duration(b.median_s), format_duration(b.p95_s)]
        for b in baselines
    ]
    return plain_table(["target", "probe", "figure", "n", "median", "p95"], rows, look)


def report_table(report: PastReport, look: Look) -> str:
    """Availability of each target, then incidents by target."""
    rows = [
        [
            row.target,
            percent(row.uptime),
            str(row.n),
            str(row.failed),
            str(row.incidents),
            format_duration(row.mean_recovery_s),
            causes(row),
            percentiles(row.ttft if row.ttft.n else row.total),
            hours(row),
        ]
        for row in report.targets
    ]
    parts = [
        f"{moment(report.since_utc)} to {moment(report.until_utc)} UTC\n\n",
        plain_table(REPORT_HEAD, rows, look, spare=_SPARE),
    ]
    if report.incidents:
        parts += ["\nIncidents\n\n", incident_table(report.incidents, look, report.until_utc)]
    return "".join(parts)


def moment(epoch_s: float) -> str:
    """`2026-11-22 14:03`, in UTC."""
    return format_utc(epoch_s)[:16].replace("T", " ")


def percent(share: float | None) -> str:
    """`99.95 %`; never rounded up to 100 while something failed; a dash for unknown."""
    if share is None:
        return "–"
    return f"{share:.0%}".replace("%", " %") if share in (0, 1) else f"{min(share * 100, 99.99):.2f} %"


def causes(row: Availability) -> str:
    """`overloaded 12, rate limited 3`."""
    return ", ".join(f"{CATEGORY_WORDS[Category(name)]} {count}" for name, count in row.causes.items())


def percentiles(spread: Spread) -> str:
    """`310 ms / 800 ms / 1.24 s`, a dash for what n cannot carry."""
    figures = (spread.median_s, spread.p95_s, spread.p99_s)
    return " / ".join(map(format_duration, figures)) if spread.n else "–"


def hours(row: Availability) -> str:
    """`03h 5/10`: at 3 UTC five of ten failed."""
    return ", ".join(f"{hour:02}h {failed}/{n}" for hour, failed, n in row.worst_hours)


def _line(newest_first: Sequence[PastResult], look: Look) -> str:
    values = [
        None if past.status is Status.FAILED else (past.total_s if past.ttft_s is None else past.ttft_s)
        for past in reversed(newest_first)
        if past.status is not Status.SKIPPED
    ]
    return sparkline(values, unicode=look.unicode)


def _most(results: Mapping[str, Sequence[PastResult]]) -> int:
    return max((len(past) for past in results.values()), default=0)


def _side(fault: Fault | None) -> str:
    return SIDE_WORDS[fault] if fault else ""


def _time(seconds: float | None) -> str:
    return "" if seconds is None else format_duration(seconds)
