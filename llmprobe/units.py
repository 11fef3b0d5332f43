"""
Durations: one parser and one printer for flags, files, headers and error texts.

Patterns that few runs need are text here as elsewhere: `re` compiles them when they are first used,
and keeps them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

_UNITS_S = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
}
_PIECE = r"(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s|m|h|d)"


def parse_duration_s(text: str) -> float | None:
    """
    Seconds in a duration such as `12ms`, `6m0s`, `1h30m`, `2.5s` or `30`.

    Returns:
        Zero or more; None when the text is no such duration (or is infinite).

    Source: Go durations in OpenAI's and Groq's rate-limit headers (read 2026-11-22).
    """
    text = text.strip().lower()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        value = float(text)
        return value if math.isfinite(value) else None
    pieces = list(re.finditer(_PIECE, text))
    if not pieces or "".join(p.group(0) for p in pieces).replace(" ", "") != text.replace(" ", ""):
        return None
    return sum(float(p.group(1)) * _UNITS_S[p.group(2)] for p in pieces)


def quantile(values: Sequence[float], q: float) -> float:
    """
    The q-quantile with linear interpolation (as numpy's default). Raises IndexError for no values.

    `statistics` does this too, and takes 8 ms to import.
    """
    ordered = sorted(values)
    place = q * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


_QUANTILE_LIMIT = r"p(\d{1,2}(?:\.\d+)?)\s*<=?\s*(.+)"


def parse_quantile_limit(text: str) -> tuple[float, float] | None:
    """`p95 < 2s` to (0.95, 2.0); None for anything else."""
    match = re.fullmatch(_QUANTILE_LIMIT, text.strip().lower())
    seconds = parse_duration_s(match[2]) if match else None
    return (float(match[1]) / 100, seconds) if match and seconds else None


def in_ms(seconds: float | None) -> float | None:
    """Milliseconds with three decimals, as in every JSON; None stays None."""
    return None if seconds is None else round(seconds * 1000, 3)


_BASELINE = r"(\d+(?:\.\d+)?)\s*x\s*baseline"


def parse_baseline_factor(text: str) -> float | None:
    """`2x baseline` to 2.0; None for anything else, and for a factor of 0."""
    match = re.fullmatch(_BASELINE, text.strip().lower())
    return float(match[1]) or None if match else None


def format_duration(seconds: float | None) -> str:
    """`0.4 ms`, `38 ms`, `1.24 s`, `12 s`, `9 min`, `2 h`, `3 d`; `–` for unknown."""
    if seconds is None:
        return "–"
    if seconds < 0.00995:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    for limit, size, unit in ((120, 1, "s"), (7200, 60, "min"), (172800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:.0f} d"


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
