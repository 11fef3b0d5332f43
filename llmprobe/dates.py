"""Moments as servers write them, and as our JSON does."""

from __future__ import annotations

import re

from llmprobe.durations import parse_duration_s


def parse_http_date(text: str) -> float | None:
    """Epoch seconds of an HTTP date; None for a wrong weekday, a year 100000 or any nonsense."""
    from email.utils import parsedate_to_datetime

    if not re.match(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? ", text.strip()):
        return None
    try:
        return parsedate_to_datetime(text.strip()).timestamp()
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def parse_rfc3339(text: str) -> float | None:
    """Epoch seconds of an RFC 3339 time such as `2026-08-19T14:34:43Z`; None for anything else."""
    from datetime import UTC, datetime

    if not re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", text.strip()):
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def parse_reset_s(text: str, now_s: float) -> float | None:
    """
    Seconds until a reset, told as a duration, seconds, epoch (s or ms), RFC 3339 or HTTP date.

    Args:
        text: The header's value.
        now_s: Epoch seconds by the server's clock where known, else ours.

    Returns:
        Zero or more (a moment in the past is 0); None for nonsense, NaN and infinity.
    """
    text = text.strip()
    for moment in (parse_rfc3339(text), parse_http_date(text)):
        if moment is not None:
            return max(0.0, moment - now_s)
    seconds = parse_duration_s(text)
    if seconds is None or not re.fullmatch(r"[\d.]+", text):
        return seconds
    if seconds > 1e12:
        seconds /= 1000
    return max(0.0, seconds - now_s) if seconds > 1e9 else seconds


def format_utc(epoch_s: float) -> str:
    """RFC 3339 in UTC with milliseconds, as in the JSON."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
