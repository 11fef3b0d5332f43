"""The report over a time as one self-contained page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from llmprobe.durations import format_duration
from llmprobe.model import CATEGORY_WORDS, SIDE_WORDS, Fault
from llmprobe.model.past import Availability, Incident, PastReport
from llmprobe.reports.parts.html_page import page, table, text
from llmprobe.reports.past import drawing, words
from llmprobe.reports.past.style import CSS
from llmprobe.version import __version__

_LEAST_SPAN_S = 1.0
_MUCH = 0.1
_MOST_TOLD, _MOST_ROWS = 10, 100
_FIGURES = [
    "target",
    "uptime",
    "n",
    "failed",
    "incidents",
    "recovery",
    "p50 / p95 / p99",
    "causes",
    "headroom",
]
_SIDES = (Fault.PROVIDER, Fault.CLIENT, Fault.NETWORK, Fault.UNKNOWN)


def render(report: PastReport) -> str:
    """The sentence first, then every target's strip, incidents, figures, latency, and the rules in force."""
    scale = _scale(report)
    head = words.headline(report)
    parts = [
        f'<h1 class="{_state(report)}">{text(head)}</h1>',
        f'<p class="dim">{text(_range(report))}</p>',
        *_overview(report, scale),
        *_incidents(report, scale),
        *_latencies(report, scale),
        *_figures(report),
        *_rules(report),
        f'<footer class="dim">Made {words.moment(report.until_utc)} UTC by llmprobe {__version__}.</footer>',
    ]
    return page(f"llmprobe: {head}", "\n".join(parts), style=CSS)


def _scale(report: PastReport) -> drawing.Scale:
    """From the first result where the history is much younger than what was asked for."""
    since, until, first = report.since_utc, report.until_utc, report.first_utc
    if first is not None and first - since > _MUCH * (until - since):
        since = min(first, until - _LEAST_SPAN_S)
    return drawing.Scale(since, until)


def _state(report: PastReport) -> str:
    if any(incident.closed_at_utc is None for incident in report.incidents):
        return "failed"
    return "degraded" if report.incidents else "healthy"


def _range(report: PastReport) -> str:
    each = "one check" if report.cell_s is None else format_duration(report.cell_s)
    span = f"{words.moment(report.since_utc)} to {words.moment(report.until_utc)}, times in UTC"
    first = report.first_utc
    if first is not None and _scale(report).begin_utc > report.since_utc:
        span += f"; the first check was at {words.moment(first)}"
    return f"{span}. A cell is {each}; the red part of it failed."


def _overview(report: PastReport, scale: drawing.Scale) -> Iterator[str]:
    """A strip for each target above one axis."""
    rows = [
        f'<div class="row"><div class="name" title="{text(row.target)}">{_link(row, number)}</div>'
        f"<div>{drawing.strip(row.cells, scale, words.sentence(row, report))}</div>"
        f'<div class="num {_grade(row)}">{words.percent(row.uptime)}</div></div>'
        for number, row in enumerate(words.worst_first(report), 1)
    ]
    if rows:
        yield f'<section class="rows">{"".join(rows)}{_axis_row(scale)}</section>'


def _axis_row(scale: drawing.Scale) -> str:
    return f'<div class="row"><div></div><div>{drawing.axis(scale)}</div><div></div></div>'


def _link(row: Availability, number: int) -> str:
    return f'<a href="#t{number}">{text(row.target)}</a>' if row.paces else text(row.target)


def _grade(row: Availability) -> str:
    return "healthy" if row.failed == 0 else "degraded" if (row.uptime or 0) > 0.99 else "failed"


def _incidents(report: PastReport, scale: drawing.Scale) -> Iterator[str]:
    """Under one axis, so that what began together is seen; then what is known of each."""
    if not report.incidents:
        return
    until = report.until_utc
    rows = [
        f'<div class="row"><div class="name" title="{text(target)}">{text(target)}</div>'
        f"<div>{drawing.incident_bars(mine, scale, until)}</div><div></div></div>"
        for target, mine in drawing.many(report.incidents).items()
    ]
    sides = {incident.fault or Fault.UNKNOWN for incident in report.incidents}
    legend = "".join(
        f'<span><i class="{side}"></i>{SIDE_WORDS[side]}</span>' for side in _SIDES if side in sides
    )
    yield f'<h2>Incidents</h2><section class="rows tight">{"".join(rows)}{_axis_row(scale)}</section>'
    yield f'<p class="legend dim">{legend}</p>'
    for found in islice(words.together(report.incidents, until), _MOST_TOLD):
        told = words.together_words(found, report)
        yield f"<p>{text(told[0].upper() + told[1:])}</p>"
    yield _incident_table(report)


def _incident_table(report: PastReport) -> str:
    """Without the column of their page where no page told of anything."""
    told = any(incident.page_at_utc is not None for incident in report.incidents)
    head = ["began (UTC)", "lasted", "target", "what", "side", "failures", "reason"]
    shown, rest = report.incidents[:_MOST_ROWS], len(report.incidents) - _MOST_ROWS
    rows = [_incident(incident, report.until_utc) for incident in shown]
    if told:
        head.insert(6, "their page")
        for row, incident in zip(rows, shown, strict=True):
            row.insert(6, words.lead(incident))
    more = f'<p class="dim">{rest} earlier ones: llmprobe incidents</p>' if rest > 0 else ""
    return table(head, rows, numbers=frozenset({1, 5})) + more


def _incident(incident: Incident, until_utc: float) -> list[str]:
    return [
        f"<span class=nowrap>{words.moment(incident.opened_at_utc)}</span>",
        words.lasted(incident, until_utc),
        text(incident.target),
        CATEGORY_WORDS[incident.category],
        SIDE_WORDS[incident.fault] if incident.fault else "",
        str(incident.failures),
        _long(incident.reason),
    ]


def _long(words: str) -> str:
    """Text that keeps a width in which it can be read; the table scrolls."""
    return f'<span class="long">{text(words)}</span>' if words else ""


def _figures(report: PastReport) -> Iterator[str]:
    yield "<h2>Figures</h2>"
    yield table(_FIGURES, [_row(row) for row in words.worst_first(report)], numbers=frozenset(range(1, 7)))


def _row(row: Availability) -> list[str]:
    return [
        text(row.target),
        f'<span class="{_grade(row)}">{words.percent(row.uptime)}</span>',
        str(row.n),
        str(row.failed),
        str(row.incidents),
        format_duration(row.mean_recovery_s),
        words.percentiles(row.ttft if row.ttft.n else row.total),
        text(words.causes(row)),
        _long(words.headroom(row)),
    ]


def _latencies(report: PastReport, scale: drawing.Scale) -> Iterator[str]:
    shown = [(n, row) for n, row in enumerate(words.worst_first(report), 1) if row.paces]
    if not shown:
        return
    yield '<h2>Latency</h2><div class="plots">'
    for number, row in shown:
        what = "first token" if row.ttft.n else "whole answer"
        label = f"{what}, {drawing.band_words(row.paces)}"
        yield (
            f'<section id="t{number}"><h3>{text(row.target)} <span class="dim">{text(label)}</span></h3>'
            f"{drawing.latency(row.paces, scale, f'{row.target}: {label}')}{drawing.axis(scale)}</section>"
        )
    yield "</div>"


def _rules(report: PastReport) -> Iterator[str]:
    if report.rules:
        yield "<h2>Rules in force</h2>"
        yield f"<ul>{''.join(f'<li>{text(rule)}</li>' for rule in report.rules)}</ul>"
