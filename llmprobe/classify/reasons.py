"""The facts that a reason may name, and the words for them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from llmprobe.classify.front_door import edge_of
from llmprobe.classify.signals import Signals, title_of
from llmprobe.durations import format_duration
from llmprobe.foreign import text_of
from llmprobe.model import Answer, Evidence, Phase, Target
from llmprobe.redact import without_credentials

_SAID_LIMIT = 160
PHASE_WORDS: Mapping[Phase, str] = {
    Phase.RESOLVE: "resolving the name",
    Phase.CONNECT: "connecting",
    Phase.TLS: "the TLS handshake",
    Phase.SEND: "sending",
    Phase.HEADERS: "waiting for headers",
    Phase.FIRST_TOKEN: "waiting for the first token",
    Phase.STREAM: "the stream",
    Phase.DONE: "the end",
}


DOING_WORDS: Mapping[Phase, str] = {
    Phase.RESOLVE: "its name was looked up",
    Phase.CONNECT: "llmprobe connected",
    Phase.TLS: "TLS was agreed on",
    Phase.SEND: "the request was sent",
    Phase.HEADERS: "llmprobe waited for the headers",
    Phase.FIRST_TOKEN: "llmprobe waited for the first token",
    Phase.STREAM: "the answer was read",
    Phase.DONE: "the connection was closed",
}
"""After `while`."""


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "unknown"


def facts_of(evidence: Evidence, signals: Signals, target: Target | None) -> Mapping[str, str]:
    """Everything that `Rule.reason` may name; what is unknown reads `unknown`."""
    exchange, failure = evidence.exchange, evidence.exchange.failure
    host = urlsplit(target.base_url).netloc if target else "the host"
    edge = edge_of(exchange)
    said = said_by(evidence)
    return _Facts(
        provider=target.display_provider if target else evidence.provider,
        model=f"`{target.model}`" if target and target.model else "of that name",
        host=host or "the host",
        peer_or_host=exchange.peer or host or "the host",
        status=str(signals.status or exchange.status or "unknown"),
        code=(evidence.error.code if evidence.error and evidence.error.code else f"HTTP {signals.status}"),
        said=f"“{said}”" if said else "",
        detail=(failure.detail if failure and failure.detail else "no detail given"),
        limit=format_duration(failure.limit_s) if failure and failure.limit_s else "the limit",
        phase_words=PHASE_WORDS[exchange.phase],
        certificate=f" ({failure.detail})" if failure and exchange.chain else "",
        doing=DOING_WORDS[exchange.phase],
        headers=format_duration(exchange.timings.headers_s),
        ttft=format_duration(exchange.timings.ttft_s),
        proxy=without_credentials(exchange.proxy) if exchange.proxy else "on the way",
        edge_or_gateway=edge or "something in front of the API",
        location=without_credentials(exchange.header("location") or "nowhere"),
        upstream=(evidence.error.upstream if evidence.error and evidence.error.upstream else "name unknown"),
        finish=(
            evidence.answer.finish_raw
            if evidence.answer and evidence.answer.finish_raw
            else "no reason given"
        ),
        blocked=(
            evidence.answer.blocked if evidence.answer and evidence.answer.blocked else "no reason given"
        ),
        dialect=evidence.dialect,
        terminator=(evidence.answer.terminator if evidence.answer else "") or "its end",
        garbled=_garbled(evidence.answer),
        snippet=f"“{_shorten(text_of(exchange.body, 400), 80)}”",
        method="GET" if evidence.probe.value in ("models", "edge") else "POST",
        limit_words=limit_words(signals),
    )


def _garbled(answer: Answer | None) -> str:
    """`event 3 is not JSON: “{"choi…”`, or the same of a whole body."""
    if answer is None or answer.garbled is None:
        return "what came is not JSON"
    place = "the body" if answer.garbled.event is None else f"event {answer.garbled.event}"
    return f"{place} is not JSON: “{_shorten(answer.garbled.start, 60)}”"


def said_by(evidence: Evidence) -> str:
    """The other side's own words in one line, short enough for a table."""
    if evidence.error is not None and evidence.error.message:
        return _shorten(evidence.error.message)
    body = text_of(evidence.exchange.body, 2000)
    return _shorten(title_of(body)) if body.lstrip().startswith("<") else ""


def limit_hit(signals: Signals) -> str:
    """Which limit a refusal is about, by its identifiers and words: the most telling one first."""
    said = f"{signals.text} {' '.join(signals.codes)}"
    return next((kind for kind, parts in _LIMITS if any(part in said for part in parts)), "requests")


def limit_words(signals: Signals) -> str:
    """What was too many, for a sentence."""
    return {"concurrency": "requests at once", "tokens": "tokens"}.get(limit_hit(signals), "requests")


_LIMITS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("concurrency", ("concurren", "parallel request", "requests in flight", "simultaneous")),
    ("free_tier", ("free tier", "free_tier", "free plan")),
    ("daily", ("per day", "per_day", "perday", "daily", "(rpd)", "(tpd)", "86400")),
    ("monthly", ("per month", "/ month", "monthly")),
    ("tokens", ("token", "tpm", "itpm", "otpm")),
    ("requests", ("request", "rpm", "call")),
)
"""Windows and units as vendors name them (providers.md sections 1, 2, 3, 8 and 9, read 2026-11-22)."""


def _shorten(text: str, limit: int = _SAID_LIMIT) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
