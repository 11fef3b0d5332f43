"""An application on a socket, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from socket import socket

    from starlette.applications import Starlette

_AT_ONCE = 512
"""Connections, those of pages that listen included; more are answered 503."""
_LAST_ANSWERS_S = 5
_LONGEST_HEAD = 16 * 1024


def _nothing() -> None:
    """Where nobody wants to know."""


class _Server(uvicorn.Server):
    """One that leaves signals to the command, and tells when it answers."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run_on(
    listening: socket, app: Starlette, stop: asyncio.Event, *, on_ready: Callable[[], None] = _nothing
) -> None:
    """
    Serve until `stop` is set; what is being answered then has some seconds left.

    Args:
        listening: A socket that listens already.
        on_ready: Called once requests are answered.

    Pages that listen are told to go first: else each would take all of those seconds.
    """
    server = _Server(
        uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=_AT_ONCE,
            timeout_graceful_shutdown=_LAST_ANSWERS_S,
            h11_max_incomplete_event_size=_LONGEST_HEAD,
        ),
        on_ready,
    )
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait([serving, stopped], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        app.state.say_goodbye()
        server.should_exit = True
        await serving
