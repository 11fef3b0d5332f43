"""When bytes reached this machine: the kernel's receive stamps, where there are any."""

from __future__ import annotations

import socket
import struct
import sys
import time
from typing import Any

_SO_TIMESTAMPNS = 35 if sys.platform == "linux" else None
_TIMESPEC = struct.Struct("qq")
_OLDEST_S = 600.0
_TCP_INFO_RTT = 68
_TCP_INFO_TOTAL_RETRANS = 100
_TCP_INFO_RCV_OOOPACK = 224
"""Offsets in Linux's `struct tcp_info` (include/uapi/linux/tcp.h): the last is there since 5.4."""
_awake: list[int] = []


def wake() -> None:
    """
    Ask for stamps early: Linux switches them on in the background, and a first probe would miss them.

    Source: measured; one stamped socket, left open on purpose, keeps the kernel stamping until the
    process ends.
    """
    if _SO_TIMESTAMPNS is None or _awake:
        return
    sock = socket.socket()
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    except OSError:
        sock.close()
        return
    _awake.append(sock.detach())


def are_there() -> bool:
    """Whether the kernel stamps what arrives; to be asked after `wake`."""
    return bool(_awake)


def enable(sock: socket.socket) -> bool:
    """Ask the kernel to stamp this socket; False where it cannot."""
    if _SO_TIMESTAMPNS is None:
        return False
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    except OSError:
        return False
    return True


def receive(sock: socket.socket, size: int, stamped: bool) -> tuple[bytes, float, bool]:
    """
    Read what is there.

    Returns:
        (bytes, instant on `perf_counter`, whether the kernel gave that instant).

    Raises:
        BlockingIOError: Nothing is there. OSError: the connection broke.
    """
    if not stamped:
        return sock.recv(size), time.perf_counter(), False
    data, ancillary, _, _ = sock.recvmsg(size, 64)
    wall, now = time.time(), time.perf_counter()
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack_from(payload)
            age = wall - (seconds + nanoseconds * 1e-9)
            if 0 <= age < _OLDEST_S:
                return data, now - age, True
    return data, now, False


def lost_segments(sock: Any) -> int | None:
    """Segments that we sent again or that came out of order; None where the kernel does not tell."""
    if not isinstance(sock, socket.socket) or not hasattr(socket, "TCP_INFO") or sys.platform != "linux":
        return None
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_RCV_OOOPACK + 4)
    except OSError:
        return None
    offsets = (_TCP_INFO_TOTAL_RETRANS, _TCP_INFO_RCV_OOOPACK)
    counts: list[int] = [struct.unpack_from("I", info, at)[0] for at in offsets if len(info) >= at + 4]
    return sum(counts)


def rtt_s(sock: socket.socket) -> float | None:
    """The kernel's own round-trip time of the handshake (`TCP_INFO`), read just after connect."""
    if not hasattr(socket, "TCP_INFO") or sys.platform != "linux":
        return None
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    except OSError:
        return None
    micros: int = struct.unpack_from("I", info, _TCP_INFO_RTT)[0]
    return micros * 1e-6 if micros else None
