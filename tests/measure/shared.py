"""
Recorded failures that lie beside the checkout, not in it: `failures.jsonl`, `failures-2.jsonl`.

Where they are absent, `cases` yields nothing for them, and tests that want them skip.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from llmprobe.model import Failure, FailureKind, Link, Phase, ProbeKind
from tests.measure.case import Case

FOLDER = Path(__file__).resolve().parents[3] / "shared"
KNOWN = FOLDER / "failures.jsonl"
"""The rules were written with these in sight."""
NEWER = FOLDER / "failures-2.jsonl"

_DIALECTS = {
    "chat": "openai-chat",
    "responses": "openai-responses",
    "messages": "anthropic-messages",
    "generateContent": "gemini",
    "converse": "openai-chat",
    "embeddings": "openai-chat",
    "models": "openai-chat",
    "other": "openai-chat",
}
_KINDS = (
    ("proxyerror", FailureKind.PROXY),
    ("407", FailureKind.PROXY),
    ("dns", FailureKind.DNS),
    ("name resolution", FailureKind.DNS),
    ("name or service", FailureKind.DNS),
    ("ssl", FailureKind.TLS),
    ("certificate", FailureKind.TLS),
    ("connecttimeout", FailureKind.CONNECT_TIMEOUT),
    ("readtimeout", FailureKind.HEADERS_TIMEOUT),
    ("no response headers", FailureKind.HEADERS_TIMEOUT),
    ("connecterror", FailureKind.CONNECT),
    ("closed mid-response", FailureKind.RESET),
    ("connectionterminated", FailureKind.RESET),
    ("readerror", FailureKind.RESET),
)
_VERIFY = (("self-signed certificate in", 19), ("self signed certificate in", 19), ("has expired", 10))


def cases(path: Path) -> Iterator[Case]:
    """Every line of a file of recorded failures; none where the file is absent."""
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield _case(json.loads(line))


def dialect_and_probe(row: dict[str, Any]) -> tuple[str, ProbeKind]:
    """How a recorded answer would have been asked for."""
    dialect = "cohere-v2" if row["provider"] == "cohere" else _DIALECTS[row["api"]]
    if row["kind"] == "stream":
        return dialect, ProbeKind.STREAM
    probe = {"embeddings": ProbeKind.EMBEDDINGS, "models": ProbeKind.MODELS}.get(row["api"], ProbeKind.CHAT)
    return dialect, probe


def _case(row: dict[str, Any]) -> Case:
    dialect, probe = dialect_and_probe(row)
    expect = row["expect"]
    return Case(
        id=row["id"],
        provider=row["provider"],
        category=expect["category"],
        faults=(_side(row),),
        dialect=dialect,
        probe=probe,
        status=row["status"],
        headers=tuple((row["headers"] or {}).items()),
        body=(row["stream"] if row["kind"] == "stream" else row["body"]) or "",
        streams=row["kind"] == "stream",
        failure=_failure(row),
        connected="peer accepted" in json.dumps(row["network"]),
        also=tuple(expect["also_ok"]),
        wait_s=expect["retry_after_s"],
    )


def _side(row: dict[str, Any]) -> str:
    """As labelled, but for an answer that broke off: the labels are older than the contract on FIN and reset."""
    if row["expect"]["category"] != "truncated" or row["kind"] != "network":
        return str(row["expect"]["fault"])
    return "provider" if "peer closed" in row["network"]["message"] else "unknown"


def _failure(row: dict[str, Any]) -> Failure | None:
    """A failure of the transport, rebuilt from the name and the words of an exception."""
    if row["id"].startswith("stream-stalled"):
        return Failure(FailureKind.STALL_TIMEOUT, Phase.STREAM, limit_s=10)
    network = row["network"]
    if not network or row["kind"] != "network":
        return None
    message, name = network["message"], network["exception"]
    text = f"{name} {message}".lower()
    kind = next((kind for part, kind in _KINDS if part in text), FailureKind.PROTOCOL)
    code = re.search(r"\[SSL: (\w+)\]", message)
    verify = next((n for words, n in _VERIFY if words in text), None)
    link = Link(type=name, message=message, verify_code=verify, reason=code.group(1) if code else None)
    return Failure(kind, Phase.STREAM if row["status"] else Phase.CONNECT, (link,), detail=message)
