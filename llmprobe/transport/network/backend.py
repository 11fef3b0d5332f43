"""httpcore's network backend: resolves, connects, and hands out stamped streams."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import httpcore

from llmprobe.model import Phase
from llmprobe.transport.network.connect import race
from llmprobe.transport.network.resolver import resolve
from llmprobe.transport.network.stream import SocketStream
from llmprobe.transport.phases import PhaseClock


class ProbeBackend(httpcore.AsyncNetworkBackend):
    """One for each transport; `phases` belongs to the exchange that is under way."""

    def __init__(self) -> None:
        self.phases = PhaseClock()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises httpcore.ConnectError, whose cause is the OSError of the resolver or the kernel."""
        phases = self.phases
        phases.reused = False
        phases.enter(Phase.RESOLVE)
        try:
            addresses, phases.dns_s = await resolve(host, port)
            phases.enter(Phase.CONNECT)
            sock = await race(addresses, phases, socket_options or ())
            phases.peer = _peer(sock.getpeername())
        except (OSError, ValueError) as exc:
            raise httpcore.ConnectError(str(exc)) from exc
        phases.intake.resume()
        return SocketStream(sock, self)

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError("unix sockets are not probed")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def _peer(address: tuple[Any, ...]) -> str:
    host, port = address[0], address[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
