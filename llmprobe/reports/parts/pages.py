"""A vendor's page beside the measurement: what it says, how fresh it is, and whether we agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from llmprobe.durations import format_duration
from llmprobe.model import Category, Fault, Result, Status
from llmprobe.model.page import PageReading, PageState

_WORDS = {
    PageState.OPERATIONAL: "operational",
    PageState.DEGRADED: "degraded",
    PageState.PARTIAL_OUTAGE: "partial outage",
    PageState.MAJOR_OUTAGE: "major outage",
    PageState.MAINTENANCE: "maintenance",
    PageState.UNKNOWN: "unknown",
}


def page_lines(page: PageReading, results: Sequence[Result]) -> Iterator[str]:
    """
    `Anthropic's page says operational (Claude API), last change 3 min ago; we disagree`,
    then each open incident. The page never overrules what was measured.
    """
    mine = [r for r in results if r.provider == page.provider]
    yield f"{claim(page)}{_compared(page, mine)}"
    yield from incident_lines(page)


def claim(page: PageReading) -> str:
    """What the page says, or why it says nothing."""
    if page.problem is not None:
        return f"{page.title}'s page: unknown, {page.problem} ({page.url})"
    component = f" ({page.component})" if page.component else ""
    changed = f", last change {freshness(page)}" if freshness(page) else ""
    return f"{page.title}'s page says {_WORDS[page.state]}{component}{changed}"


def freshness(page: PageReading) -> str:
    """`3 min ago`: the last change that the page tells of; nothing where it tells of none."""
    age = _age(page, page.changed_at_utc)
    return f"{age} ago" if age else ""


def incident_lines(page: PageReading) -> Iterator[str]:
    """`open for 40 min: Elevated errors (identified, last word 5 min ago)`."""
    for incident in page.incidents:
        age = _age(page, incident.began_at_utc)
        said = _age(page, incident.updated_at_utc)
        details = [text for text in (incident.state, f"last word {said} ago" if said else "") if text]
        more = f" ({', '.join(details)})" if details else ""
        yield f"  open{f' for {age}' if age else ''}: {incident.title}{more}"
    if page.note:
        yield f"  note: {page.note}"


def _age(page: PageReading, at_utc: float | None) -> str | None:
    return None if at_utc is None else format_duration(max(0.0, page.read_at_utc - at_utc))


def _compared(page: PageReading, mine: Sequence[Result]) -> str:
    """Only failures on their side or of unknown cause can speak against a green page."""
    if not mine or page.problem is not None or page.state is PageState.UNKNOWN:
        return ""
    failing = [r for r in mine if r.status is Status.FAILED and r.fault in (Fault.PROVIDER, Fault.UNKNOWN)]
    busy = any(r.category is Category.RATE_LIMITED for r in mine)
    if failing:
        return "; we agree" if page.state.is_trouble else "; we disagree"
    if page.state.is_trouble and all(r.works for r in mine):
        return "; from here it works"
    return "; that fits" if not page.state.is_trouble and all(r.works for r in mine) and not busy else ""
