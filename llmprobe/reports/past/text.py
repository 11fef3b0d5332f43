"""The history as tables for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmprobe.durations import format_duration
from llmprobe.model import CATEGORY_WORDS, SIDE_WORDS, Fault, Status
from llmprobe.model.past import Availability, Baseline, Incident, PastReport, PastResult
from llmprobe.reports.interface import Look
from llmprobe.reports.parts.rich_text import entries, plain, plain_table, wrapped
from llmprobe.reports.parts.sparkline import sparkline
from llmprobe.reports.past.words import (
    causes,
    headline,
    hours,
    lasted,
    lead,
    moment,
    percent,
    percentiles,
    together,
    together_words,
)  # fmt: skip

REPORT_HEAD = (
    "target", "uptime", "n", "failed", "incidents", "recovery", "causes", "ttft p50/p95/p99",
    "worst hours (UTC)",
)  # fmt: skip
"""Percentiles are of the whole answer where nothing streams."""
_NUMBERS = ("uptime", "n", "failed", "incidents", "recovery", "ttft p50/p95/p99")
_SPARE = ("worst hours (UTC)", "causes", "failed", "recovery", "n", "ttft p50/p95/p99")


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
    """Newest first, each with its reason under it; what lasts says so."""
    rows = [
        [
            moment(incident.opened_at_utc),
            lasted(incident, now_utc),
            incident.target,
            CATEGORY_WORDS[incident.category],
            _side(incident.fault),
            str(incident.failures),
            lead(incident),
        ]
        for incident in incidents
    ]
    head = ["began (UTC)", "lasted", "target", "what", "side", "failures", "their page"]
    if all(incident.page_at_utc is None for incident in incidents):
        head, rows = head[:-1], [row[:-1] for row in rows]
    reasons = [incident.reason for incident in incidents]
    return entries(head, rows, reasons, look, spare=("failures", "their page", "side"))


def baseline_table(baselines: Sequence[Baseline], look: Look) -> str:
    """What is usual at this hour, with n; a figure that n cannot carry is a dash."""
    rows = [
        [b.target, str(b.probe), b.metric, str(b.n), format_duration(b.median_s), format_duration(b.p95_s)]
        for b in baselines
    ]
    return plain_table(["target", "probe", "figure", "n", "median", "p95"], rows, look)


def report_table(report: PastReport, look: Look) -> str:
    """The sentence, the availability of each target, then incidents."""
    rows = [report_row(row) for row in report.targets]
    span = f"{moment(report.since_utc)} to {moment(report.until_utc)} UTC"
    parts = [f"{_filled(headline(report), look)}.\n{span}\n\n"]
    if rows:
        parts.append(plain_table(REPORT_HEAD, rows, look, spare=_SPARE, numbers=_NUMBERS))
    if report.incidents:
        parts += ["\nIncidents\n\n", incident_table(report.incidents, look, report.until_utc)]
        same = [together_words(found, report) for found in together(report.incidents, report.until_utc)]
        parts += [f"{_filled(words, look)}\n" for words in ("", *same) if same]
    return "".join(parts)


def _filled(words: str, look: Look) -> str:
    """Wrapped between words; plain where the terminal knows no more than ASCII."""
    return plain("\n".join(wrapped(words, look.width)), look)


def report_row(row: Availability) -> list[str]:
    """The cells of `REPORT_HEAD`."""
    return [
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
