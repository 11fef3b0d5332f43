"""One module for each output format, and the registry that names them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from llmprobe.model import Run
from llmprobe.reports.interface import Look, Render

__all__ = ["FORMATS", "Look", "Render", "pieces", "renderer"]

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


def pieces(name: str, run: Run, look: Look) -> Iterator[str]:
    """A report as it is written: in parts where its module makes it so, else whole. Raises KeyError."""
    module = import_module(FORMATS[name])
    if hasattr(module, "pieces"):
        yield from module.pieces(run, look)
    else:
        yield module.render(run, look)


def renderer(name: str) -> Render:
    """The render function of a format. Raises KeyError for an unknown one."""
    render: Render = import_module(FORMATS[name]).render
    return render
