"""How long the other side asks us to wait, in every form in which it is said."""

from __future__ import annotations

import math
import re
import time

from llmprobe.dates import parse_http_date, parse_reset_s
from llmprobe.durations import parse_duration_s
from llmprobe.model import Evidence

ABSURD_S = 366 * 86400.0
_UNIT = r"(?:milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)"
_ONE = rf"\d+(?:\.\d+)?\s*{_UNIT}(?![a-z])"
_AMOUNT = rf"({_ONE}(?:[\s,]*(?:and\s+)?{_ONE})*)"
_IN_TEXT = (
    r"(?i)(?:(?:try again|retry|retrying|available again|reset(?:s)?(?: after| in)?|please wait|wait"
    r"|back off)"
    rf"[^.\d]{{0,40}}?(?:in|after|for|of|wait)?\s*){_AMOUNT}"
)
_PIECE = rf"(?i)(\d+(?:\.\d+)?)\s*({_UNIT})(?![a-z])"
_LETTER = {"mil": 0.001, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def retry_after_s(evidence: Evidence) -> float | None:
    """
    Seconds to wait, or None where nobody said (or what was said is nonsense).

    In order: `retry-after` (seconds, float, HTTP date against the server's own
    `date`), `retry-after-ms` above 0, the error's own figure (`RetryInfo`), its
    words ("try again in 9m38.016s"). A moment in the past is 0.

    Source: providers.md sections 0.11 and 25 (read 2026-11-22).
    """
    for wait in (_from_headers(evidence), _from_error(evidence), _from_text(evidence)):
        if wait is not None and math.isfinite(wait) and 0 <= wait <= ABSURD_S:
            return wait
    return None


def wait_in_text(text: str) -> float | None:
    """The wait that a sentence names, or None."""
    match = re.search(_IN_TEXT, text)
    if match is None:
        return None
    pieces = re.findall(_PIECE, match.group(1))
    return sum(float(amount) * _unit_s(unit) for amount, unit in pieces)


def _unit_s(unit: str) -> float:
    unit = unit.lower()
    return next(size for start, size in _LETTER.items() if unit.startswith(start))


def _from_headers(evidence: Evidence) -> float | None:
    exchange = evidence.exchange
    seconds = _header_seconds(
        exchange.header("retry-after") or exchange.header("x-amz-retry-after"), evidence
    )
    millis = exchange.header("retry-after-ms")
    if millis is not None and re.fullmatch(r"\s*\d+(\.\d+)?\s*", millis) and float(millis) > 0:
        return float(millis) / 1000
    return seconds


def _header_seconds(value: str | None, evidence: Evidence) -> float | None:
    if value is None or not value.strip():
        return None
    server_now = parse_http_date(evidence.exchange.header("date") or "")
    return parse_reset_s(value, server_now or evidence.now_s or time.time())


def _from_error(evidence: Evidence) -> float | None:
    return evidence.error.retry_after_s if evidence.error else None


def _from_text(evidence: Evidence) -> float | None:
    text = evidence.error.message if evidence.error else ""
    wait = wait_in_text(text)
    return wait if wait is not None else parse_duration_s(text)
