"""
Annotations for GitHub Actions, through workflow commands on standard output.

Source: "Workflow commands for GitHub Actions" (escaping of data and properties).
"""

from __future__ import annotations

from llmprobe.model import Result, Run, Status
from llmprobe.reports.interface import Look
from llmprobe.reports.parts.facts import excusing_group, label, side


def render(run: Run, look: Look) -> str:
    """An error for each failure, a warning for what is degraded or excused, a notice for the rest."""
    lines = [_annotation(run, r) for r in run.results if r.status is not Status.HEALTHY]
    return "\n".join([*lines, f"::notice title=llmprobe::{_data(run.conclusion)}"]) + "\n"


def _annotation(run: Run, result: Result) -> str:
    whose = f" ({side(result)})" if result.fault else ""
    title = f"{label(result)}: {result.category}{whose}"
    hint = f"\n→ {result.hint}" if result.hint else ""
    return f"::{_command(run, result)} title={_property(title)}::{_data(result.reason + hint)}"


def _command(run: Run, result: Result) -> str:
    if result.status is Status.FAILED:
        return "warning" if excusing_group(run, result) else "error"
    return "warning" if result.status is Status.DEGRADED else "notice"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
