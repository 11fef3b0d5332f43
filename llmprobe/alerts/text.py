"""A notice in sentences for people, and as the JSON that programs get: `llmprobe.change/1`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from llmprobe.alerts.notice import Notice, targets_at, title_of
from llmprobe.dates import format_utc
from llmprobe.durations import format_duration
from llmprobe.model import CATEGORY_WORDS, SIDE_WORDS, Category, Fault, Run
from llmprobe.model.past import Change, ChangeKind

SCHEMA = "llmprobe.change/1"
_MEMBERS_SHOWN = 8


def message(notices: Sequence[Notice], run: Run) -> str:
    """What `--on-change` prints, and so cron mails: a block for each cause, then who saw it and when."""
    lines = [line for notice in notices for line in _block(notice, run)]
    return "".join(f"{line}\n" for line in [*lines, seen_from(run)])


def line(notice: Notice, run: Run) -> str:
    """One line for a log: when, the headline, and why where it has just begun."""
    why = "" if notice.kind is ChangeKind.CLOSED else f": {notice.first.reason}"
    return f"{format_utc(notice.first.at_utc)[:19]}Z {headline(notice, run)}{why}"


def headline(notice: Notice, run: Run) -> str:
    """
    The first line, for example `claude is failing since 2026-11-24 12:03 UTC: overloaded (theirs)` or
    `2 of 3 targets at Anthropic are failing since …`.
    """
    change, several = notice.first, len(notice.changes) > 1
    who, lasted = _who(notice, run), format_duration(max(c.duration_s for c in notice.changes))
    cause, are = what(change.category, change.fault), "are" if several else "is"
    match notice.kind:
        case ChangeKind.OPENED:
            return f"{who} {are} failing since {_moment(_opened_at(notice))}: {cause}"
        case ChangeKind.REMINDER:
            return f"{who} {are} still failing after {lasted}: {cause}"
        case ChangeKind.CLOSED:
            return f"{who} {'work' if several else 'works'} again after {lasted}; the cause was: {cause}"


def details(notice: Notice, run: Run) -> Iterator[str]:
    """Which targets, from when to when, why, and what to do."""
    change, incident = notice.first, notice.first.incident
    if len(notice.changes) > 1:
        yield ", ".join(notice.targets)
    if notice.kind is ChangeKind.CLOSED:
        ended = max(c.incident.closed_at_utc or c.at_utc for c in notice.changes)
        yield f"failed from {_moment(_opened_at(notice))} to {_moment(ended)}"
        return
    yield change.reason
    yield from _members(incident.target, run)
    if change.hint is not None:
        yield f"-> {change.hint}"
    if notice.kind is ChangeKind.REMINDER:
        yield _history(notice)
    if change.muted is not None:
        yield f"alerts were muted when it began{f' ({change.muted})' if change.muted else ''}"
    if len(notice.changes) == 1 and (total := targets_at(incident.provider, run)) > 1:
        yield f"1 of {total} targets at {title_of(notice, run)} fails this way"


def seen_from(run: Run) -> str:
    """Where and when: a mail that is read later, or elsewhere, must say it."""
    return f"seen from {host()} at {_moment(run.started_at_utc + run.duration_s)}"


def host() -> str:
    """This machine's name."""
    return os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "unknown host")


def change_json(notice: Notice, run: Run) -> dict[str, Any]:
    """
    The notice as `llmprobe.change/1`; `target` and the figures beside it are those of the first of `targets`.

    `text` is what Slack, Mattermost and their like show of a webhook.
    """
    change, incident = notice.first, notice.first.incident
    lines = [f"llmprobe: {headline(notice, run)}", *details(notice, run), seen_from(run)]
    return {
        "schema": SCHEMA,
        "change": str(notice.kind),
        "text": "\n".join(lines),
        "target": incident.target,
        "targets": list(notice.targets),
        "provider": incident.provider,
        "category": str(change.category),
        "fault": None if change.fault is None else str(change.fault),
        "reason": change.reason,
        "hint": change.hint,
        "muted": change.muted,
        **_figures(change),
        "incidents": [{"target": c.incident.target, **_figures(c)} for c in notice.changes],
        "host": host(),
        "conclusion": run.conclusion,
        "exit_code": int(run.exit_code),
    }


def _block(notice: Notice, run: Run) -> Iterator[str]:
    yield headline(notice, run)
    yield from (f"  {line}" for line in details(notice, run))


def _figures(change: Change) -> dict[str, Any]:
    incident = change.incident
    return {
        "opened_at": format_utc(incident.opened_at_utc),
        "closed_at": None if incident.closed_at_utc is None else format_utc(incident.closed_at_utc),
        "duration_s": round(change.duration_s, 3),
        "failures": incident.failures,
    }


def _members(target: str, run: Run) -> Iterator[str]:
    """Of a group, which members fail and why: `gpt: overloaded (theirs); claude: key rejected (yours)`."""
    members = next((group.members for group in run.groups if f"group:{group.name}" == target), ())
    bad = {r.target: what(r.category, r.fault) for r in run.results if r.target in members and not r.works}
    shown = [f"{name}: {words}" for name, words in list(bad.items())[:_MEMBERS_SHOWN]]
    if len(bad) > len(shown):
        shown.append(f"and {len(bad) - len(shown)} more")
    if shown:
        yield "; ".join(shown)


def _history(notice: Notice) -> str:
    change, incident = notice.first, notice.first.incident
    failures = max(c.incident.failures for c in notice.changes)
    text = f"{failures} failed runs since {_moment(_opened_at(notice))}"
    if (incident.category, incident.fault) != (change.category, change.fault):
        text += f"; it began with: {what(incident.category, incident.fault)}"
    return text


def _opened_at(notice: Notice) -> float:
    return min(c.incident.opened_at_utc for c in notice.changes)


def _who(notice: Notice, run: Run) -> str:
    if len(notice.changes) == 1:
        return notice.first.incident.target
    total = targets_at(notice.first.incident.provider, run)
    count = len(notice.changes)
    some = f"all {count}" if count == total else f"{count} of {total}"
    return f"{some} targets at {title_of(notice, run)}"


def what(category: Category, fault: Fault | None) -> str:
    """`overloaded (theirs)`."""
    side = f" ({SIDE_WORDS[fault]})" if fault else ""
    return f"{CATEGORY_WORDS[category]}{side}"


def _moment(epoch_s: float) -> str:
    """`2026-11-24 12:03 UTC`."""
    return f"{format_utc(epoch_s)[:16].replace('T', ' ')} UTC"
