"""
Prometheus text, for the node exporter's textfile collector.

A file holds one run and nothing of those before it: a target that failed exports no latency,
one that was skipped exports no `llmprobe_up`.
"""

from __future__ import annotations

from llmprobe.model import Run
from llmprobe.reports.interface import Look
from llmprobe.reports.parts import families


def render(run: Run, look: Look) -> str:
    found = [*families.of_run(run), *families.of_results(run.results), *families.of_groups(run.groups)]
    return families.text(found)
