"""A change in words for people, and as the JSON that programs get: `llmprobe.change/1`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llmprobe.dates import format_utc
from llmprobe.durations import format_duration
from llmprobe.model import CATEGORY_WORDS, SIDE_WORDS, Run
from llmprobe.model.past import Change, ChangeKind, Incident

SCHEMA = "llmprobe.change/1"


def headline(change: Change) -> str:
    """`claude is failing since 12:03 UTC: overloaded (theirs)`, `claude still failing, 40 min: …`."""
    incident, lasted = change.incident, format_duration(change.duration_s)
    match change.kind:
        case ChangeKind.OPENED:
            since = format_utc(incident.opened_at_utc)[11:16]
            return f"{incident.target} is failing since {since} UTC: {_what(incident)}"
        case ChangeKind.REMINDER:
            return f"{incident.target} still failing, {lasted}: {_what(incident)}"
        case ChangeKind.CLOSED:
            return f"{incident.target} works again after {lasted}; it was {_what(incident)}"


def lines(change: Change, run: Run) -> Iterator[str]:
    """The headline, and for a failure its reason and what to do."""
    yield headline(change)
    if change.kind is ChangeKind.CLOSED:
        return
    yield f"  {change.incident.reason}"
    if (hint := _hint(change, run)) is not None:
        yield f"  -> {hint}"


def change_json(change: Change, run: Run) -> dict[str, Any]:
    """`text` is what Slack, Mattermost and their like show of a webhook."""
    incident = change.incident
    return {
        "schema": SCHEMA,
        "change": str(change.kind),
        "text": f"llmprobe: {headline(change)}",
        "target": incident.target,
        "provider": incident.provider,
        "category": str(incident.category),
        "fault": None if incident.fault is None else str(incident.fault),
        "reason": incident.reason,
        "hint": _hint(change, run),
        "opened_at": format_utc(incident.opened_at_utc),
        "closed_at": None if incident.closed_at_utc is None else format_utc(incident.closed_at_utc),
        "duration_s": round(change.duration_s, 3),
        "failures": incident.failures,
        "conclusion": run.conclusion,
        "exit_code": int(run.exit_code),
    }


def _what(incident: Incident) -> str:
    side = f" ({SIDE_WORDS[incident.fault]})" if incident.fault else ""
    return f"{CATEGORY_WORDS[incident.category]}{side}"


def _hint(change: Change, run: Run) -> str | None:
    incident = change.incident
    mine = (r for r in run.results if r.target == incident.target and r.category is incident.category)
    return next((r.hint for r in mine if r.hint), None)
