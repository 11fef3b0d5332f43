"""The history and the report over a time, in the formats that they are shown in."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from llmprobe.model.past import PastReport
    from llmprobe.reports.interface import Look


class ReportFormat(StrEnum):
    """Formats of the report over a time."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


_ENDINGS = {
    ".json": ReportFormat.JSON,
    ".md": ReportFormat.MARKDOWN,
    ".html": ReportFormat.HTML,
    ".htm": ReportFormat.HTML,
}


def format_of(file: Path | None) -> ReportFormat:
    """The format that a file's ending names; a table where it names none."""
    return ReportFormat.TABLE if file is None else _ENDINGS.get(file.suffix.lower(), ReportFormat.TABLE)


def render(report: PastReport, format: ReportFormat, look: Look) -> str:
    """The report as text. Its module is imported when it is used: JSON needs no rich."""
    match format:
        case ReportFormat.TABLE:
            from llmprobe.reports.past.text import report_table

            return report_table(report, look)
        case ReportFormat.JSON:
            from llmprobe.reports.past.as_json import report_json

            return report_json(report)
        case ReportFormat.MARKDOWN:
            from llmprobe.reports.past import markdown

            return markdown.render(report)
        case ReportFormat.HTML:
            from llmprobe.reports.past import html

            return html.render(report)
