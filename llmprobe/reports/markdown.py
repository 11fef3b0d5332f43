"""Markdown for an issue, a pull request or a job's summary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from llmprobe.dates import format_utc
from llmprobe.durations import format_duration
from llmprobe.model import CATEGORY_WORDS, Result, Run, Status
from llmprobe.reports.interface import Look
from llmprobe.reports.parts.facts import label, side
from llmprobe.reports.parts.pages import page_lines
from llmprobe.reports.parts.phases import in_words, timeline

_LINK = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*:(?=//)|\bwww)(/|\.)")
_LIST = re.compile(r"^(\d*)([-+=>.)])")
_LEAST_SHARE = 0.05
ICONS = {Status.HEALTHY: "✅", Status.DEGRADED: "⚠️", Status.FAILED: "❌", Status.SKIPPED: "⏭️"}


def render(run: Run, look: Look) -> str:
    """The conclusion, a table, and what is wrong with what to do."""
    lines = [f"**{ICONS[run.status]} {escaped(run.conclusion)}**", ""]
    lines += table(
        ["", "target", "probe", "what", "side", "HTTP", "first token", "total", "where the time went"],
        map(_row, run.results),
    )
    for result in run.results:
        if result.status is not Status.HEALTHY:
            lines += _detail(result)
    for group in run.groups:
        works = f"{group.healthy} of {len(group.members)} work, needs {group.need}"
        lines += ["", f"{ICONS[group.status]} group **{escaped(group.name)}**: {works}"]
    lines += ["", *(f"- {escaped(line)}" for page in run.pages for line in page_lines(page, run.results))]
    lines += [f"- {escaped(note)}" for note in run.notes]
    lines.append(f"llmprobe {run.version}, {format_utc(run.started_at_utc)}")
    return "\n".join(lines) + "\n"


def _row(result: Result) -> list[str]:
    timings = result.timings
    return [
        ICONS[result.status],
        escaped(result.target),
        str(result.probe),
        CATEGORY_WORDS[result.category],
        side(result),
        str(result.http.status or ""),
        "" if timings.ttft_s is None else format_duration(timings.ttft_s),
        "" if timings.total_s is None else format_duration(timings.total_s),
        in_words(timeline(result), least=_LEAST_SHARE),
    ]


def _detail(result: Result) -> Iterator[str]:
    yield ""
    yield f"**{escaped(label(result))}**: {escaped(result.reason)}  "
    yield from (f"note: {escaped(note)}  " for note in result.notes)
    if result.http.request_id:
        yield f"request id: {code(result.http.request_id)}  "
    if result.hint:
        yield f"→ {escaped(result.hint)}"


def table(head: list[str], rows: Iterable[list[str]]) -> list[str]:
    """A pipe table; cells are escaped by whoever made them."""
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cells) + " |" for cells in lines]


def escaped(text: str) -> str:
    """Text of a stranger, that it may neither format nor link nor break a table."""
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    text = "".join("\\" + c if c in "\\`*_[]|~#!@$" else c for c in text)
    return _LINK.sub(r"\1\\\2", _LIST.sub(r"\1\\\2", text))


def code(text: str) -> str:
    return f"`{text.replace('`', chr(39))}`"
