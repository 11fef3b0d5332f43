"""The past in words: what comes first in every report, and what its figures are called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from llmprobe.counts import counted
from llmprobe.dates import format_utc
from llmprobe.durations import format_duration
from llmprobe.model import CATEGORY_WORDS, Category, Fault
from llmprobe.model.past import Availability, Incident, PastReport, Spread

_SIDES = {
    Fault.PROVIDER: "theirs",
    Fault.CLIENT: "yours",
    Fault.NETWORK: "the network",
    Fault.UNKNOWN: "unknown side",
}
_DAY_S = 86400.0
_WEEK_S = 6 * _DAY_S
_AT_ONCE_S = 900.0
_NAMED = 2
_FULL = 0.9
"""A history that fills this share of what was asked for fills it."""


def headline(report: PastReport) -> str:
    """`claude: 99.20 % in 7 days, one outage of 41 min on Tuesday at 14:03, theirs`; of many, the worst."""
    rows = report.targets
    if not rows:
        return f"Nothing was recorded in the last {_length(report.until_utc - report.since_utc)}"
    out = [row for row in worst_first(report) if row.incidents]
    if len(rows) == 1:
        return sentence(rows[0], report)
    if not out:
        lowest = min(rows, key=_share)
        least = "" if _share(lowest) == 1 else f", {percent(lowest.uptime)} at least ({lowest.target})"
        return f"All {len(rows)} targets: no outage {_over(report)}{least}"
    rest = len(rows) - len(out)
    if len(out) > _NAMED:
        return f"{len(out)} of {len(rows)} targets had outages {_over(report)}: {_longest(report)}"
    told = "; ".join(sentence(row, report) for row in out)
    others = "the other target" if rest == 1 else f"the other {rest}"
    return told + (f"; {others} had none" if rest else "")


def sentence(row: Availability, report: PastReport) -> str:
    """One target: its uptime, and its outages."""
    mine = [i for i in report.incidents if i.target == row.target]
    return f"{row.target}: {percent(row.uptime)} {_over(report)}, {_outages(row, mine, report)}"


def worst_first(report: PastReport) -> list[Availability]:
    """The lowest uptime first; equals by name."""
    return sorted(report.targets, key=lambda row: (_share(row), -row.incidents, row.target))


def together(incidents: Sequence[Incident], until_utc: float) -> Iterator[tuple[Incident, ...]]:
    """
    Incidents of several targets that look like one: they began within a quarter of an hour and overlap, are
    of one side, and of one provider or one category.
    """
    rest = sorted((i for i in incidents if not _is_group(i)), key=lambda i: (i.opened_at_utc, i.target))
    while rest:
        first = rest.pop(0)
        end = first.opened_at_utc + first.lasted_s(until_utc)
        latest = min(end, first.opened_at_utc + _AT_ONCE_S)
        also = [i for i in rest if i.opened_at_utc <= latest and _is_alike(first, i)]
        rest = [i for i in rest if i not in also]
        if also:
            yield first, *also


def together_words(found: Sequence[Incident], report: PastReport) -> str:
    """`Tuesday at 14:03, together: claude, haiku (anthropic: overloaded, theirs)`."""
    names = ", ".join(dict.fromkeys(i.target for i in found))
    providers = list(dict.fromkeys(i.provider for i in found))
    whose = providers[0] if len(providers) == 1 else f"{len(providers)} providers"
    return f"{day(found[0].opened_at_utc, report.until_utc)}, together: {names} ({whose}: {cause(found[0])})"


def cause(incident: Incident) -> str:
    """`overloaded, theirs`."""
    side = f", {_SIDES[incident.fault]}" if incident.fault else ""
    return f"{CATEGORY_WORDS[incident.category]}{side}"


def headroom(row: Availability) -> str:
    """`87 % of requests, 40 % of tokens; least 12 % on Tuesday at 14:03`; empty where unknown."""
    left = row.headroom
    if left is None:
        return ""
    parts = [
        f"{share:.0%} of {name}".replace("%", " %")
        for name, share in (("requests", left.requests), ("tokens", left.tokens))
        if share is not None
    ]
    least = f"{left.least:.0%}".replace("%", " %")
    return f"{', '.join(parts)}; least {least} {day(left.least_at_utc, left.at_utc)}"


def day(at_utc: float, now_utc: float) -> str:
    """`today at 14:03`, `on Tuesday at 14:03`, `on 3 Nov at 14:03`; in UTC."""
    at, now = (datetime.fromtimestamp(s, UTC) for s in (at_utc, now_utc))
    if at.date() == now.date():
        return f"today at {at:%H:%M}"
    name = f"{at:%A}" if now_utc - at_utc < _WEEK_S else f"{at.day} {at:%b}"
    return f"on {name} at {at:%H:%M}"


def moment(epoch_s: float) -> str:
    """`2026-11-22 14:03`, in UTC."""
    return format_utc(epoch_s)[:16].replace("T", " ")


def percent(share: float | None) -> str:
    """`99.95 %`; never rounded up to 100 while something failed; a dash for unknown."""
    if share is None:
        return "–"
    return f"{share:.0%}".replace("%", " %") if share in (0, 1) else f"{min(share * 100, 99.99):.2f} %"


def causes(row: Availability) -> str:
    """`overloaded 12, rate limited 3`."""
    return ", ".join(f"{CATEGORY_WORDS[Category(name)]} {count}" for name, count in row.causes.items())


def percentiles(spread: Spread) -> str:
    """`310 ms / 800 ms / 1.24 s`, a dash for what n cannot carry."""
    figures = (spread.median_s, spread.p95_s, spread.p99_s)
    return " / ".join(map(format_duration, figures)) if spread.n else "–"


def hours(row: Availability) -> str:
    """`03h 5/10`: at 3 UTC five of ten failed."""
    return ", ".join(f"{hour:02}h {failed}/{n}" for hour, failed, n in row.worst_hours)


def lasted(incident: Incident, now_utc: float) -> str:
    """`42 min`, or `42 min, lasts` where it is not over."""
    return format_duration(incident.lasted_s(now_utc)) + ("" if incident.closed_at_utc else ", lasts")


def lead(incident: Incident) -> str:
    """`18 min later`: when their page told of trouble that we had seen."""
    if incident.lead_s is None:
        return ""
    return f"{format_duration(incident.lead_s)} later" if incident.lead_s > 0 else "at once"


def _outages(row: Availability, mine: Sequence[Incident], report: PastReport) -> str:
    until = report.until_utc
    if not mine:
        return "no outage" + (f", {row.failed} of {row.n} checks failed" if row.failed else "")
    longest = max(mine, key=lambda i: (i.closed_at_utc is None, i.lasted_s(until)))
    when, whose = day(longest.opened_at_utc, until), _SIDES.get(longest.fault) if longest.fault else None
    took = format_duration(longest.lasted_s(until))
    side = f", {whose}" if whose else ""
    if longest.closed_at_utc is None:
        more = f" after {counted(len(mine) - 1, 'earlier outage')}" if mine[1:] else ""
        return f"down since {when.removeprefix('on ')} ({took}){more}{side}"
    if len(mine) == 1:
        return f"one outage of {took} {when}{side}"
    return f"{len(mine)} outages, the longest {took} {when}{side}"


def _longest(report: PastReport) -> str:
    """`the longest 90 min on Wednesday at 13:25 (claude and haiku: overloaded, theirs)`."""
    until = report.until_utc
    known = {row.target for row in report.targets}
    mine = [incident for incident in report.incidents if incident.target in known]
    longest = max(mine, key=lambda i: (i.closed_at_utc is None, i.lasted_s(until)))
    also = next((found for found in together(mine, until) if longest in found), (longest,))
    names = list(dict.fromkeys(incident.target for incident in also))
    who = " and ".join(names) if len(names) <= _NAMED else f"{len(names)} targets"
    took = format_duration(longest.lasted_s(until))
    when = day(longest.opened_at_utc, until)
    if longest.closed_at_utc is None:
        return f"one has lasted {took} since {when.removeprefix('on ')} ({who}: {cause(longest)})"
    return f"the longest {took} {when} ({who}: {cause(longest)})"


def _over(report: PastReport) -> str:
    """`in 7 days`, or `in the first 3 hours` where the history is no older."""
    asked = report.until_utc - report.since_utc
    if report.first_utc is None or report.until_utc - report.first_utc >= _FULL * asked:
        return f"in {_length(asked)}"
    return f"in the first {_length(report.until_utc - report.first_utc).removeprefix('1 ')}"


def _length(seconds: float) -> str:
    for size, name in ((_DAY_S, "day"), (3600.0, "hour"), (60.0, "minute")):
        count = round(seconds / size)
        if seconds >= 2 * size or (name == "minute" and count):
            return counted(count, name)
    return counted(max(1, round(seconds)), "second")


def _share(row: Availability) -> float:
    return 2.0 if row.uptime is None else row.uptime


def _is_alike(one: Incident, other: Incident) -> bool:
    same = one.provider == other.provider or one.category is other.category
    return same and one.fault is other.fault and one.target != other.target


def _is_group(incident: Incident) -> bool:
    return incident.target.startswith("group:")
