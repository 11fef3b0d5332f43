"""One line for each failure, and nothing when all is well."""

from __future__ import annotations

from llmprobe.model import Result, Run, Status
from llmprobe.reports.interface import Look


def render(run: Run, look: Look) -> str:
    return "".join(line(result) for result in run.results if result.status is not Status.HEALTHY)


def line(result: Result) -> str:
    """`claude stream: failed overloaded (provider): …`"""
    side = f" ({result.fault})" if result.fault else ""
    return f"{result.target} {result.probe}: {result.status} {result.category}{side}: {result.reason}\n"
