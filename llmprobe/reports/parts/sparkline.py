"""A row of results in one line of text: higher is slower, and failures stand out."""

from __future__ import annotations

from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"
_ASCII_BARS = "_.-~=+*#"


def sparkline(values: Sequence[float | None], *, unicode: bool = True) -> str:
    """
    One character for each value, oldest first; None is a failure.

    The scale begins at 0, so that a steady figure is a flat line and not noise.
    """
    bars = _BARS if unicode else _ASCII_BARS
    cross = "✗" if unicode else "x"
    highest = max((v for v in values if v is not None), default=0.0)
    return "".join(cross if v is None else bars[_level(v, highest)] for v in values)


def _level(value: float, highest: float) -> int:
    return 0 if highest <= 0 else min(7, int(value / highest * 7.999))
