"""A run as one self-contained page, with a waterfall for each result."""

from __future__ import annotations

from collections.abc import Iterator

from llmprobe.dates import format_utc
from llmprobe.durations import format_duration
from llmprobe.model import CATEGORY_WORDS, Result, Run, Status
from llmprobe.model.page import PageReading
from llmprobe.reports.interface import Look
from llmprobe.reports.parts import bars
from llmprobe.reports.parts.facts import side
from llmprobe.reports.parts.html_page import linked, page, table, text
from llmprobe.reports.parts.observed import facts
from llmprobe.reports.parts.pages import page_lines
from llmprobe.reports.parts.phases import in_words, timeline

_SYMBOLS = {Status.HEALTHY: "✓", Status.DEGRADED: "!", Status.FAILED: "✗", Status.SKIPPED: "–"}
_FEW = 3
"""So many failures show their details at once."""
_WORST_FIRST = (Status.FAILED, Status.SKIPPED, Status.DEGRADED, Status.HEALTHY)


def render(run: Run, look: Look) -> str:
    """The conclusion first, then what is wrong, then what works."""
    when = f"{format_utc(run.started_at_utc)} · {format_duration(run.duration_s)} · llmprobe {run.version}"
    longest = bars.longest_s(run.results)
    few = sum(r.status is Status.FAILED for r in run.results) <= _FEW
    ordered = sorted(run.results, key=lambda r: _WORST_FIRST.index(r.status))
    parts = [
        f'<h1 class="{run.status}">{text(run.conclusion)}</h1>',
        f'<p class="dim">{text(when)}</p>',
        *_groups(run),
        _legend(run),
        *(_card(r, longest, look, shown=few and r.status is Status.FAILED) for r in ordered),
        *(f"<p>{line}</p>" for page in run.pages for line in _page(page, run)),
        *(f'<p class="dim">note: {text(note)}</p>' for note in run.notes),
    ]
    return page(f"llmprobe: {run.conclusion}", "\n".join(parts))


def _page(page: PageReading, run: Run) -> Iterator[str]:
    """What a vendor's page says; its first line leads to it."""
    first, *rest = page_lines(page, run.results)
    yield f"{linked(first)}" + ("" if page.url in first else f" {linked(page.url)}")
    yield from map(text, rest)


def _groups(run: Run) -> Iterator[str]:
    if run.groups:
        rows = [
            [
                f'<span class="{g.status}">{_SYMBOLS[g.status]} {g.status}</span>',
                text(g.name),
                f"{g.healthy} of {len(g.members)} work, needs {g.need}",
                text(", ".join(g.members)),
            ]
            for g in run.groups
        ]
        yield table(["group", "", "members", ""], rows)


def _legend(run: Run) -> str:
    items = "".join(f'<span><i class="{name}"></i>{name.words}</span>' for name in bars.legend(run.results))
    return f'<p class="legend dim">{items}</p>'


def _card(result: Result, longest_s: float, look: Look, *, shown: bool) -> str:
    whose = f" · {side(result)}" if result.fault else ""
    http = f" · HTTP {result.http.status}" if result.http.status else ""
    lines = [
        f'<section class="card {result.status}">',
        f"<h3><b>{text(result.target)}</b> <span class=dim>{text(result.probe)}</span> "
        f'<span class="{result.status}">{_SYMBOLS[result.status]} {CATEGORY_WORDS[result.category]}</span>'
        f"<span class=dim>{text(whose + http)}</span></h3>",
        f"<p>{text(result.reason)}</p>",
        *([f"<p>→ {linked(result.hint)}</p>"] if result.hint else []),
        *(f'<p class="dim">note: {text(note)}</p>' for note in result.notes),
        *_waterfall(result, longest_s),
        *_details(result, look, shown=shown),
        "</section>",
    ]
    return "\n".join(lines)


def _details(result: Result, look: Look, *, shown: bool) -> Iterator[str]:
    """Open where one of a few failed; what was answered is told only where details were asked for."""
    found = list(facts(result))
    if look.verbose and result.answer_start:
        found.append(("answer", f"“{result.answer_start}”"))
    words = ", ".join(["details", *_in_short(result)])
    yield f"<details{' open' if shown else ''}><summary>{text(words)}</summary>"
    yield table(["", ""], [[text(name), text(value)] for name, value in found])
    yield "</details>"


def _in_short(result: Result) -> Iterator[str]:
    """What is worth a look without opening the details."""
    if result.connection:
        yield f"{result.connection} connection"
    if result.proxy:
        yield "through a proxy"
    if result.tokens.output is not None:
        yield f"{result.tokens.output} tokens"
    if result.tls and result.tls.expires_in_s is not None:
        yield f"certificate {format_duration(result.tls.expires_in_s)} left"


def _waterfall(result: Result, longest_s: float) -> Iterator[str]:
    """Bars of one run share a scale; each stretch tells its name and time when touched."""
    found = timeline(result)
    if not found or longest_s <= 0:
        return
    stretches = "".join(
        f'<i class="{s.name}" style="width:{100 * s.seconds / longest_s:.2f}%" '
        f'title="{s.name.words} {text(format_duration(s.seconds))}"></i>'
        for s in found
    )
    words = in_words(found)
    yield f'<div class="bar" role="img" aria-label="{text(words)}">{stretches}</div>'
    yield f'<p class="dim">{text(words)}</p>'
