"""The report over a time as one self-contained page, with a plot for each target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from llmprobe.durations import format_duration
from llmprobe.model import CATEGORY_WORDS, SIDE_WORDS
from llmprobe.model.past import Availability, Day, Incident, PastReport
from llmprobe.reports.parts.html_page import page, table, text
from llmprobe.reports.past.text import REPORT_HEAD, causes, hours, lasted, moment, percent, percentiles

_WIDTH, _HEAD, _HEIGHT, _FOOT = 640, 16, 90, 14


def render(report: PastReport) -> str:
    title = f"LLM APIs, {moment(report.since_utc)} to {moment(report.until_utc)} UTC"
    parts = [f"<h1>{text(title)}</h1>", _summary(report)]
    parts += [f"<h2>{text(row.target)}</h2>{_plot(row.days)}" for row in report.targets if row.days]
    if report.incidents:
        parts += ["<h2>Incidents</h2>", _incidents(report.incidents, report.until_utc)]
    return page(title, "\n".join(parts))


def _summary(report: PastReport) -> str:
    return table(list(REPORT_HEAD), [_row(row) for row in report.targets], numbers=frozenset({1, 2, 3, 4, 5}))


def _row(row: Availability) -> list[str]:
    colour = "healthy" if row.failed == 0 else "degraded" if (row.uptime or 0) > 0.99 else "failed"
    return [
        text(row.target),
        f'<span class="{colour}">{percent(row.uptime)}</span>',
        str(row.n),
        str(row.failed),
        str(row.incidents),
        format_duration(row.mean_recovery_s),
        text(causes(row)),
        percentiles(row.ttft if row.ttft.n else row.total),
        text(hours(row)),
    ]


def _incidents(incidents: Sequence[Incident], until_utc: float) -> str:
    rows = [
        [
            moment(i.opened_at_utc),
            lasted(i, until_utc),
            text(i.target),
            f"{CATEGORY_WORDS[i.category]}{f' ({SIDE_WORDS[i.fault]})' if i.fault else ''}",
            str(i.failures),
            text(i.reason),
        ]
        for i in incidents
    ]
    return table(
        ["began (UTC)", "lasted", "target", "what", "failures", "reason"], rows, numbers=frozenset({4})
    )


def _plot(days: Sequence[Day]) -> str:
    """One bar a day: its height is the median latency, its red part the share that failed."""
    highest = max((day.median_s or 0.0 for day in days), default=0.0)
    step = _WIDTH / max(len(days), 1)
    bars = "".join(_bar(day, number * step, step, highest) for number, day in enumerate(days))
    labels = "".join(_label(day.day, number * step) for number, day in _some(days))
    words = f"median, up to {format_duration(highest)}; failed part in red"
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEAD + _HEIGHT + _FOOT}" width="{_WIDTH}" role="img" '
        f'aria-label="median latency and failures of each day">'
        f'{bars}{labels}<text x="0" y="11">{text(words)}</text></svg>'
    )


def _bar(day: Day, x: float, step: float, highest: float) -> str:
    height = _HEIGHT * (day.median_s / highest) if day.median_s and highest else 0.0
    failed = _HEIGHT * day.failed / day.n if day.n else 0.0
    words = f"{day.day}: median {format_duration(day.median_s)}, {day.failed} of {day.n} failed"
    rects = _rect(x, step, height, "stream") + _rect(x, step, failed, "failed")
    return f"<g><title>{text(words)}</title>{rects}</g>"


def _rect(x: float, step: float, height: float, colour: str) -> str:
    place = f'x="{x:.1f}" y="{_HEAD + _HEIGHT - height:.1f}" width="{max(step - 1, 0.5):.1f}"'
    return f'<rect {place} height="{height:.1f}" fill="var(--{colour})"/>'


def _label(day: str, x: float) -> str:
    return f'<text x="{x:.1f}" y="{_HEAD + _HEIGHT + _FOOT - 2}">{text(day[5:])}</text>'


def _some(days: Sequence[Day]) -> Iterator[tuple[int, Day]]:
    """As many labels as can be read."""
    every = max(1, len(days) // 8)
    room = len(days) - len(days) * 35 / _WIDTH
    yield from ((number, day) for number, day in enumerate(days) if number % every == 0 and number <= room)
