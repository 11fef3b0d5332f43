"""`/probe`: one request, one probe of each target that it names, in blackbox exporter's semantics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, Response

from llmprobe.dates import format_utc
from llmprobe.durations import format_duration
from llmprobe.engine.outcome.exit_code import group_results
from llmprobe.errors import UsageError
from llmprobe.model import GroupResult, Result, Status, Target
from llmprobe.model.served import Scrape, Told
from llmprobe.monitor.prober import Prober
from llmprobe.redact import SCRUB, without_credentials
from llmprobe.reports.exposition import exposition
from llmprobe.reports.interface import Look
from llmprobe.reports.parts import families
from llmprobe.reports.parts.facts import explanation
from llmprobe.reports.parts.waterfall import waterfall
from llmprobe.serving.choosing import Chosen, chosen
from llmprobe.serving.gate import HEADERS, plain

if TYPE_CHECKING:
    from starlette.requests import Request

    from llmprobe.reports.parts.families import Family

_WORST_FIRST = (Status.FAILED, Status.SKIPPED, Status.DEGRADED, Status.HEALTHY)
_TRUE = ("true", "1", "yes")


async def probe(prober: Prober, request: Request) -> Response:
    """200 whatever became of the probe; 400 where the request itself is wrong."""
    try:
        wanted = chosen(prober.job.plan, request.query_params.multi_items(), request.headers)
    except UsageError as exc:
        return plain(SCRUB("\n".join([exc.message, *([exc.hint] if exc.hint else [])])), 400)
    told = await prober.ask_all(wanted.pairs, wanted.deadline_s)
    found = list(_families(prober, wanted, told))
    if request.query_params.get("debug", "").lower() in _TRUE:
        return PlainTextResponse(SCRUB(_debug(wanted, told, found)), headers=HEADERS)
    accept, encodings = request.headers.get("accept", ""), request.headers.get("accept-encoding", "")
    made = exposition(found, accept, encodings)
    return Response(made.body, headers={**HEADERS, **made.headers})


def _families(prober: Prober, wanted: Chosen, told: Sequence[Told]) -> Iterator[Family]:
    results = [one.result for one in told]
    groups = group_results([wanted.group], results) if wanted.group else []
    yield from families.of_scrape(_scrape(wanted, told, groups))
    yield from families.of_results(results)
    yield from families.of_groups(groups)
    yield from families.of_told(told)
    yield from families.of_sums([prober.board[r.target, r.probe].sums for r in results])


def _scrape(wanted: Chosen, told: Sequence[Told], groups: Sequence[GroupResult]) -> Scrape:
    results = [one.result for one in told]
    success = groups[0].works if groups else all(result.works for result in results)
    lasted = max(one.duration_s for one in told)
    return Scrape(success, lasted, wanted.timeout_s, _speaks([r for r in results if r.works == success]))


def _speaks(results: Sequence[Result]) -> Result:
    """What is worst; of equals the slowest."""
    return min(results, key=lambda r: (_WORST_FIRST.index(r.status), -(r.timings.total_s or 0.0)))


def _debug(wanted: Chosen, told: Sequence[Told], found: Sequence[Family]) -> str:
    """A log, the metrics and the module, for a person who looks why."""
    log = "\n".join(line for one in told for line in _log(one))
    modules = {target.name: target for target, _ in wanted.pairs}
    about = "\n\n".join("\n".join(_module(target)) for target in modules.values())
    parts = {
        "Logs for the probe:": f"deadline={wanted.deadline_s:g}s\n{log}",
        "Metrics that would have been returned:": families.text(found).rstrip(),
        "Module configuration:": about,
    }
    return "\n\n\n".join(f"{title}\n{text}" for title, text in parts.items()) + "\n"


def _log(told: Told) -> Iterator[str]:
    result = told.result
    yield f"{format_utc(told.at_utc)} {result.target} {result.probe}: took {format_duration(told.duration_s)}"
    if told.hit is not None:
        age = format_duration(told.age_s)
        yield f"  no new probe ({told.hit}): this result is {age} old"
    if told.paused_s:
        yield f"  paused for another {format_duration(told.paused_s)}"
    yield from (f"  {line}" for line in explanation(result))
    yield from waterfall(result, Look())


def _module(target: Target) -> Iterator[str]:
    """What a target is, without what is secret of it."""
    key = target.credential.origin if target.credential else "none"
    yield f"target: {target.name}"
    yield f"  provider: {target.provider} ({target.dialect})"
    yield f"  base_url: {without_credentials(target.base_url)}"
    yield f"  model: {target.model or 'none'}"
    yield f"  probes: {', '.join(target.probes)}"
    yield f"  key: {key}"
    yield f"  timeout: {format_duration(target.timeouts.total_s)}, retries: {target.retries}"
