"""One JSON object a line: each result as it arrives."""

from __future__ import annotations

from llmprobe.json_text import compact
from llmprobe.model import Result, Run
from llmprobe.reports.interface import Look
from llmprobe.reports.json_report import result_json


def line(result: Result) -> str:
    """One result, with its line end."""
    return compact(result_json(result)) + "\n"


def render(run: Run, look: Look) -> str:
    """All results, for a file that is written at the end."""
    return "".join(line(result) for result in run.results)
