"""
Lines for Cloudprober's external probe: `name{label="value",…} number`, one metric each.

Its reader takes the first closing brace for the end of the labels, and a quoted value as it stands:
what could end either is replaced.

Source: cloudprober/cloudprober, metrics/payload/line_metrics.go, read 2026-11-24.
"""

from __future__ import annotations

import re

from llmprobe.model import Run
from llmprobe.model.metrics import Labels
from llmprobe.model.readings import readings
from llmprobe.reports.interface import Look

_ENDS_A_VALUE = re.compile(r'["\\{}\s]')


def render(run: Run, look: Look) -> str:
    return "".join(
        f"{metric.prometheus_name}{_labels(labels)} {float(value)!r}\n"
        for metric, labels, value in readings(run)
    )


def _labels(labels: Labels) -> str:
    inside = ",".join(f'{name}="{_ENDS_A_VALUE.sub("_", value)}"' for name, value in labels.items())
    return f"{{{inside}}}" if inside else ""
