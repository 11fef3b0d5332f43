"""One line for each result, for a spreadsheet. What was not measured is an empty cell."""

from __future__ import annotations

import csv
import io
from typing import Any

from llmprobe.dates import format_utc
from llmprobe.model import Result, Run
from llmprobe.reports.interface import Look
from llmprobe.reports.json_report import timings_json


def render(run: Run, look: Look) -> str:
    rows = [_row(run, result) for result in run.results]
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=_HEAD, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _safe(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


_HEAD = (
    "started_at", "target", "provider", "model", "probe", "status", "category", "fault", "phase", "reason",
    "hint", "http_status", "request_id", "dns_ms", "connect_ms", "tls_ms", "send_ms", "sent_ms", "headers_ms",
    "first_event_ms", "first_reasoning_ms", "first_text_ms", "ttft_ms", "total_ms", "longest_silence_ms",
    "itl_p50_ms", "itl_p95_ms", "input_tokens", "output_tokens", "tokens_per_second", "retry_after_s",
    "clock",
)  # fmt: skip


_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What begins a formula, also after blanks and in full width."""


def _row(run: Run, result: Result) -> dict[str, Any]:
    timings = {f"{name}_ms": value for name, value in timings_json(result.timings).items()}
    return {
        "started_at": format_utc(run.started_at_utc),
        "target": result.target,
        "provider": result.provider,
        "model": result.model,
        "probe": result.probe,
        "status": result.status,
        "category": result.category,
        "fault": result.fault,
        "phase": result.phase,
        "reason": result.reason,
        "hint": result.hint,
        "http_status": result.http.status,
        "request_id": result.http.request_id,
        **timings,
        "input_tokens": result.tokens.input,
        "output_tokens": result.tokens.output,
        "tokens_per_second": result.tokens.per_second,
        "retry_after_s": result.retry_after_s,
        "clock": result.clock,
    }


def _safe(value: Any) -> Any:
    """A stranger's text is no formula (OWASP, CSV injection)."""
    if isinstance(value, str) and value.lstrip()[:1] in _FORMULA:
        return "'" + value
    return value
