"""Numbers with their nouns: `1 target`, `3 targets`."""

from __future__ import annotations

import math

_IRREGULAR = {"retry": "retries", "reply": "replies"}


def counted(count: int, noun: str) -> str:
    """`1 request`, `2 requests`, `2 retries`."""
    return f"{count} {noun if count == 1 else _IRREGULAR.get(noun, f'{noun}s')}"


def money(usd: float) -> str:
    """`$0.000011`, `$0.0042`, `$1.30`: two figures that say something, never an exponent."""
    if usd <= 0:
        return "$0"
    if usd >= 0.995:
        return f"${usd:,.2f}"
    places = min(12, 1 - math.floor(math.log10(usd)))
    return f"${usd:.{places}f}"
