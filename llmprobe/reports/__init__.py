"""One module for each output format, and the registry that names them."""

from __future__ import annotations

from importlib import import_module

from llmprobe.reports.interface import Look, Render

__all__ = ["FORMATS", "Look", "Render", "renderer"]

FORMATS = {
    "table": "llmprobe.reports.table",
    "json": "llmprobe.reports.json_report",
    "ndjson": "llmprobe.reports.ndjson",
    "quiet": "llmprobe.reports.quiet",
    "junit": "llmprobe.reports.junit",
    "tap": "llmprobe.reports.tap",
    "github": "llmprobe.reports.github",
    "markdown": "llmprobe.reports.markdown",
    "csv": "llmprobe.reports.csv_report",
    "prometheus": "llmprobe.reports.prometheus",
    "nagios": "llmprobe.reports.nagios",
    "html": "llmprobe.reports.html",
}
"""Format names and the modules that render them, imported when used: JSON needs no rich."""


def renderer(name: str) -> Render:
    """The render function of a format. Raises KeyError for an unknown one."""
    render: Render = import_module(FORMATS[name]).render
    return render
