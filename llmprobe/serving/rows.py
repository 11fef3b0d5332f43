"""One row of the page: a probe of a target, its last checks, and where the time of the last one went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b

from llmprobe.dates import format_utc
from llmprobe.durations import format_duration
from llmprobe.model import CATEGORY_WORDS, Fault, Result, Status
from llmprobe.monitor.board import CELLS, Cell, Standing
from llmprobe.monitor.guard import Key
from llmprobe.reports.interface import Look
from llmprobe.reports.parts.html_page import text
from llmprobe.reports.parts.marks import symbol
from llmprobe.reports.parts.observed import facts
from llmprobe.reports.parts.phases import Span, by_name, in_words, length_s, timeline

SIDES = {
    Fault.PROVIDER: "their side",
    Fault.CLIENT: "your side",
    Fault.NETWORK: "the network between",
    Fault.UNKNOWN: "side unknown",
}
_LOOK = Look()
_STEP, _WIDE, _HIGH = 10, 8, 16
_LOWER = {Status.HEALTHY: 5, Status.DEGRADED: 2, Status.SKIPPED: 10}
"""What is worse is taller: told apart without its colour, too."""
_LITTLE = 0.1


def row_id(key: Key) -> str:
    """An element's name that says nothing and breaks nothing, whatever a target is called."""
    return f"t{blake2b(f'{key[0]} {key[1]}'.encode(), digest_size=6).hexdigest()}"


def row(
    key: Key, standing: Standing, model: str | None, next_utc: float | None, paused_until_utc: float | None
) -> str:
    """A list item: what is known at a glance, and the details below it."""
    result = standing.result
    status = Status.SKIPPED if result is None else result.status
    what = text(" · ".join([str(key[1]), *([model] if model else [])]))
    cells = (
        f'<span class="name">{text(key[0])} <span class="dim">{what}</span></span>',
        f'<span class="verdict">{_verdict(standing, paused_until_utc)}</span>',
        f'<span class="strip">{_strip(standing.cells)}</span>',
        f'<span class="figures">{"<br>".join(_figures(standing))}</span>',
    )
    return (
        f'<li id="{row_id(key)}" class="target {status}"><details><summary>{"".join(cells)}</summary>'
        f'<div class="more">{"".join(_more(standing, next_utc))}</div></details></li>'
    )


def moment(at_utc: float, how: str = "ago") -> str:
    """An instant, which the script tells as `12 s ago`, `for 3 h` or `in 5 s`."""
    stamp = format_utc(at_utc)
    shown = f"{stamp[:10]} {stamp[11:19]} UTC"
    return f'<time datetime="{stamp}" data-at="{at_utc:.0f}" data-how="{how}" title="{shown}">{shown}</time>'


def said(result: Result) -> str:
    """`overloaded (their side)`."""
    side = f" ({SIDES[result.fault]})" if result.fault else ""
    return f"{CATEGORY_WORDS[result.category]}{side}"


def _verdict(standing: Standing, paused_until_utc: float | None) -> str:
    result = standing.result
    pause = [] if paused_until_utc is None else [f"paused, asked again {moment(paused_until_utc, 'in')}"]
    if result is None:
        return f'<b class="skipped">not probed yet</b> <span class="dim">{"".join(pause)}</span>'
    side = [SIDES[result.fault]] if result.fault else []
    since = [moment(standing.since_utc, "for")] if standing.since_utc else []
    words = f"{symbol(result.status, _LOOK)} {CATEGORY_WORDS[result.category]}"
    more = " · ".join([*side, *since, *pause])
    return f'<b class="{result.status}">{text(words)}</b> <span class="dim">{more}</span>'


def _strip(cells: Sequence[Cell]) -> str:
    """The last checks, the newest at the right; told in words for whoever does not see it."""
    shown = list(cells)[-CELLS:]
    empty = CELLS - len(shown)
    drawn = [_rect(place, "empty", _LOWER[Status.HEALTHY], "") for place in range(empty)]
    drawn += [_cell(empty + place, cell) for place, cell in enumerate(shown)]
    good = sum(cell.status in (Status.HEALTHY, Status.DEGRADED) for cell in shown)
    words = f"{good} of the last {len(shown)} checks worked" if shown else "no check yet"
    return (
        f'<svg class="cells" viewBox="0 0 {CELLS * _STEP} {_HIGH}" preserveAspectRatio="none" role="img" '
        f'aria-label="{words}">{"".join(drawn)}</svg>'
    )


def _cell(place: int, cell: Cell) -> str:
    took = f", {format_duration(cell.seconds)}" if cell.seconds is not None else ""
    words = f"{format_utc(cell.at_utc)[11:19]} UTC: {CATEGORY_WORDS[cell.category]}{took}"
    return _rect(place, cell.status, _LOWER.get(cell.status, 0), f"<title>{text(words)}</title>")


def _rect(place: int, kind: str, y: int, inside: str) -> str:
    where = f'x="{place * _STEP}" y="{y}" width="{_WIDE}" height="{_HIGH - y}"'
    return f'<rect class="{kind}" {where} rx="1">{inside}</rect>'


def _figures(standing: Standing) -> Iterator[str]:
    """Times of the last answer, what is left of the rate limit, and how old that is: two lines."""
    result = standing.result
    if result is None:
        return
    times = (("first token", result.timings.ttft_s), ("in all", result.timings.total_s))
    known = [f"{name} {format_duration(s)}" for name, s in times if result.works and s is not None]
    if known:
        yield ", ".join(known)
    yield f'{_headroom(result)}<span class="dim">{moment(standing.at_utc)}</span>'


def _headroom(result: Result) -> str:
    limits = (result.rate_limit.requests, result.rate_limit.tokens)
    left = min((w.left for w in limits if w and w.left is not None), default=None)
    if left is None:
        return ""
    grade = ' class="degraded"' if left < _LITTLE else ""
    return f"<span{grade}>{left:.0%} of the limit left</span> · "


def _more(standing: Standing, next_utc: float | None) -> Iterator[str]:
    result = standing.result
    if result is None:
        yield "<p>Nothing has asked for it yet.</p>"
    else:
        yield f"<p>{text(result.reason)}</p>"
        yield f"<p>→ {text(result.hint)}</p>" if result.hint else ""
        yield from (f'<p class="dim">note: {text(note)}</p>' for note in result.notes)
        yield from _flow(result)
        pairs = "".join(f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in facts(result))
        yield f"<dl>{pairs}</dl>"
    if next_utc is not None:
        yield f'<p class="dim">next probe {moment(next_utc, "in")}</p>'


def _flow(result: Result) -> Iterator[str]:
    """The waterfall of the last probe, with its legend."""
    spans = timeline(result)
    whole = length_s(spans)
    if whole <= 0:
        return
    drawn = "".join(_stretch(span, whole) for span in spans)
    yield (
        f'<svg class="flow" viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" '
        f'aria-label="{text(in_words(spans))}">{drawn}</svg>'
    )
    legend = (
        f'<li><i class="{name}"></i>{name.words} {format_duration(sum(s.seconds for s in each))}</li>'
        for name, each in by_name(spans).items()
    )
    yield f'<ul class="phases dim">{"".join(legend)}</ul>'


def _stretch(span: Span, whole_s: float) -> str:
    x, width = 1000 * span.start_s / whole_s, 1000 * span.seconds / whole_s
    words = f"{span.name.words} {format_duration(span.seconds)}"
    return (
        f'<rect class="{span.name}" x="{x:.2f}" width="{max(width, 0.5):.2f}" height="10">'
        f"<title>{text(words)}</title></rect>"
    )
