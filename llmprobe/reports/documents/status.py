"""`llmprobe.status/1`: what the vendors' own status pages say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmprobe.model.page import PageReading
from llmprobe.reports.interface import Look
from llmprobe.reports.json_report import STATUS_SCHEMA, page_json
from llmprobe.reports.parts.pages import freshness, incident_lines
from llmprobe.reports.parts.rich_text import plain_table


def document(pages: Sequence[PageReading]) -> dict[str, Any]:
    return {"schema": STATUS_SCHEMA, "status_pages": [page_json(page) for page in pages]}


def text(pages: Sequence[PageReading], look: Look) -> str:
    """A line for each page, then the open incidents, and why a page says nothing."""
    rows = [
        [
            page.title,
            str(page.state).replace("_", " "),
            page.component or ("the page as a whole" if page.problem is None else ""),
            freshness(page),
            page.url.removeprefix("https://"),
        ]
        for page in pages
    ]
    head = ["provider", "its page says", "of", "last change", "page"]
    table = plain_table(head, rows, look, spare=("page", "of"))
    return table + "".join(f"{line}\n" for page in pages for line in _more(page))


def _more(page: PageReading) -> list[str]:
    found = [*([f"  unknown: {page.problem}"] if page.problem else []), *incident_lines(page)]
    return [f"\n{page.title}", *found] if found else []
