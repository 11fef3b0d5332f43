"""One exchange in detail: each phase with its time, and the facts that support asks for."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from llmprobe.durations import format_duration
from llmprobe.model import Result, Stats, Window
from llmprobe.reports.interface import Look
from llmprobe.reports.parts import bars
from llmprobe.reports.parts.phases import Span, by_name, length_s, timeline

_LABEL_WIDTH = 13
_TIME_WIDTH = 9


def waterfall(result: Result, look: Look) -> list[str]:
    """Lines, indented by two."""
    lines = list(_phases(result, look))
    for name, value in facts(result):
        fact = f"{name:<12} {value}"
        lines += textwrap.wrap(fact, max(20, look.width - 2), initial_indent="  ", subsequent_indent=" " * 15)
    return lines


def _phases(result: Result, look: Look) -> Iterator[str]:
    """A line for each kind of stretch; those that come again, as silences do, share one."""
    spans = timeline(result)
    width = max(0, min(60, look.width - _LABEL_WIDTH - _TIME_WIDTH - 6))
    for name, each in by_name(spans).items():
        seconds = sum(span.seconds for span in each)
        line = f"  {name.words:<{_LABEL_WIDTH}}{format_duration(seconds):>{_TIME_WIDTH}}"
        if width >= 10:
            line += "  " + _drawn(each, length_s(spans), width, bars.glyph(name, look.unicode))
        yield line


def _drawn(each: Sequence[Span], total_s: float, width: int, glyph: str) -> str:
    """Each stretch at its place; one cell at least."""
    cells = [" "] * width
    for span in each:
        start = min(width - 1, round(span.start_s / total_s * width))
        end = min(width, max(start + 1, round(span.end_s / total_s * width)))
        cells[start:end] = glyph * (end - start)
    return "".join(cells).rstrip()


def facts(result: Result) -> Iterator[tuple[str, str]]:
    """(name, value) of all that was observed, in the words of the house."""
    http, tls, tokens = result.http, result.tls, result.tokens
    yield "endpoint", result.endpoint
    if result.peer:
        connection = f", {result.connection} connection" if result.connection else ""
        yield "peer", f"{result.peer}{connection}" + (f", via {http.edge}" if http.edge else "")
    for connect in result.connects if len(result.connects) > 1 else ():
        yield "tried", f"{connect.address}: {connect.outcome} ({format_duration(connect.seconds)})"
    if http.status:
        yield "http", f"{http.status}" + (f", HTTP/{http.version}" if http.version else "")
    if http.request_id:
        yield "request id", http.request_id
    if tls:
        expiry = f", certificate until {tls.expires_at}" if tls.expires_at else ""
        yield "tls", f"{tls.version} {tls.cipher}{expiry}"
    if result.answered_model:
        yield "answered by", result.answered_model
    if tokens.output is not None:
        rate = f", {tokens.per_second:.0f}/s" if tokens.per_second else ""
        asked = "unknown" if tokens.input is None else tokens.input
        yield "tokens", f"{asked} in, {tokens.output} out{rate} (counted by {tokens.counted_by})"
    for name, window in (("requests", result.rate_limit.requests), ("tokens", result.rate_limit.tokens)):
        if window is not None and window.remaining is not None:
            yield "rate limit", _window(name, window)
    if result.stats is not None:
        yield "samples", samples(result.stats)
    for attempt in result.attempts[:-1]:
        yield f"attempt {attempt.number}", f"{attempt.category}: {attempt.reason}"
    yield "clock", result.clock or "unknown"


def samples(stats: Stats) -> str:
    """How many samples were taken, how many were good, and their times."""
    return f"{stats.n}, {stats.success_rate:.0%} good{_latency(stats)}"


def _latency(stats: Stats) -> str:
    """What n can carry of the samples' first-token times (total where nothing streamed)."""
    name, values = ("ttft", stats.ttft) if stats.ttft else ("total", stats.total)
    shown = [f"{key} {format_duration(value)}" for key, value in (values or {}).items() if value is not None]
    return f"; {name}: {', '.join(shown)}" if shown else ""


def _window(name: str, window: Window) -> str:
    limit = f" of {window.limit:.0f}" if window.limit else ""
    reset = f", full again in {format_duration(window.reset_s)}" if window.reset_s is not None else ""
    return f"{window.remaining:.0f}{limit} {name} left{reset}"
