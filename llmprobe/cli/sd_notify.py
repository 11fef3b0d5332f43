"""What systemd is told of a service of `Type=notify`: ready, alive, reloading, stopping."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress

from llmprobe.redact import SCRUB


class Systemd:
    """
    Silent where no service manager listens.

    Source: sd_notify(3) and sd_watchdog_enabled(3). An address that begins with `@` is in Linux's abstract
    namespace.
    """

    def __init__(self) -> None:
        self._address = os.environ.pop("NOTIFY_SOCKET", "")

    @property
    def alive_every_s(self) -> float | None:
        """How often it must be told that we are alive: half of the time that it waits; None for never."""
        asked, ours = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", str(os.getpid()))
        if not (self._address and asked.isdecimal() and int(asked) and ours == str(os.getpid())):
            return None
        return int(asked) / 2e6

    def ready(self, status: str) -> None:
        self._tell(f"READY=1\nSTATUS={SCRUB(status)}")

    def status(self, text: str) -> None:
        self._tell(f"STATUS={SCRUB(text)}")

    def alive(self) -> None:
        self._tell("WATCHDOG=1")

    def reloading(self) -> None:
        """`ready` says when that is done."""
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def _tell(self, state: str) -> None:
        if not self._address:
            return
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.settimeout(1.0)
            channel.sendto(state.encode("utf-8", "replace"), address)
