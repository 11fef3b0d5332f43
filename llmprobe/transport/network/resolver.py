"""Names to addresses, in threads of its own and timed inside the thread."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

DNS_THREADS = 64
"""asyncio's own pool has cpus + 4 threads: a hundred slow names would queue and read late."""

Address = tuple[socket.AddressFamily, Any]


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(DNS_THREADS, thread_name_prefix="dns")


async def resolve(host: str, port: int) -> tuple[list[Address], float]:
    """
    The addresses of a host in the order to try them, and the seconds that the look-up took.

    Raises:
        socket.gaierror: The name does not exist, or the resolver did not answer.
    """
    literal = _as_literal(host, port)
    if literal is not None:
        return [literal], 0.0
    loop = asyncio.get_running_loop()
    infos, seconds = await loop.run_in_executor(_pool(), _look_up, host, port)
    return interleave([(info[0], info[4]) for info in infos]), seconds


def interleave(addresses: Sequence[Address]) -> list[Address]:
    """IPv6 and IPv4 by turns, beginning with the family that the system put first (RFC 8305)."""
    if not addresses:
        return []
    first = addresses[0][0]
    mine = [a for a in addresses if a[0] == first]
    other = [a for a in addresses if a[0] != first]
    paired = [address for pair in zip(mine, other, strict=False) for address in pair]
    rest = mine[len(other) :] or other[len(mine) :]
    return paired + rest


def _look_up(host: str, port: int) -> tuple[list[Any], float]:
    started = time.perf_counter()
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return infos, time.perf_counter() - started


def _as_literal(host: str, port: int) -> Address | None:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except OSError:
            continue
        return family, (host, port)
    return None
