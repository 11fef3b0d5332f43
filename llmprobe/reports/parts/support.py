"""What support asks for, as Markdown that is ready to paste into a ticket of the provider."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from llmprobe.dates import format_utc
from llmprobe.model import Result, Status
from llmprobe.model.page import PageReading
from llmprobe.reports.markdown import code, escaped
from llmprobe.reports.parts.facts import label, side
from llmprobe.reports.parts.pages import page_lines
from llmprobe.reports.parts.phases import in_words, timeline


def summary(
    conclusion: str,
    results: Sequence[Result],
    pages: Sequence[PageReading],
    started_at_utc: float,
    version: str,
) -> str:
    """What failed first, each with the facts that support asks for."""
    lines = [
        f"# {escaped(conclusion)}",
        "",
        f"Measured {format_utc(started_at_utc)} with llmprobe {version}.",
        "",
    ]
    for result in sorted(results, key=lambda r: r.status is not Status.FAILED):
        lines += _section(result)
    lines += [f"- {escaped(line)}" for page in pages for line in page_lines(page, results)]
    return "\n".join(lines) + "\n"


def _section(result: Result) -> Iterator[str]:
    http = result.http
    whose = f" ({side(result)})" if result.fault else ""
    yield f"## {escaped(label(result))}: {result.status}, {result.category}{whose}"
    yield ""
    yield f"- {escaped(result.reason)}"
    yield f"- endpoint: {code(result.endpoint)}" + (f", model {code(result.model)}" if result.model else "")
    for attempt in result.attempts:
        status = f"HTTP {attempt.http_status}" if attempt.http_status else "no answer"
        when = format_utc(attempt.started_at_utc)
        yield f"- attempt {attempt.number} at {when}: {status}, {attempt.category}"
    if http.request_id:
        yield f"- request id: {code(http.request_id)}"
    if http.provider_code:
        yield f"- error code: {code(http.provider_code)}"
    if result.peer or http.edge:
        edge = http.edge or http.server or "unknown"
        yield f"- peer: {code(result.peer or 'unknown')}, edge: {escaped(edge)}"
    time = in_words(timeline(result))
    if time:
        yield f"- time: {time} (clock: {result.clock or 'unknown'})"
    yield ""
