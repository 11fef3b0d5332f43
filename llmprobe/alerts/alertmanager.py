"""
Alertmanager: its API v2, and the document that its webhooks send (version 4).

Labels say what fails and never change while it does; the cause may change, and stands in annotations. An
alert is repeated by each run, and ends by itself where the runs stop.

Source: Alertmanager's OpenAPI document (v2) and its webhook documentation, read 2026-11-24; tried against
version 0.25.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from msgspec import Struct

from llmprobe.alerts.http import host_of, key_of, post
from llmprobe.alerts.notice import Notice
from llmprobe.alerts.text import what
from llmprobe.dates import format_utc
from llmprobe.model import Category, Run, Secret
from llmprobe.model.past import Change, ChangeKind

_HELD_FOR = 2.5
"""An alert outlives so many distances between runs: one run may be late or missing."""
_NEVER = "0001-01-01T00:00:00Z"
_WARNINGS = frozenset({
    Category.SLOW, Category.LOW_HEADROOM, Category.CERT_EXPIRING, Category.BUFFERED,
    Category.MODEL_MISMATCH, Category.RETIRING, Category.EXPECTATION,
})  # fmt: skip
"""What works, but: an alert of severity `warning`."""


class Alertmanager(Struct, frozen=True):
    """One server; several are told each for itself."""

    url: Secret
    token: Secret | None = None
    runs_every_s: float = 300.0
    every_run: bool = True
    tries: int = 2

    @property
    def key(self) -> str:
        return key_of("alertmanager", self.url.reveal())

    @property
    def name(self) -> str:
        return f"the Alertmanager at {host_of(self.url)}"

    async def tell(self, notice: Notice, run: Run) -> str | None:
        alerts = [_posted(change, run, self.runs_every_s) for change in notice.changes]
        url, headers = _with_login(self.url, self.token)
        error = await post(Secret(f"{url.rstrip('/')}/api/v2/alerts"), alerts, headers=headers)
        return None if error is None else f"was not reached: {error}"


def webhook_json(notice: Notice, run: Run) -> dict[str, Any]:
    """The notice as an Alertmanager would send it to a webhook."""
    alerts = [_received(change, run) for change in notice.changes]
    status = "resolved" if notice.kind is ChangeKind.CLOSED else "firing"
    return {
        "version": "4",
        "groupKey": f"llmprobe:{_fingerprint(alerts[0]['labels'])}",
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "llmprobe",
        "groupLabels": {"alertname": "LLMProbe"},
        "commonLabels": _common([alert["labels"] for alert in alerts]),
        "commonAnnotations": _common([alert["annotations"] for alert in alerts]),
        "externalURL": "",
        "alerts": alerts,
    }


def labels(change: Change, run: Run) -> dict[str, str]:
    """What identifies an alert: the same from its first run to its last."""
    incident = change.incident
    model = next((r.model for r in run.results if r.target == incident.target and r.model), "")
    groups = sorted(group.name for group in run.groups if incident.target in group.members)
    found = {
        "alertname": "LLMProbe",
        "target": incident.target,
        "provider": incident.provider,
        "model": model,
        "group": ",".join(groups),
        "severity": "warning" if incident.category in _WARNINGS else "critical",
    }
    return {name: value for name, value in found.items() if value}


def _posted(change: Change, run: Run, every_s: float) -> dict[str, Any]:
    incident = change.incident
    ends_at = incident.closed_at_utc or change.at_utc + _HELD_FOR * every_s
    return {
        "labels": labels(change, run),
        "annotations": _annotations(change),
        "startsAt": format_utc(incident.opened_at_utc),
        "endsAt": format_utc(max(ends_at, incident.opened_at_utc + 0.001)),
    }


def _received(change: Change, run: Run) -> dict[str, Any]:
    incident, names = change.incident, labels(change, run)
    closed = incident.closed_at_utc
    return {
        "status": "firing" if closed is None else "resolved",
        "labels": names,
        "annotations": _annotations(change),
        "startsAt": format_utc(incident.opened_at_utc),
        "endsAt": _NEVER if closed is None else format_utc(closed),
        "generatorURL": "",
        "fingerprint": _fingerprint(names),
    }


def _annotations(change: Change) -> dict[str, str]:
    is_over = change.kind is ChangeKind.CLOSED
    turn = "works again; the cause was" if is_over else "is failing"
    found = {  # without times: they are the alert's own, and each run would change them
        "summary": f"{change.incident.target} {turn}: {what(change.category, change.fault)}",
        "description": change.reason,
        "category": str(change.category),
        "fault": "" if change.fault is None else str(change.fault),
        "hint": "" if is_over else change.hint or "",
    }
    return {name: value for name, value in found.items() if value}


def _common(tables: list[dict[str, str]]) -> dict[str, str]:
    first = tables[0]
    return {name: value for name, value in first.items() if all(t.get(name) == value for t in tables)}


def _fingerprint(names: dict[str, str]) -> str:
    text = "\xff".join(f"{name}\xff{value}" for name, value in sorted(names.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _with_login(url: Secret, token: Secret | None) -> tuple[str, dict[str, str]]:
    """The address without its user, and what logs in: the token, or that user."""
    parts = urlsplit(url.reveal())
    user, at, host = parts.netloc.rpartition("@")
    bare = urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
    if token is not None:
        return bare, {"authorization": f"Bearer {token.reveal()}"}
    if not at:
        return bare, {}
    return bare, {"authorization": f"Basic {b64encode(unquote(user).encode()).decode()}"}
