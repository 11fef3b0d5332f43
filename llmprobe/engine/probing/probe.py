"""One probe of one target: attempts, retries, learning, samples, and the result."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from llmprobe.classify import ABOUT, verdict_status
from llmprobe.engine.outcome.policy import judge
from llmprobe.engine.outcome.results import attempt_of, limits_of, result_of, tokens_of, unsent
from llmprobe.engine.outcome.statistics import broken_limits, least_n, stats_of
from llmprobe.engine.probing.adapt import Lessons
from llmprobe.engine.probing.attempt import Line, Observed, attempt
from llmprobe.engine.probing.budget import Budget, most
from llmprobe.engine.probing.cost import spent
from llmprobe.model import (
    Attempt,
    Category,
    Exchange,
    ProbeKind,
    Request,
    Result,
    Status,
    Target,
    Verdict,
)
from llmprobe.model.cost import Spent, total

OnExchange = Callable[[Target, Request, Exchange, Result], None]

MAX_RETRY_WAIT_S = 20.0
"""A longer Retry-After is told, not waited for: a prober that sleeps is no prober."""
_BASE_WAIT_S = 0.5
_MAX_BACKOFF_S = 8.0


class Gatekeeper(Protocol):
    """When an attempt may start, and how much this machine distorts what it measures."""

    async def idle(self) -> None: ...

    def lag_since(self, started: float) -> float: ...


class _Sample(Struct):
    """One sample: its last attempt speaks for it."""

    seen: Observed
    verdict: Verdict
    notes: tuple[str, ...]
    attempts: list[Attempt] = field(default_factory=list)
    costs: list[Spent] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return verdict_status(self.verdict) is Status.FAILED


async def run_probe(
    target: Target,
    probe: ProbeKind,
    *,
    samples: int,
    pace: Gatekeeper,
    budget: Budget | None = None,
    lessons: Lessons | None = None,
    warm: bool = False,
    stock_network: bool = False,
    on_exchange: OnExchange | None = None,
) -> Result:
    """
    Probe a target once, or `samples` times one after the other.

    Args:
        pace: The run's idle gate, awaited before each attempt, and its lag meter.
        budget: The run's tokens; where they are used up, nothing more is sent.
        lessons: What the run's refusals have taught, shared by all of its probes.
        warm: Measure on a connection that is already open; the opening one is not counted.
        stock_network: Without our own network backend.
        on_exchange: Hears of the last exchange of each sample, for whoever keeps evidence.
    """
    if (refusal := _refuse(target, probe)) is not None:
        return refusal
    line = Line(target, stock_network=stock_network, warm=warm)
    budget, lessons = budget or Budget(), lessons or Lessons()
    try:
        taken = await _samples(line, target, probe, samples, pace=pace, budget=budget, lessons=lessons)
        near = await _nearest_models(line, target, taken[-1]) if taken else None
    finally:
        await line.aclose()
    if not taken:
        return unsent(target, probe, Category.BUDGET, f"{budget.why_not(target, probe)}; nothing was sent")
    ended_by = budget.name_for(most(target, probe)) if len(taken) < samples else ""
    result = _conclude(target, taken, samples, ended_by)
    for sample in taken if on_exchange else ():
        assert on_exchange is not None
        on_exchange(target, sample.seen.request, sample.seen.exchange, result)
    return replace(result, hint=f"did you mean {near}?") if near else result


async def _samples(
    line: Line,
    target: Target,
    probe: ProbeKind,
    samples: int,
    *,
    pace: Gatekeeper,
    budget: Budget,
    lessons: Lessons,
) -> list[_Sample]:
    """As many as asked for; fewer where they are decided early or the budget ends."""
    taken: list[_Sample] = []
    if line.warm:
        await _sample(line, target, probe, pace=pace, budget=budget, lessons=lessons)
    while len(taken) < samples and not _is_decided(target, taken, samples):
        before = sum(len(done.attempts) for done in taken)
        sample = await _sample(line, target, probe, pace=pace, budget=budget, lessons=lessons, before=before)
        if sample is None:
            break
        taken.append(sample)
    return taken


async def _nearest_models(line: Line, target: Target, last: _Sample) -> str | None:
    """After `model_not_found`: the nearest names of the provider's own list, for one free request."""
    if (
        last.verdict.category is not Category.MODEL_NOT_FOUND
        or not target.model
        or last.seen.exchange.status is None
    ):
        return None
    import difflib

    listed = await attempt(line, target, ProbeKind.MODELS)
    answer = listed.evidence.answer
    names = [info.id for info in answer.models or ()] if answer else []
    near = difflib.get_close_matches(target.model, names, n=3, cutoff=0.5)
    return " or ".join(f"`{name}`" for name in near if name != target.model) or None


def _refuse(target: Target, probe: ProbeKind) -> Result | None:
    """What must not be sent at all."""
    if target.retired:
        hint = "remove this target, or use another provider"
        return unsent(target, probe, Category.WRONG_ENDPOINT, target.retired + "; nothing was sent", hint)
    if target.missing_keys and probe is not ProbeKind.EDGE:
        wanted = " or ".join(f'"{name}"' for name in target.missing_keys)
        hint = f"export it, or name another source in api_key{_console(target)}"
        return unsent(
            target, probe, Category.MISSING_CREDENTIAL, f"{wanted} is not set; nothing was sent", hint
        )
    if target.model is None and probe not in (ProbeKind.EDGE, ProbeKind.MODELS):
        return unsent(
            target, probe, Category.MODEL_NOT_FOUND, "no model is named; nothing was sent", 'set "model"'
        )
    return None


def _console(target: Target) -> str:
    return f" (keys: {target.links.console})" if target.links.console else ""


async def _sample(
    line: Line,
    target: Target,
    probe: ProbeKind,
    *,
    pace: Gatekeeper,
    budget: Budget,
    lessons: Lessons,
    before: int = 0,
) -> _Sample | None:
    """Attempts until one is not worth repeating; None where the budget cannot carry the first."""
    attempts: list[Attempt] = []
    costs: list[Spent] = []
    known = lessons.of(target)
    retries = 0
    last: _Sample | None = None
    doubted: str | None = None
    ended: float | None = None
    while True:
        await pace.idle()
        started = time.perf_counter()
        waited_s = None if ended is None else started - ended
        async with budget.ticket(target, probe) as ticket:
            if ticket is None:
                return _without_retry(last, budget.why_not(target, probe)) if last else None
            asked = replace(target, wire=known.wire)
            seen = replace(await attempt(line, asked, probe), adapted=known.words or None)
            ended = time.perf_counter()
            tokens = tokens_of(seen)
            cost = spent(target, seen, tokens)
            costs.append(cost)
            ticket.settle(tokens, seen.exchange.status, cost.usd)
        lag_s = pace.lag_since(started) if seen.exchange.clock == "user" else 0.0
        verdict, notes = judge(seen, target, limits_of(seen.exchange), lag_s)
        attempts.append(attempt_of(before + len(attempts) + 1, seen, verdict, waited_s))
        if doubted is not None and verdict.category is not Category.BUFFERED:
            notes = (*notes, f"not so the answer before it: {doubted}")
        last = _Sample(seen, verdict, notes, attempts, costs)
        if doubted is None and verdict.category is Category.BUFFERED and not seen.buffered_body:
            doubted = verdict.reason  # a burst may be chance: it counts when it comes twice
            continue
        if (lesson := lessons.learn(seen, target)) is not None:
            known = lesson
            attempts[-1] = replace(attempts[-1], adapted=known.words)
            continue
        wait = retry_wait_s(verdict, retries) if retries < target.retries else None
        if wait is None:
            return last
        retries += 1
        await asyncio.sleep(wait)


def _without_retry(last: _Sample, why_not: str) -> _Sample:
    return replace(last, notes=(*last.notes, f"no retry: {why_not}"))


def retry_wait_s(verdict: Verdict, retries: int) -> float | None:
    """Seconds before the next try: what the server asked for, else jittered back-off; None: do not retry."""
    if not verdict.transient:
        return None
    if verdict.retry_after_s is not None:
        return verdict.retry_after_s if verdict.retry_after_s <= MAX_RETRY_WAIT_S else None
    import random

    backoff: float = min(_BASE_WAIT_S * 2**retries, _MAX_BACKOFF_S)
    return backoff * random.uniform(0.75, 1.0)  # noqa: S311


def _is_decided(target: Target, taken: list[_Sample], planned: int) -> bool:
    """Whether every limit over the samples is settled: more of them would change nothing."""
    limits = target.thresholds.quantiles
    timed = [(s.failed, s.seen.exchange.timings) for s in taken]
    return bool(limits and taken) and len(broken_limits(limits, timed, planned)) == len(limits)


def _conclude(target: Target, samples: list[_Sample], planned: int, ended_by: str) -> Result:
    """With several samples the commonest failure speaks if half have failed; fewer only degrade."""
    attempts = [a for s in samples for a in s.attempts]
    failed = [s for s in samples if s.failed]
    stats = None
    if len(samples) > 1:
        stats = stats_of([(s.verdict, s.failed, s.seen.exchange.timings) for s in samples])
    speaker = _speaker(samples, failed)
    result = result_of(target, speaker.seen, speaker.verdict, attempts, notes=speaker.notes, stats=stats)
    if len(samples) > 1 and failed:
        few = 2 * len(failed) < len(samples)
        status = Status.DEGRADED if few else Status.FAILED
        reason = f"{len(failed)} of {len(samples)} samples failed; {result.reason}"
        result = replace(result, status=status, reason=reason)
    result = replace(result, spent=total(cost for sample in samples for cost in sample.costs))
    return _with_quantiles(result, target, samples, planned, ended_by)


def _with_quantiles(
    result: Result, target: Target, samples: list[_Sample], planned: int, ended_by: str
) -> Result:
    """A broken limit makes a working target slow; one that n cannot carry is a note."""
    limits = target.thresholds.quantiles
    if not limits and len(samples) == planned:
        return result
    timed = [(s.failed, s.seen.exchange.timings) for s in samples]
    judged = broken_limits(limits, timed, planned)
    broken = [words for words, is_broken in judged if is_broken]
    notes = [
        f"{limit.metric} p{limit.quantile * 100:g} needs {least_n(limit.quantile)} samples: not judged"
        for limit in limits
        if planned < least_n(limit.quantile)
    ]
    if len(samples) < planned:
        word = "decided" if _is_decided(target, samples, planned) else f"{ended_by} used up"
        notes.append(f"{word} after {len(samples)} of {planned} samples")
    result = replace(result, notes=(*result.notes, *notes))
    if not broken or result.status is not Status.HEALTHY:
        return result
    about = ABOUT[Category.SLOW]
    return replace(
        result,
        status=Status.DEGRADED,
        category=Category.SLOW,
        fault=about.fault,
        reason=broken[0],
        hint=about.hint,
    )


def _speaker(samples: list[_Sample], failed: list[_Sample]) -> _Sample:
    if failed:
        commonest = Counter(s.verdict.category for s in failed).most_common(1)[0][0]
        return next(s for s in reversed(failed) if s.verdict.category is commonest)
    worst = [s for s in samples if s.verdict.category is not Category.OK]
    return worst[-1] if worst else samples[-1]
