"""TCP connections: the addresses of a host raced against each other, each attempt on record."""

from __future__ import annotations

import asyncio
import errno
import socket
import time
from collections.abc import Iterable, Sequence
from typing import Any

from llmprobe.model import ConnectAttempt
from llmprobe.transport.network import stamps
from llmprobe.transport.network.resolver import Address
from llmprobe.transport.phases import PhaseClock

_UNDER_WAY = (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EINTR)
_LAG_AT_MOST_S = 0.1
HEAD_START_S = 0.25
"""How long an address has the field to itself (RFC 8305 section 5)."""


async def race(addresses: Sequence[Address], phases: PhaseClock, options: Iterable[Any]) -> socket.socket:
    """
    The first connection that stands.

    Raises:
        OSError: All failed; the error of the last one.
    """
    if len(addresses) == 1:
        return await _connect(addresses[0], phases, tuple(options))
    todo = iter(addresses)
    running: set[asyncio.Task[socket.socket]] = set()
    error: BaseException = OSError("the name has no address")
    exhausted = False
    try:
        while True:
            address = None if exhausted else next(todo, None)
            exhausted = exhausted or address is None
            if address is not None:
                running.add(asyncio.ensure_future(_connect(address, phases, tuple(options))))
            if not running:
                raise error
            wait_s = None if exhausted else HEAD_START_S
            done, running = await asyncio.wait(running, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if task.exception() is None:
                    return task.result()
                error = task.exception() or error
    finally:
        for task in running:
            task.cancel()
            task.add_done_callback(_close_late_winner)


def _connect_s(by_loop: float, by_kernel: float | None) -> float:
    """
    The kernel's own time from SYN to SYN-ACK, free of the loop's lag.

    Where the two are far apart a SYN was lost and sent again: then the loop's clock has seen the
    wait that a user would see, and the kernel's figure has not.
    """
    return by_kernel if by_kernel is not None and by_loop - by_kernel < _LAG_AT_MOST_S else by_loop


def _close_late_winner(task: asyncio.Task[socket.socket]) -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().close()


async def _established(sock: socket.socket, where: Any) -> None:
    """As the loop's own `sock_connect`, for an address that need not be looked up. Raises OSError."""
    error = sock.connect_ex(where)
    if error in _UNDER_WAY:
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        loop.add_writer(sock, done.set)
        try:
            await done.wait()
        finally:
            loop.remove_writer(sock)
        error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error:
        raise OSError(error, f"Connect call failed {where}")


async def _connect(address: Address, phases: PhaseClock, options: tuple[Any, ...]) -> socket.socket:
    family, where = address
    sock = socket.socket(family, socket.SOCK_STREAM)
    started = time.perf_counter()
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for option in options:
            sock.setsockopt(*option)
        await _established(sock, where)
    except BaseException as exc:
        sock.close()
        words = "cancelled" if isinstance(exc, asyncio.CancelledError) else str(exc)
        phases.connects.append(ConnectAttempt(where[0], time.perf_counter() - started, words))
        raise
    phases.connect_s = _connect_s(time.perf_counter() - started, stamps.rtt_s(sock))
    phases.connects.append(ConnectAttempt(where[0], phases.connect_s, "ok"))
    return sock
