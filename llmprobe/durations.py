"""
Durations: one parser and one printer for flags, files, headers and error texts.

Patterns that few runs need are text here as elsewhere: `re` compiles them when they are first used,
and keeps them.
"""

from __future__ import annotations

import math
import re

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
_LONGEST = 100
_PIECE = r"(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s|m|h|d)"


def parse_duration_s(text: str) -> float | None:
    """
    Seconds in a duration such as `12ms`, `6m0s`, `1h30m`, `2.5s` or `30`.

    Returns:
        Zero or more; None when the text is no such duration (or is infinite).

    Source: Go durations in OpenAI's and Groq's rate-limit headers (read 2026-11-22).
    """
    text = text.strip().lower()
    if len(text) > _LONGEST:
        return None
    if re.fullmatch(r"\d+(\.\d+)?", text):
        value = float(text)
        return value if math.isfinite(value) else None
    pieces = list(re.finditer(_PIECE, text))
    if not pieces or "".join(p.group(0) for p in pieces).replace(" ", "") != text.replace(" ", ""):
        return None
    return sum(float(p.group(1)) * _UNITS_S[p.group(2)] for p in pieces)


def in_ms(seconds: float | None) -> float | None:
    """Milliseconds with three decimals, as in every JSON; None stays None."""
    return None if seconds is None else round(seconds * 1000, 3)


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
