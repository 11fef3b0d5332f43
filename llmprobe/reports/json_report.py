"""The versioned JSON of a run: `llmprobe.run/1`. Seconds become `_ms`; unknown is null."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from llmprobe.dates import format_utc
from llmprobe.durations import in_ms
from llmprobe.json_text import compact, readable
from llmprobe.model import (
    Attempt,
    Fault,
    GroupResult,
    HttpFacts,
    Phase,
    RateLimit,
    Result,
    Run,
    SelfFacts,
    Stats,
    Status,
    Timings,
    TlsFacts,
    Tokens,
    Window,
)
from llmprobe.model.cost import Spent, known_usd, total
from llmprobe.reports.interface import Look
from llmprobe.reports.parts.phases import boundaries

if TYPE_CHECKING:
    from llmprobe.model.page import PageReading

SCHEMA = "llmprobe.run/1"
LINE_SCHEMA = "llmprobe.result/1"
DIAGNOSIS_SCHEMA = "llmprobe.diagnosis/1"
STATUS_SCHEMA = "llmprobe.status/1"
READABLE = 100
Json = dict[str, Any]


def render(run: Run, look: Look) -> str:
    """One JSON document."""
    return "".join(pieces(run, look))


def pieces(run: Run, look: Look) -> Iterator[str]:
    """The document: indented while people may read it, else result by result, to save memory."""
    if len(run.results) <= READABLE:
        yield readable(run_json(run))
        return
    yield "{"
    for number, (name, value) in enumerate(run_json(run, with_results=False).items()):
        yield f'{", " if number else ""}"{name}": '
        if name != "results":
            yield compact(value)
            continue
        for place, result in enumerate(run.results):
            yield (", " if place else "[") + compact(result_json(result))
        yield "]"
    yield "}\n"


def run_json(run: Run, *, with_results: bool = True) -> Json:
    """The document as a value; the contract is in `reports/schema.py`. Without its results on request."""
    return {
        "schema": SCHEMA,
        "llmprobe": run.version,
        "started_at": format_utc(run.started_at_utc),
        "duration_ms": in_ms(run.duration_s),
        "status": run.status,
        "conclusion": run.conclusion,
        "exit_code": int(run.exit_code),
        "summary": {
            "status": _count((r.status for r in run.results), Status),
            "category": dict(Counter(str(r.category) for r in run.results)),
            "fault": _count((r.fault for r in run.results if r.fault), Fault),
            "cost": _cost_of_run(run),
        },
        "groups": [_group(group) for group in run.groups],
        "results": [result_json(result) for result in run.results] if with_results else [],
        "notes": list(run.notes),
        "status_pages": [page_json(page) for page in run.pages],
        "self": _self(run.self_facts),
    }


def result_json(result: Result) -> Json:
    """One result, as in `results` and on a line of `ndjson`."""
    timings = timings_json(result.timings)
    phases = phases_json(result.timings, result.phase)
    return {
        "target": result.target,
        "provider": result.provider,
        "dialect": result.dialect,
        "model": result.model,
        "answered_model": result.answered_model,
        "probe": result.probe,
        "endpoint": result.endpoint,
        "status": result.status,
        "category": result.category,
        "fault": result.fault,
        "paused_by": result.paused_by,
        "phase": result.phase,
        "reason": result.reason,
        "hint": result.hint,
        "rule": result.rule or None,
        "confidence": result.confidence,
        "evidence": list(result.evidence),
        "runner_up": result.runner_up,
        "runner_up_evidence": list(result.runner_up_evidence),
        "http": _http(result.http),
        "timings_ms": timings,
        "phases": phases,
        "tokens": _tokens(result.tokens),
        "cost": _cost(result.spent),
        "rate_limit": _rate_limit(result.rate_limit),
        "tls": _tls(result.tls),
        "connection": result.connection,
        "peer": result.peer,
        "clock": result.clock,
        "connects": [
            {"address": c.address, "ms": in_ms(c.seconds), "outcome": c.outcome} for c in result.connects
        ],
        "attempts": [
            _attempt(attempt, timings, phases)
            if attempt.timings is result.timings and attempt.phase is result.phase
            else _attempt(attempt, timings_json(attempt.timings), phases_json(attempt.timings, attempt.phase))
            for attempt in result.attempts
        ],
        "stats": _stats(result.stats),
        "notes": list(result.notes),
        "tags": list(result.tags),
        "limits_ms": {
            name: {"warn": in_ms(limit.warn_s), "crit": in_ms(limit.crit_s)}
            for name, limit in result.limits.items()
        },
    }


def page_json(page: PageReading) -> Json:
    """What a vendor's own page says: a claim of theirs."""
    return {
        "provider": page.provider,
        "url": page.url,
        "state": str(page.state),
        "component": page.component,
        "read_at": format_utc(page.read_at_utc),
        "changed_at": _utc(page.changed_at_utc),
        "problem": page.problem,
        "note": page.note,
        "incidents": [
            {
                "title": incident.title,
                "state": incident.state,
                "impact": incident.impact,
                "began_at": _utc(incident.began_at_utc),
                "updated_at": _utc(incident.updated_at_utc),
                "url": incident.url,
            }
            for incident in page.incidents
        ],
    }


def timings_json(timings: Timings) -> Json:
    """`dns`, `connect`, `tls`, `send` are durations, the gaps too; the others instants since the start."""
    return {
        "dns": in_ms(timings.dns_s),
        "connect": in_ms(timings.connect_s),
        "tls": in_ms(timings.tls_s),
        "send": in_ms(timings.send_s),
        "sent": in_ms(timings.sent_s),
        "headers": in_ms(timings.headers_s),
        "first_event": in_ms(timings.first_event_s),
        "first_reasoning": in_ms(timings.first_reasoning_s),
        "first_text": in_ms(timings.first_text_s),
        "ttft": in_ms(timings.ttft_s),
        "total": in_ms(timings.total_s),
        "longest_silence": in_ms(timings.longest_silence_s),
        "itl_p50": in_ms(timings.itl_p50_s),
        "itl_p95": in_ms(timings.itl_p95_s),
    }


def phases_json(timings: Timings, ended_in: Phase | None) -> list[Json]:
    """Where the time of one attempt went: `duration_ms` of each stretch; they sum up to `total`."""
    found = []
    at = 0.0
    for name, end_s in boundaries(timings, ended_in):
        end = round(end_s * 1000, 3)
        found.append({"name": name, "duration_ms": round(end - at, 3)})
        at = end
    return found


def _http(http: HttpFacts) -> Json:
    return {
        "status": http.status,
        "version": http.version,
        "request_id": http.request_id,
        "provider_code": http.provider_code,
        "server": http.server,
        "edge": http.edge,
    }


def _tokens(tokens: Tokens) -> Json:
    return {
        "input": tokens.input,
        "output": tokens.output,
        "reasoning": tokens.reasoning,
        "per_second": _rounded(tokens.per_second),
        "counted_by": tokens.counted_by,
        "events": tokens.events,
        "reads": tokens.reads,
    }


def _cost(spent: Spent | None) -> Json:
    """Over all attempts and samples; `usd` is null where a part of it is not known."""
    if spent is None:
        return dict.fromkeys(("requests", "input_tokens", "output_tokens", "usd", "source"))
    return {
        "requests": spent.requests,
        "input_tokens": spent.input,
        "output_tokens": spent.output,
        "usd": _usd(spent.usd),
        "source": spent.source,
    }


def _cost_of_run(run: Run) -> Json:
    """`usd` is what is known; `unknown` counts the results whose cost is not."""
    parts = [result.spent or Spent(usd=None) for result in run.results]
    usd, unknown = known_usd(parts)
    whole = total(parts)
    return {
        "requests": whole.requests,
        "input_tokens": whole.input,
        "output_tokens": whole.output,
        "usd": None if unknown == len(parts) else _usd(usd),
        "unknown": unknown,
    }


def _usd(usd: float | None) -> float | None:
    """To a millionth of a cent: a probe costs a thousandth of one."""
    return None if usd is None else round(usd, 8)


def _rate_limit(limits: RateLimit) -> Json:
    return {
        "requests": _window(limits.requests),
        "tokens": _window(limits.tokens),
        "retry_after_s": _rounded(limits.retry_after_s),
        "hit": limits.hit,
    }


def _attempt(attempt: Attempt, timings: Json, phases: list[Json]) -> Json:
    return {
        "number": attempt.number,
        "started_at": format_utc(attempt.started_at_utc),
        "status": attempt.status,
        "category": attempt.category,
        "phase": attempt.phase,
        "reason": attempt.reason,
        "http_status": attempt.http_status,
        "retry_after_s": _rounded(attempt.retry_after_s),
        "adapted": attempt.adapted,
        "timings_ms": timings,
        "phases": phases,
        "waited_ms": in_ms(attempt.waited_s),
    }


def _group(group: GroupResult) -> Json:
    return {
        "name": group.name,
        "status": group.status,
        "need": group.need,
        "healthy": group.healthy,
        "members": list(group.members),
    }


def _stats(stats: Stats | None) -> Json | None:
    if stats is None:
        return None
    return {
        "n": stats.n,
        "failed": stats.failed,
        "success_rate": _rounded(stats.success_rate),
        "ttft_ms": _summary(stats.ttft),
        "total_ms": _summary(stats.total),
        "categories": dict(stats.categories),
    }


def _summary(values: Mapping[str, float | None] | None) -> Json | None:
    return None if values is None else {name: in_ms(value) for name, value in values.items()}


def _window(window: Window | None) -> Json | None:
    if window is None:
        return None
    return {
        "limit": window.limit,
        "remaining": window.remaining,
        "reset_s": _rounded(window.reset_s),
        "window": window.window,
    }


def _tls(tls: TlsFacts | None) -> Json | None:
    if tls is None:
        return None
    return {
        "version": tls.version,
        "cipher": tls.cipher,
        "alpn": tls.alpn,
        "expires_at": tls.expires_at,
        "issuer": tls.issuer,
    }


def _self(facts: SelfFacts | None) -> Json:
    return {
        "clock": facts and facts.clock,
        "loop_lag_p99_ms": facts and in_ms(facts.loop_lag_p99_s),
        "loop_lag_max_ms": facts and in_ms(facts.loop_lag_max_s),
        "concurrency": {
            "peak": facts and facts.probes_at_once,
            "limit": facts and facts.probes_limit,
            "adaptive": facts and facts.adaptive,
        },
    }


def _count(values: Iterable[Any], kind: type[Status] | type[Fault]) -> dict[str, int]:
    counted = Counter(str(value) for value in values)
    return {str(member): counted[str(member)] for member in kind}


def _utc(epoch_s: float | None) -> str | None:
    return None if epoch_s is None else format_utc(epoch_s)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
