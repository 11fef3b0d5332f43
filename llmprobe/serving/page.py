"""The page for people: what works, whose side it is on, since when, and where the time goes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, Response

from llmprobe.dates import format_utc
from llmprobe.durations import format_duration
from llmprobe.engine.outcome.conclusion import conclude
from llmprobe.engine.outcome.exit_code import group_results, worst_status
from llmprobe.model import CATEGORY_WORDS, GroupResult, Status
from llmprobe.model.past import Incident
from llmprobe.monitor.guard import Key
from llmprobe.monitor.prober import Prober
from llmprobe.redact import SCRUB
from llmprobe.reports.interface import Look
from llmprobe.reports.parts.html_page import page as document
from llmprobe.reports.parts.html_page import table, text
from llmprobe.reports.parts.marks import symbol
from llmprobe.serving.gate import HEADERS
from llmprobe.serving.looks import HEADER_POLICY, ICON, POLICY, SCRIPT, STYLE
from llmprobe.serving.rows import SIDES, moment, row

if TYPE_CHECKING:
    from starlette.requests import Request

_INCIDENTS = 20
_HEAD = (
    f'<link rel="icon" href="{ICON}">\n'
    '<noscript><meta http-equiv="refresh" content="30"></noscript>\n'
)  # fmt: skip


async def page(prober: Prober, _: Request) -> Response:
    """Rendered here; the script only brings it up to date."""
    rows = await rows_of(prober)
    body = "\n".join([
        '<a class="skip" href="#targets">to the targets</a>',
        f"<header>{head(prober)}{_as_of()}</header>",
        f'<p id="news" class="dim" role="status" aria-live="polite"></p>\n<main>{_main(prober, rows)}</main>',
        _foot(),
        f"<script>{SCRIPT}</script>",
    ])  # fmt: skip
    made = document(title(prober), body, style=STYLE, policy=POLICY, head=_HEAD)
    headers = {**HEADERS, "content-security-policy": HEADER_POLICY, "cache-control": "no-store"}
    return HTMLResponse(SCRUB(made), headers=headers)


def _as_of() -> str:
    """Where no script says that the page is live."""
    return f'<p id="link" class="dim">as of {format_utc(time.time())[11:19]} UTC</p>'


def title(prober: Prober) -> str:
    return f"llmprobe: {_conclusion(prober)}"


def head(prober: Prober) -> str:
    """The conclusion, and how the process is."""
    status, health = _status(prober), prober.health
    spent = f"{health.tokens:,} tokens in the last hour"
    if health.tokens_limit is not None:
        spent += f" of {health.tokens_limit:,}"
    every = prober.settings.every_s
    rhythm = f"probes every {format_duration(every)}" if every else "probes when it is asked"
    line = f"{len(prober.job.plan)} targets, {rhythm}, {spent}"
    return (
        f'<div id="head"><h1 class="{status}"><span aria-hidden="true">{symbol(status, Look())}</span> '
        f'<span>{text(_conclusion(prober))}</span></h1><p class="dim">{text(line)}</p>'
        "</div>"
    )


async def rows_of(prober: Prober) -> str:
    """All targets: in a thread, since hundreds take longer than the clocks of probes may wait."""

    def rendered() -> str:
        rows = "\n".join(row_of(prober, key) for key, _ in prober.board)
        return f'<ul class="targets" id="targets">{rows}</ul>'

    return await asyncio.to_thread(rendered)


def _main(prober: Prober, rows: str) -> str:
    """Groups, targets and incidents."""
    heading = '<h2 id="of-targets">Targets</h2>'
    targets = f'<section aria-labelledby="of-targets">{heading}{rows}</section>'
    return f"{groups(prober)}{targets}{incidents(prober)}"


def row_of(prober: Prober, key: Key) -> str:
    target = prober.targets.get(key[0])
    model = None if target is None else target.model
    in_s, paused_s, now = prober.driver.next_in_s(key[0]), prober.guard.paused_s(key), time.time()
    next_utc = None if in_s is None else now + in_s
    return row(key, prober.board[key], model, next_utc, now + paused_s if paused_s else None)


def groups(prober: Prober) -> str:
    """Whether enough members of each group work."""
    found = group_results(prober.job.plan.groups, prober.board.verdicts)
    items = "".join(_group(group, prober) for group in found)
    title = '<h2 id="of-groups">Groups</h2>' if items else ""
    return f'<section id="groups" aria-label="Groups">{title}<ul class="cards">{items}</ul></section>'


def incidents(prober: Prober) -> str:
    """Those of the last days, the newest first."""
    found = list(prober.board.incidents)[:_INCIDENTS]
    rows = [list(_incident(incident)) for incident in found]
    told = table(["began", "lasted", "target", "what", "reason"], rows) if rows else "<p>None.</p>"
    heading = '<h2 id="of-incidents">Incidents of the last 7 days</h2>'
    return f'<section id="incidents" aria-labelledby="of-incidents">{heading}{told}</section>'


def _group(group: GroupResult, prober: Prober) -> str:
    known = {result.target for result in prober.board.verdicts}
    status = group.status if known.issuperset(group.members) else Status.SKIPPED
    words = f"{group.healthy} of {len(group.members)} work, {group.need} needed"
    return (
        f'<li><b class="{status}">{symbol(status, Look())} {text(group.name)}</b> '
        f'<span class="dim">{text(words)}</span></li>'
    )


def _incident(incident: Incident) -> Iterator[str]:
    open_ = incident.closed_at_utc is None
    side = f" ({SIDES[incident.fault]})" if incident.fault else ""
    yield f'<span class="nowrap">{moment(incident.opened_at_utc)}</span>'
    lasts = f'<b class="failed nowrap">going on {moment(incident.opened_at_utc, "for")}</b>'
    yield lasts if open_ else format_duration(incident.lasted_s(time.time()))
    yield text(incident.target)
    yield text(f"{CATEGORY_WORDS[incident.category]}{side}")
    yield text(incident.reason)


def _conclusion(prober: Prober) -> str:
    known = prober.board.verdicts
    return conclude(known) if known else "Nothing has been probed yet."


def _status(prober: Prober) -> Status:
    known = prober.board.verdicts
    return worst_status(known, group_results(prober.job.plan.groups, known)) if known else Status.SKIPPED


def _foot() -> str:
    words = {Status.HEALTHY: "works", Status.DEGRADED: "degraded", Status.FAILED: "failed"}
    kinds = ", ".join(f'<b class="{status}">{word}</b>' for status, word in words.items())
    cells = f"A cell is one check, the newest at the right: {kinds}, or not made."
    return f'<footer class="dim">{cells} <a href="metrics">Metrics</a> are for Prometheus.</footer>'
