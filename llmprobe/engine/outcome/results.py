"""From observations to a `Result`: the facts of the attempt that speaks for the probe."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from msgspec.structs import replace

from llmprobe.classify import ABOUT, edge_of, request_id_of, status_of, verdict_status
from llmprobe.counts import counted
from llmprobe.engine.probing.attempt import Observed
from llmprobe.foreign import clean, cleaned
from llmprobe.model import (
    CATEGORY_WORDS,
    Answer,
    Attempt,
    Category,
    Exchange,
    HttpFacts,
    Limit,
    Pause,
    ProbeKind,
    RateLimit,
    Result,
    Stats,
    Status,
    Target,
    Thresholds,
    Tokens,
    Verdict,
)
from llmprobe.model.cost import Spent
from llmprobe.model.timed import TIMED
from llmprobe.providers.rate_limit import windows_of
from llmprobe.redact import without_credentials
from llmprobe.transport.proxies import proxy_source

FIRST_WORDS = 80
_NEVER_SENT = (Category.MISSING_CREDENTIAL, Category.BUDGET, Category.BACKOFF, Category.WRONG_ENDPOINT)
MIN_READS_FOR_RATE = 3


def result_of(
    target: Target,
    seen: Observed,
    verdict: Verdict,
    attempts: Sequence[Attempt],
    *,
    notes: Sequence[str],
    stats: Stats | None,
) -> Result:
    """The result of a probe that was sent."""
    exchange, answer, error = seen.exchange, seen.evidence.answer, seen.evidence.error
    result = Result(
        target=target.name,
        provider=target.provider,
        title=target.display_provider,
        dialect=target.dialect,
        model=target.model,
        probe=seen.evidence.probe,
        endpoint=without_credentials(seen.request.url),
        status=verdict_status(verdict),
        category=verdict.category,
        fault=verdict.fault,
        phase=exchange.phase,
        reason=_with_retries(verdict, attempts),
        hint=verdict.hint if verdict.category is not Category.OK else None,
        answered_model=answer.model if answer else None,
        http=HttpFacts(
            status=exchange.status,
            version=exchange.http_version,
            request_id=request_id_of(exchange),
            provider_code=error.code if error else None,
            server=exchange.header("server"),
            edge=edge_of(exchange),
        ),
        timings=exchange.timings,
        tokens=tokens_of(seen),
        rate_limit=limits_of(exchange, verdict.retry_after_s, verdict.limit),
        tls=exchange.tls,
        connection=exchange.connection,
        peer=exchange.peer,
        proxy=_proxy(exchange, target, seen.request.url),
        answer_start=_answer_start(answer),
        connects=exchange.connects,
        attempts=tuple(attempts),
        stats=stats,
        clock=exchange.clock if exchange.timings.headers_s is not None else None,
        notes=tuple(dict.fromkeys(notes)),
        tags=target.tags,
        rule=verdict.rule,
        confidence=verdict.confidence,
        runner_up=verdict.runner_up,
        evidence=verdict.evidence,
        runner_up_evidence=verdict.runner_up_evidence,
        limits=_limits(target.thresholds),
    )
    return cleaned(result)


def _proxy(exchange: Exchange, target: Target, url: str) -> str | None:
    """`http://proxy:3128 (from HTTPS_PROXY)`: the proxy that was used, and what named it."""
    if exchange.proxy is None:
        return None
    source = "the configuration" if target.proxy else proxy_source(url, os.environ)
    return f"{without_credentials(exchange.proxy)} (from {source})"


def _answer_start(answer: Answer | None) -> str | None:
    """The first words of an answer on one line, cleaned before they are shortened."""
    said = (answer.text or answer.tool_arguments or "") if answer else ""
    line = " ".join(clean(said).split())
    return (line if len(line) <= FIRST_WORDS else f"{line[: FIRST_WORDS - 1]}…") or None


def _limits(thresholds: Thresholds) -> dict[str, Limit]:
    """What each metric was held to."""
    found = {}
    for metric in TIMED:
        warn, crit = getattr(thresholds, f"{metric}_s"), thresholds.critical.get(metric)
        if warn is not None or crit is not None:
            found[metric] = Limit(warn, crit)
    return found


def paused(target: Target, probe: ProbeKind, pause: Pause) -> Result:
    """The result of a probe that a pause keeps from being sent; the side is that of the pause's cause."""
    result = unsent(target, probe, Category.BACKOFF, f"{pause.reason}; nothing was sent")
    limits = RateLimit(retry_after_s=pause.left_s)
    return replace(result, fault=pause.fault, paused_by=pause.category, rate_limit=limits)


def unsent(
    target: Target, probe: ProbeKind, category: Category, reason: str, hint: str | None = None
) -> Result:
    """The result of a probe of which nothing was sent (or nothing came to an end)."""
    about = ABOUT[category]
    result = Result(
        target=target.name,
        provider=target.provider,
        title=target.display_provider,
        dialect=target.dialect,
        model=target.model,
        probe=probe,
        endpoint=without_credentials(target.base_url),
        status=status_of(category),
        category=category,
        fault=about.fault,
        phase=None,
        reason=reason,
        hint=hint or about.hint or None,
        tags=target.tags,
        spent=Spent() if category in _NEVER_SENT else None,
    )
    return cleaned(result)


def attempt_of(number: int, seen: Observed, verdict: Verdict, waited_s: float | None = None) -> Attempt:
    return Attempt(
        number=number,
        status=verdict_status(verdict),
        category=verdict.category,
        phase=seen.exchange.phase,
        reason=verdict.reason,
        http_status=seen.exchange.status,
        started_at_utc=seen.started_at_utc,
        timings=seen.exchange.timings,
        retry_after_s=verdict.retry_after_s,
        adapted=seen.adapted,
        waited_s=waited_s,
    )


def limits_of(exchange: Exchange, retry_after_s: float | None = None, hit: str | None = None) -> RateLimit:
    """What the headers tell of the windows, with what the verdict knows beside it."""
    requests, tokens = windows_of(exchange.headers, time.time())
    return RateLimit(requests, tokens, retry_after_s, hit)


def tokens_of(seen: Observed) -> Tokens:
    """The server's own count where it gave one; else content events, which are not always tokens."""
    exchange, answer = seen.exchange, seen.evidence.answer
    if answer is None or seen.evidence.probe in (ProbeKind.EDGE, ProbeKind.MODELS):
        return Tokens()
    usage, counted_by = answer.usage, "server"
    output = usage.output
    if output is None and exchange.content_events:
        output, counted_by = exchange.content_events, "events"
    if output is None and usage.input is None:
        return Tokens()
    return Tokens(
        input=usage.input,
        output=output,
        reasoning=usage.reasoning,
        per_second=_per_second(exchange, output),
        counted_by=counted_by,
        events=exchange.content_events,
        reads=exchange.content_reads,
    )


def _per_second(exchange: Exchange, output: int | None) -> float | None:
    """After the first token; None where there are too few tokens or reads for a rate."""
    timings = exchange.timings
    if output is None or output < 2 or (exchange.content_reads or 0) < MIN_READS_FOR_RATE:
        return None
    if timings.ttft_s is None or timings.total_s is None or timings.total_s <= timings.ttft_s:
        return None
    return (output - 1) / (timings.total_s - timings.ttft_s)


def _with_retries(verdict: Verdict, attempts: Sequence[Attempt]) -> str:
    """`answered; healthy after 1 retry (overloaded)`."""
    failed = [a for a in attempts[:-1] if a.status is Status.FAILED and not a.adapted]
    if not failed or verdict_status(verdict) is Status.FAILED:
        return verdict.reason
    words = ", ".join(dict.fromkeys(CATEGORY_WORDS[a.category] for a in failed))
    return f"{verdict.reason}; healthy after {counted(len(failed), 'retry')} ({words})"
