"""Reading with a limit of bytes and of time, from files, devices and FIFOs alike."""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from pathlib import Path

from llmprobe.files.paths import usable

_PIECE = 1 << 16


class TooLongError(OSError):
    """There is more to read than was allowed."""

    def __init__(self, most: int) -> None:
        super().__init__(errno.EFBIG, f"it holds more than {most >> 10} KiB")


def read_bytes(path: str | Path, *, most: int, within_s: float = 10.0) -> bytes:
    """
    All that there is to read.

    Raises:
        TooLongError: There are more than `most` bytes.
        OSError: It cannot be read, is a folder, or nothing more came within `within_s`.
    """
    descriptor = os.open(usable(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        return read_until(descriptor, most=most, within_s=within_s)
    finally:
        os.close(descriptor)


def read_until(descriptor: int, *, most: int, within_s: float) -> bytes:
    """As `read_bytes`, from an open descriptor, which stays open."""
    found, until = bytearray(), time.monotonic() + within_s
    while True:
        _wait(descriptor, until)
        piece = os.read(descriptor, min(_PIECE, most + 1 - len(found)))
        if not piece:
            return bytes(found)
        found += piece
        if len(found) > most:
            raise TooLongError(most)


def _wait(descriptor: int, until: float) -> None:
    """A FIFO is ready once a writer has written, or has come and gone; a file is always ready."""
    left_s = until - time.monotonic()
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    if left_s <= 0 or not poll.poll(left_s * 1000):
        raise TimeoutError(errno.ETIMEDOUT, "nothing came in time")
