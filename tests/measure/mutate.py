"""
New cases made by program from the written ones: the same failure, said in another way.

What a mutation keeps is its expectation: a synonym and another envelope change nothing; a
neighbouring status changes nothing where the text names the cause.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from tests.measure.case import ANONYMOUS, Case

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "incorrect": ("wrong", "erroneous"),
    "api key": ("access key", "API credential"),
    "api keys": ("access keys", "API credentials"),
    "revoked": ("withdrawn", "cancelled"),
    "expired": ("lapsed", "run out of its validity"),
    "does not exist": ("is unknown to us", "could not be located"),
    "decommissioned": ("discontinued", "taken out of service"),
    "retired": ("discontinued", "sunset"),
    "overloaded": ("too busy", "saturated"),
    "credits": ("funds", "prepaid money"),
    "balance": ("account funds", "remaining funds"),
    "quota": ("allowance", "allotment"),
    "exceeded": ("gone over", "surpassed"),
    "used up": ("spent", "consumed"),
    "too many requests": ("requests arrive too fast", "a request volume that is too high"),
    "insufficient": ("not enough", "inadequate"),
    "monthly": ("per-month", "month's"),
    "daily": ("per-day", "day's"),
    "country": ("territory", "nation"),
    "try again": ("retry", "have another go"),
    "unavailable": ("not available", "out of service"),
    "maximum": ("upper bound", "largest allowed value"),
    "unsupported": ("not supported", "not accepted"),
}
"""A word of a message, and two that mean the same there."""

NEIGHBOURS: Mapping[str, Mapping[int, int]] = {
    "auth": {401: 403, 403: 401, 400: 401},
    "quota_exhausted": {402: 403, 403: 402, 429: 402},
    "model_not_found": {404: 400, 400: 404},
    "region_blocked": {403: 451, 451: 403, 400: 403},
    "content_filtered": {400: 403, 403: 400},
    "overloaded": {503: 529, 529: 503, 429: 503},
    "bad_request": {400: 422, 422: 400},
}
"""Another status that the same words are sent with, by category."""

_GRPC = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 402: "FAILED_PRECONDITION", 403: "PERMISSION_DENIED",
         404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE"}  # fmt: skip
Envelope = Callable[[int, str, str], Any]

ENVELOPES: Mapping[str, Envelope] = {
    "openai": lambda _, code, text: {"error": {"message": text, "type": code, "param": None, "code": code}},
    "anthropic": lambda _, code, text: {"type": "error", "error": {"type": code, "message": text}, "request_id": "req_m"},
    "google": lambda status, code, text: {
        "error": {
            "code": status, "message": text, "status": _GRPC.get(status, "INTERNAL"),
            "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": code.upper()}],
        }
    },
    "flat": lambda status, code, text: {"object": "error", "message": text, "type": code, "param": None, "code": status},
    "string": lambda _, code, text: {"code": code, "error": text},
    "problem": lambda status, code, text: {"type": f"https://errors.example/{code}", "title": "Problem", "status": status, "detail": text},
    "litellm": lambda status, code, text: {
        "error": {"message": f"litellm.APIError: OpenAIException - {text}", "type": code, "param": "None", "code": str(status)}
    },
    "list": lambda status, code, text: [{"error": {"code": status, "message": text, "status": code.upper()}}],
}  # fmt: skip
"""Shapes that an error comes in: (status, code, message) to a JSON value."""


def synonyms(cases: Iterable[Case]) -> Iterator[Case]:
    """Each case whose message has a word of the table, said with each of its synonyms."""
    for case in cases:
        for n in (0, 1):
            said = _reworded(case.body, n)
            if said is not None:
                yield replace(case, id=f"{case.id}~{n + 1}", body=said)


def envelopes(cases: Iterable[Case]) -> Iterator[Case]:
    """Each plain error (message and perhaps a code) in every other shape, from an unknown sender."""
    for case in cases:
        plain = _plain(case)
        status = case.status or 0
        if plain is None or "own" in case.tags or status < 400:
            continue
        for name, wrap in ENVELOPES.items():
            body = json.dumps(wrap(status, *plain), ensure_ascii=False)
            if body != case.body:
                yield replace(
                    case, id=f"{case.id}~{name}", provider=ANONYMOUS, dialect="openai-chat", body=body
                )


def statuses(cases: Iterable[Case]) -> Iterator[Case]:
    """Each case whose text names its cause, under another status that such a text comes with."""
    for case in cases:
        other = NEIGHBOURS.get(case.category, {}).get(case.status or 0)
        if other and not case.tags & {"own", "bare"} and _plain(case):
            yield replace(case, id=f"{case.id}~{other}", status=other)


def _reworded(body: str, n: int) -> str | None:
    """The body with other words in its messages, or None where none of them is in the table."""
    value = _loaded(body)
    changed = _walk(value, partial(_exchanged, n=n)) if isinstance(value, dict) else value
    return None if changed == value else json.dumps(changed, ensure_ascii=False)


def _walk(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {key: _walk(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [_walk(inner, change) for inner in value]
    return change(value) if isinstance(value, str) and " " in value else value


def _exchanged(text: str, n: int) -> str:
    for word in sorted(SYNONYMS, key=len, reverse=True):
        text = re.sub(rf"(?i)\b{word}\b", SYNONYMS[word][n], text)
    return text


def _plain(case: Case) -> tuple[str, str] | None:
    """(code, message) of an error that holds nothing else, or None."""
    obj = _loaded(case.body)
    error = obj.get("error") if isinstance(obj, dict) else None
    if case.streams or not isinstance(error, dict) or not isinstance(error.get("message"), str):
        return None
    if set(error) - {"message", "type", "code", "param", "status"} or error.get("param"):
        return None
    codes = [error.get(key) for key in ("code", "type", "status")]
    code = next((c for c in codes if isinstance(c, str) and c and not c.isdigit()), "error")
    return code, error["message"]


def _loaded(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
