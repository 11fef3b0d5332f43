"""
The classifier against real failures: `python -m tests.corpus [--anonymous] [FILE]`.

Prints strict, lenient and fault scores for each provider, and every miss. The
corpus lives beside the checkout, not in it; where it is absent, this says so.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmprobe.classify import classify
from llmprobe.engine.probing.evidence import evidence_of
from llmprobe.model import (
    Evidence,
    Exchange,
    Failure,
    FailureKind,
    Framing,
    Link,
    Mark,
    Phase,
    ProbeKind,
    Timings,
    Verdict,
)
from llmprobe.providers import dialects
from llmprobe.transport.framing import decoder_for

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "failures.jsonl"
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


@dataclass(frozen=True)
class Case:
    """One labelled failure and what the classifier made of it."""

    id: str
    provider: str
    expected: str
    also_ok: tuple[str, ...]
    fault: str
    retry_after_s: float | None
    verdict: Verdict

    @property
    def strict(self) -> bool:
        return self.verdict.category == self.expected

    @property
    def lenient(self) -> bool:
        return self.strict or self.verdict.category in self.also_ok

    @property
    def fault_ok(self) -> bool:
        """A healthy verdict has no side; the corpus writes `unknown` there."""
        return (self.verdict.fault or "unknown") == self.fault

    @property
    def retry_ok(self) -> bool:
        if self.retry_after_s is None:
            return self.verdict.retry_after_s is None
        got = self.verdict.retry_after_s
        return got is not None and abs(got - self.retry_after_s) < 0.5


def cases(path: Path = CORPUS, *, anonymous: bool = False) -> Iterator[Case]:
    """Every line of the corpus, classified; `anonymous` hides which provider it came from."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        expect = row["expect"]
        yield Case(
            id=row["id"],
            provider=row["provider"],
            expected=expect["category"],
            also_ok=tuple(expect["also_ok"]),
            fault=expect["fault"],
            retry_after_s=expect["retry_after_s"],
            verdict=classify(_evidence({**row, "hidden": anonymous})),
        )


def dialect_and_probe(row: dict[str, Any]) -> tuple[str, ProbeKind]:
    """How a recorded answer would have been asked for."""
    dialect = "cohere-v2" if row["provider"] == "cohere" else _DIALECTS[row["api"]]
    if row["kind"] == "stream":
        return dialect, ProbeKind.STREAM
    probe = {"embeddings": ProbeKind.EMBEDDINGS, "models": ProbeKind.MODELS}.get(row["api"], ProbeKind.CHAT)
    return dialect, probe


def _evidence(row: dict[str, Any]) -> Evidence:
    dialect, probe = dialect_and_probe(row)
    reader = dialects()[dialect].reader(probe)
    headers = tuple((row["headers"] or {}).items())
    failure = _failure(row)
    body = (row["stream"] if row["kind"] == "stream" else row["body"]) or ""
    if row["kind"] == "stream":
        decoder = decoder_for(Framing.SSE)
        events = [*decoder.feed(body.encode()), *decoder.finish()]
        ended = False
        for event in events:
            ended = ended or reader.feed(event) is Mark.END
    exchange = Exchange(
        phase=failure.phase if failure else Phase.DONE,
        timings=Timings(connect_s=0.01 if "peer accepted" in json.dumps(row["network"]) else None),
        status=row["status"],
        headers=headers,
        body=body.encode(),
        failure=failure,
    )
    provider = "openai-compatible" if row["hidden"] else row["provider"]
    return evidence_of(provider, dialect, probe, exchange, reader)


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


_VERIFY = (("self-signed certificate in", 19), ("self signed certificate in", 19), ("has expired", 10))


def main(argv: list[str]) -> int:
    anonymous = "--anonymous" in argv
    paths = [arg for arg in argv if not arg.startswith("-")]
    path = Path(paths[0]) if paths else CORPUS
    if not path.exists():
        print(f"no corpus at {path}: nothing to score")
        return 0
    every = list(cases(path, anonymous=anonymous))
    for name, hits in (
        ("strict", "strict"),
        ("lenient", "lenient"),
        ("fault", "fault_ok"),
        ("retry", "retry_ok"),
    ):
        good = sum(getattr(case, hits) for case in every)
        print(f"{name:8} {good}/{len(every)}  {good / len(every):.1%}")
    totals = Counter(case.provider for case in every)
    for provider, n in totals.most_common():
        mine = [case for case in every if case.provider == provider]
        print(
            f"  {provider:15} {n:3}  strict {sum(c.strict for c in mine):3}"
            f"  lenient {sum(c.lenient for c in mine):3}  fault {sum(c.fault_ok for c in mine):3}"
        )
    for case in every:
        if not (case.strict and case.fault_ok and case.retry_ok):
            mark = (
                "lenient"
                if case.lenient and not case.strict
                else "MISS"
                if not case.lenient
                else "fault/retry"
            )
            v = case.verdict
            print(
                f"{mark:11} {case.id}: {v.category}/{v.fault}/{v.retry_after_s} by {v.rule}, "
                f"expected {case.expected}/{case.fault}/{case.retry_after_s} {list(case.also_ok)}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
