"""`llmprobe.status/1`: what the vendors' own status pages say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from llmprobe.counts import counted
from llmprobe.model.page import PageReading, PageState
from llmprobe.reports.interface import Look
from llmprobe.reports.json_report import STATUS_SCHEMA, page_json
from llmprobe.reports.parts.pages import freshness, incident_lines
from llmprobe.reports.parts.rich_text import plain_table, wrapped

_NAMES_TOLD = 3
_TROUBLE = {
    PageState.DEGRADED: "degraded performance",
    PageState.PARTIAL_OUTAGE: "a partial outage",
    PageState.MAJOR_OUTAGE: "a major outage",
}


def document(pages: Sequence[PageReading]) -> dict[str, Any]:
    return {"schema": STATUS_SCHEMA, "status_pages": [page_json(page) for page in pages]}


def none_reached(pages: Sequence[PageReading]) -> bool:
    """Whether pages were asked for, and not one of them could be reached."""
    asked = [page.reached for page in pages if page.reached is not None]
    return bool(asked) and not any(asked)


def text(pages: Sequence[PageReading], look: Look) -> str:
    """A sentence, a line for each page, the open incidents, and why a page says nothing and where it is."""
    rows = [
        [
            page.title,
            str(page.state).replace("_", " "),
            page.component or ("the page as a whole" if page.problem is None else ""),
            freshness(page),
            _short(page.url),
        ]
        for page in pages
        if not (none_reached(pages) and page.reached is False)
    ]
    head = ["provider", "its page says", "of", "last change", "page"]
    table = plain_table(head, rows, look, spare=("of", "page")) if rows else ""
    parts = [wrapped(conclusion(pages), look.width), table.rstrip("\n").split("\n") if table else []]
    parts += [list(_laid_out(part, look)) for part in (*_incidents(pages), *_problems(pages))]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def conclusion(pages: Sequence[PageReading]) -> str:
    """One sentence for all pages: whose tells of trouble, and which could not be read."""
    if none_reached(pages):
        asked = sum(page.reached is False for page in pages)
        whose = "the page could" if asked == 1 else f"not one of {asked} pages could"
        cause = "perhaps your network" if asked == 1 else "your network, not the vendors"
        not_reached = "not be reached" if asked == 1 else "be reached"
        return f"{whose[0].upper()}{whose[1:]} {not_reached}: {cause}."
    trouble = [page for page in pages if page.state.is_trouble]
    fine = sum(page.state is PageState.OPERATIONAL for page in pages)
    unknown = [page.title for page in pages if page.state is PageState.UNKNOWN]
    told = "; ".join(f"{page.title} tells of {_TROUBLE[page.state]}" for page in trouble)
    parts = [f"{told}." if trouble else "No page tells of trouble."]
    says = "says" if fine == 1 else "say"
    parts += [f"{fine} of {counted(len(pages), 'page')} {says} operational."] if fine else []
    parts += [f"Nothing can be said of {_some(unknown)}."] if unknown else []
    return " ".join(parts)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES_TOLD} more" if len(names) > _NAMES_TOLD else ""
    return ", ".join(names[:_NAMES_TOLD]) + more


def _incidents(pages: Sequence[PageReading]) -> Iterator[list[str]]:
    for page in pages:
        if found := list(incident_lines(page)):
            yield [page.title, *found]


def _problems(pages: Sequence[PageReading]) -> Iterator[list[str]]:
    """Why pages say nothing: each reason once, with the addresses to look at."""
    reasons: dict[str, list[PageReading]] = {}
    for page in pages:
        if page.problem is not None:
            reasons.setdefault(page.problem, []).append(page)
    for problem, mine in reasons.items():
        yield [f"unknown: {problem}", *(f"  {page.title}: {_short(page.url)}" for page in mine)]


def _laid_out(part: Sequence[str], look: Look) -> Iterator[str]:
    for line in part:
        indent = " " * (len(line) - len(line.lstrip()))
        yield from wrapped(line.lstrip(), look.width, first=indent)


def _short(url: str) -> str:
    return url.removeprefix("https://")
