"""The routes, and the life of what stands behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from llmprobe.errors import LlmprobeError
from llmprobe.monitor.prober import Prober
from llmprobe.redact import SCRUB
from llmprobe.serving import own_face, page, probe_face
from llmprobe.serving.events import Events
from llmprobe.serving.gate import Gate, plain

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    Face = Callable[[Prober, Request], Awaitable[Response]]


def application(prober: Prober, hosts: Iterable[str] = ()) -> Starlette:
    """The faces of a prober, which starts and ends with it; `hosts` as for the gate."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await prober.start()
        try:
            yield
        finally:
            await prober.close()

    async def broken(request: Request, exc: Exception) -> Response:
        """A bug of ours says so, without the words of an exception, which may hold anything."""
        prober.note(f"error: llmprobe failed at {request.url.path}: {type(exc).__name__}")
        return plain(f"llmprobe failed: {type(exc).__name__}", 500)

    def route(path: str, face: Face, method: str = "GET") -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                await prober.start()
            except LlmprobeError as exc:
                return plain(SCRUB(exc.message), 503)
            return await face(prober, request)

        return Route(path, endpoint, methods=[method])

    made = Starlette(
        routes=[
            route("/", page.page),
            route("/events", Events()),
            route("/probe", probe_face.probe),
            route("/metrics", own_face.metrics),
            route("/-/healthy", own_face.healthy),
            route("/-/ready", own_face.ready),
            route("/-/reload", own_face.reload, "POST"),
        ],
        middleware=[Middleware(Gate, hosts=hosts)],
        exception_handlers={404: _not_found, 405: _wrong_method, Exception: broken},
        lifespan=lifespan,
    )
    made.state.say_goodbye = prober.say_goodbye
    return made


async def _not_found(_: Request, __: Exception) -> Response:
    return plain("there is nothing here: /probe, /metrics, /-/healthy, /-/ready, or the page at /", 404)


async def _wrong_method(_: Request, __: Exception) -> Response:
    return plain("only GET, and POST for /-/reload", 405)
