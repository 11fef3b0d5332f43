"""Rows as values of the model, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmprobe.model import Category, Fault, ProbeKind, Status
from llmprobe.model.past import Incident, PastResult

INCIDENT = (
    "id, target, provider, category, fault, reason, opened_at, confirmed_at, closed_at, failures, page_at"
)
PAST = (
    "at, target, provider, model, probe, status, category, fault, reason, http_status, request_id,"
    " ttft_s, total_s"
)


def incident_of(row: Sequence[Any]) -> Incident:
    number, target, provider, category, fault, *rest = row
    side = Fault(fault) if fault else None
    return Incident(number, target, provider, Category(category), side, *rest)


def past_of(row: Sequence[Any]) -> PastResult:
    at, target, provider, model, probe, status, category, fault, *rest = row
    side = Fault(fault) if fault else None
    words = (ProbeKind(probe), Status(status), Category(category), side)
    return PastResult(at, target, provider, model, *words, *rest)
