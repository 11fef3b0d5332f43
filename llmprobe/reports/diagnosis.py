"""A diagnosis: rung by rung for a terminal as it climbs, as JSON, as Markdown for a ticket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from llmprobe.counts import counted
from llmprobe.dates import format_utc
from llmprobe.durations import format_duration, in_ms
from llmprobe.json_text import readable
from llmprobe.model.diagnosis import Diagnosis, Rung, RungState
from llmprobe.reports.interface import Look
from llmprobe.reports.json_report import DIAGNOSIS_SCHEMA, page_json, result_json
from llmprobe.reports.markdown import code, escaped, table
from llmprobe.reports.parts.pages import page_lines
from llmprobe.reports.parts.rich_text import text_console, text_of

_SYMBOLS = {
    RungState.HOLDS: ("✓", "+", "green"),
    RungState.DOUBTFUL: ("!", "!", "yellow"),
    RungState.BROKEN: ("✗", "x", "bold red"),
    RungState.UNTESTED: ("–", "-", "dim"),
}
_NAME_WIDTH = 16


def render_head(title: str, model: str | None, endpoint: str, look: Look) -> str:
    """What is diagnosed, before the first rung."""
    console = text_console(look)
    console.print(Text(f"{title}{f', {model}' if model else ''}, {endpoint}", style="bold"))
    return text_of(console, look)


def render_rung(rung: Rung, look: Look) -> str:
    """One line, wrapped under itself, and its details where they matter (or with -v)."""
    console = text_console(look)
    symbol, plain, style = _SYMBOLS[rung.state]
    line = Text(f"{symbol if look.unicode else plain} {rung.name:<{_NAME_WIDTH}}", style=style)
    line.append(rung.came, style="default" if rung.state is not RungState.UNTESTED else "dim")
    if rung.seconds is not None:
        line.append(f"  {format_duration(rung.seconds)}", style="dim")
    _print_hanging(console, line, look.width)
    if rung.details and (look.verbose or rung.state in (RungState.BROKEN, RungState.DOUBTFUL)):
        for detail in rung.details:
            _print_hanging(console, Text(" " * (_NAME_WIDTH + 2) + detail, style="dim"), look.width)
    return text_of(console, look)


def render_end(diagnosis: Diagnosis, look: Look, *, with_repairs: bool = False) -> str:
    """The conclusion, what next, what has changed, what their page says, and what was not tested."""
    console = text_console(look)
    console.print()
    console.print(Text(diagnosis.conclusion, style="bold"))
    arrow = "→" if look.unicode else "->"
    if diagnosis.next:
        console.print(Text(f"{arrow} {diagnosis.next}", style="cyan"))
    if diagnosis.command:
        console.print(Text(f"{arrow} run: {diagnosis.command}", style="cyan"), soft_wrap=True)
    for line in (*since_last(diagnosis), *(repair_lines(diagnosis) if with_repairs else ())):
        console.print(Text(line))
    for page in diagnosis.pages:
        for line in page_lines(page, diagnosis.results[-1:]):
            console.print(Text(line))
    console.print(Text(f"not tested: {', '.join(diagnosis.not_tested)}", style="dim"))
    console.print(Text(_cost(diagnosis), style="dim"))
    return text_of(console, look)


def since_last(diagnosis: Diagnosis) -> Iterator[str]:
    """`since 12 min ago: “key” holds now; then it broke (key rejected)`, a line for each change."""
    if diagnosis.last_at_utc is not None:
        ago = format_duration(max(0.0, diagnosis.started_at_utc - diagnosis.last_at_utc))
        yield from (f"since {ago} ago: {change}" for change in diagnosis.changes)


def repair_lines(diagnosis: Diagnosis) -> Iterator[str]:
    """What a repair would change, and that nothing was changed."""
    yield from (f"fix: {words}" for words in diagnosis.repairs)
    yield "fix: nothing was changed"


def render_json(diagnosis: Diagnosis) -> str:
    return readable(diagnosis_json(diagnosis))


def diagnosis_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """The document `llmprobe.diagnosis/1` as a value."""
    return {
        "schema": DIAGNOSIS_SCHEMA,
        "llmprobe": diagnosis.version,
        "started_at": format_utc(diagnosis.started_at_utc),
        "duration_ms": in_ms(diagnosis.duration_s),
        "target": diagnosis.target,
        "provider": diagnosis.provider,
        "model": diagnosis.model,
        "endpoint": diagnosis.endpoint,
        "broken": diagnosis.broken,
        "category": str(diagnosis.category),
        "fault": diagnosis.fault,
        "conclusion": diagnosis.conclusion,
        "next": diagnosis.next,
        "command": diagnosis.command,
        "repairs": list(diagnosis.repairs),
        "last_at": None if diagnosis.last_at_utc is None else format_utc(diagnosis.last_at_utc),
        "changes": list(diagnosis.changes),
        "not_tested": list(diagnosis.not_tested),
        "tokens": diagnosis.tokens,
        "exit_code": int(diagnosis.exit_code),
        "rungs": [_rung_json(rung) for rung in diagnosis.rungs],
        "results": [result_json(result) for result in diagnosis.results],
        "status_pages": [page_json(page) for page in diagnosis.pages],
    }


def render_markdown(diagnosis: Diagnosis, *, with_repairs: bool = False) -> str:
    """Ready to paste into a ticket."""
    lines = [
        f"## {escaped(diagnosis.title)}: {escaped(diagnosis.conclusion)}",
        "",
        f"- when: {format_utc(diagnosis.started_at_utc)}",
        f"- endpoint: {code(diagnosis.endpoint)}",
        *([f"- model: {code(diagnosis.model)}"] if diagnosis.model else []),
        *(f"- request id: {code(r.http.request_id)}" for r in diagnosis.results[-1:] if r.http.request_id),
        *([f"- next: {escaped(diagnosis.next)}"] if diagnosis.next else []),
        *([f"- run: {code(diagnosis.command)}"] if diagnosis.command else []),
        *(f"- {escaped(line)}" for line in since_last(diagnosis)),
        *(f"- {escaped(line)}" for line in (repair_lines(diagnosis) if with_repairs else ())),
        "",
        *table(["rung", "", "what came back", "time"], [_row(rung) for rung in diagnosis.rungs]),
        "",
        *(f"- {escaped(line)}" for p in diagnosis.pages for line in page_lines(p, diagnosis.results[-1:])),
        f"- not tested: {escaped(', '.join(diagnosis.not_tested))}",
        f"- {_cost(diagnosis)}, llmprobe {diagnosis.version}",
    ]
    return "\n".join(lines) + "\n"


def _row(rung: Rung) -> list[str]:
    time = "" if rung.seconds is None else format_duration(rung.seconds)
    return [str(rung.name), str(rung.state), "<br>".join(map(escaped, (rung.came, *rung.details))), time]


def _rung_json(rung: Rung) -> dict[str, Any]:
    return {
        "name": str(rung.name),
        "state": str(rung.state),
        "did": rung.did,
        "came": rung.came,
        "ms": in_ms(rung.seconds),
        "details": list(rung.details),
    }


def _cost(diagnosis: Diagnosis) -> str:
    took = format_duration(diagnosis.duration_s)
    if diagnosis.tokens is None:
        return f"{took}, an unknown number of tokens"
    return f"{took}, {counted(diagnosis.tokens, 'token')}"


def _print_hanging(console: Any, line: Text, width: int) -> None:
    """Later lines of a rung begin below its words."""
    room = max(12, width - _NAME_WIDTH - 2)
    head, body = line[: _NAME_WIDTH + 2], line[_NAME_WIDTH + 2 :]
    indent = " " * (_NAME_WIDTH + 2)
    for number, part in enumerate(_wrapped(body, room)):
        console.print(Text.assemble(head if number == 0 else indent, part), soft_wrap=True)


def _wrapped(text: Text, width: int) -> Iterator[Text]:
    from rich.console import Console

    yield from text.wrap(Console(width=width), width) or [Text("")]
