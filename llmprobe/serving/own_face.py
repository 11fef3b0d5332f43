"""`/metrics` and `/-/…`: how the process itself is, and all that it knows where it probes by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from starlette.responses import Response

from llmprobe.engine.outcome.exit_code import group_results
from llmprobe.errors import LlmprobeError
from llmprobe.model.served import Health
from llmprobe.monitor.prober import Prober
from llmprobe.redact import SCRUB
from llmprobe.reports.exposition import Exposition, exposition
from llmprobe.reports.parts import families
from llmprobe.serving.gate import HEADERS, plain

if TYPE_CHECKING:
    from starlette.requests import Request

    from llmprobe.reports.parts.families import Family


async def metrics(prober: Prober, request: Request) -> Response:
    accept, encodings = request.headers.get("accept", ""), request.headers.get("accept-encoding", "")
    made = await asyncio.to_thread(_exposed, prober, prober.health, accept, encodings)
    return Response(made.body, headers={**HEADERS, **made.headers})


def _exposed(prober: Prober, health: Health, accept: str, encodings: str) -> Exposition:
    """In a thread of its own: hundreds of targets take longer than the clocks of probes may wait."""
    return exposition(_families(prober, health), accept, encodings, of_process=True)


def _families(prober: Prober, health: Health) -> Iterator[Family]:
    yield from families.of_health(health)
    if prober.settings.every_s is None:
        return  # else each figure would come twice: from here, and from the scrape of `/probe`
    board = prober.board
    told = [known for key, _ in board if (known := prober.known(key)) is not None]
    yield from families.of_results([one.result for one in told])
    yield from families.of_groups(group_results(prober.job.plan.groups, board.verdicts))
    yield from families.of_told(told)
    yield from families.of_sums([standing.sums for _, standing in board])


async def healthy(_: Prober, __: Request) -> Response:
    return plain("llmprobe is healthy")


async def ready(prober: Prober, _: Request) -> Response:
    return plain("llmprobe is ready") if prober.is_ready else plain("llmprobe is not ready yet", 503)


async def reload(prober: Prober, _: Request) -> Response:
    """The configuration in force stays where the new one is wrong."""
    try:
        await prober.reload()
    except LlmprobeError as exc:
        return plain(SCRUB(f"the configuration was not reloaded:\n{exc.message}"), 500)
    return plain(f"reloaded: {len(prober.job.plan)} targets")
