"""Thresholds that are more than a duration: a quantile, and a factor of the baseline."""

from __future__ import annotations

import re

from llmprobe.durations import parse_duration_s

_QUANTILE_LIMIT = r"p(\d{1,2}(?:\.\d+)?)\s*<=?\s*(.+)"
_BASELINE = r"(\d+(?:\.\d+)?)\s*x\s*baseline"


def parse_quantile_limit(text: str) -> tuple[float, float] | None:
    """`p95 < 2s` to (0.95, 2.0); None for anything else."""
    match = re.fullmatch(_QUANTILE_LIMIT, text.strip().lower())
    seconds = parse_duration_s(match[2]) if match else None
    return (float(match[1]) / 100, seconds) if match and seconds else None


def parse_baseline_factor(text: str) -> float | None:
    """`2x baseline` to 2.0; None for anything else, and for a factor of 0."""
    match = re.fullmatch(_BASELINE, text.strip().lower())
    return float(match[1]) or None if match else None
