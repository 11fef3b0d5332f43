"""The facts of one result by name, as a person or a support team asks for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from llmprobe.durations import format_duration
from llmprobe.model import CATEGORY_WORDS, Attempt, Result, Stats, Timings, TlsFacts, Tokens, Window

_ATTEMPTS_TOLD = 3
"""So many attempts are told one by one; more are summed up."""
_INSTANTS = ("headers", "first event", "first reasoning", "first text", "total")


def facts(result: Result) -> Iterator[tuple[str, str]]:
    """(name, value) of all that was observed, in the words of the house."""
    http, limits = result.http, result.rate_limit
    yield "endpoint", result.endpoint
    if result.peer:
        connection = f", {result.connection} connection" if result.connection else ""
        yield "peer", f"{result.peer}{connection}" + (f", via {http.edge}" if http.edge else "")
    if result.proxy:
        yield "proxy", result.proxy
    for connect in result.connects if len(result.connects) > 1 else ():
        yield "tried", f"{connect.address}: {connect.outcome} ({format_duration(connect.seconds)})"
    if http.status:
        yield "http", f"{http.status}" + (f", HTTP/{http.version}" if http.version else "")
    if http.request_id:
        yield "request id", http.request_id
    if result.tls:
        yield "tls", f"{result.tls.version} {result.tls.cipher}"
        yield from _certificate(result.tls)
    if result.answered_model:
        yield "answered by", result.answered_model
    if result.tokens.output is not None:
        yield "tokens", _tokens(result.tokens)
    for name, window in (("requests", limits.requests), ("tokens", limits.tokens)):
        if window is not None and window.remaining is not None:
            yield "rate limit", _window(name, window)
    if result.stats is not None:
        yield "samples", samples(result.stats)
    yield from _attempts(result.attempts)
    yield from _instants(result.timings)
    yield "clock", result.clock or "unknown"


def samples(stats: Stats) -> str:
    """How many samples were taken, how many were good, and their times."""
    return f"{stats.n}, {stats.success_rate:.0%} good{_latency(stats)}"


def _attempts(attempts: Sequence[Attempt]) -> Iterator[tuple[str, str]]:
    """Each attempt of a few; of many how often each verdict came, and what the failures said last."""
    if len(attempts) < 2:
        return
    if len(attempts) <= _ATTEMPTS_TOLD:
        for attempt in attempts:
            yield f"attempt {attempt.number}", _attempt(attempt)
        return
    counted = Counter(CATEGORY_WORDS[attempt.category] for attempt in attempts)
    words = ", ".join(f"{count} {word}" for word, count in counted.most_common())
    yield "attempts", f"{len(attempts)}: {words}"
    failed = [attempt for attempt in attempts if attempt.category != "ok"]
    if failed:
        yield f"attempt {failed[-1].number}", _attempt(failed[-1])


def _attempt(attempt: Attempt) -> str:
    took = f" ({format_duration(attempt.timings.total_s)})" if attempt.timings.total_s is not None else ""
    learned = f"; then {attempt.adapted}" if attempt.adapted else ""
    return f"{CATEGORY_WORDS[attempt.category]}: {attempt.reason}{took}{learned}"


def _instants(timings: Timings) -> Iterator[tuple[str, str]]:
    """`first reasoning 210 ms, first text 1.2 s`: each clock by its name, since the start."""
    found = [(name, getattr(timings, f"{name.replace(' ', '_')}_s")) for name in _INSTANTS]
    told = [f"{name} {format_duration(at_s)}" for name, at_s in found if at_s is not None]
    if told:
        yield "instants", ", ".join(told)


def _certificate(tls: TlsFacts) -> Iterator[tuple[str, str]]:
    if tls.expires_at is None:
        return
    left = "" if tls.expires_in_s is None else f" ({format_duration(tls.expires_in_s)} left)"
    yield "certificate", f"until {tls.expires_at}{left}" + (f", issued by {tls.issuer}" if tls.issuer else "")


def _tokens(tokens: Tokens) -> str:
    rate = f", {tokens.per_second:.0f}/s" if tokens.per_second else ""
    thought = f" ({tokens.reasoning} of them reasoning)" if tokens.reasoning else ""
    asked = "unknown" if tokens.input is None else tokens.input
    return f"{asked} in, {tokens.output} out{thought}{rate} (counted by {tokens.counted_by})"


def _latency(stats: Stats) -> str:
    """What n can carry of the samples' first-token times (total where nothing streamed)."""
    name, values = ("ttft", stats.ttft) if stats.ttft else ("total", stats.total)
    shown = [f"{key} {format_duration(value)}" for key, value in (values or {}).items() if value is not None]
    return f"; {name}: {', '.join(shown)}" if shown else ""


def _window(name: str, window: Window) -> str:
    limit = f" of {window.limit:.0f}" if window.limit else ""
    reset = f", full again in {format_duration(window.reset_s)}" if window.reset_s is not None else ""
    return f"{window.remaining:.0f}{limit} {name} left{reset}"
