"""One run at a time of each configuration: a second one says so and ends."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from llmprobe.errors import BusyError, HistoryError
from llmprobe.files import make_private, private_folder

LASTS_S = 3600.0
"""A run without a deadline of its own that holds its lock for longer is taken to hang."""


@contextmanager
def only_one(folder: Path, name: str, lasts_s: float | None = None) -> Iterator[None]:
    """
    Hold the lock of `name` (a configuration's path).

    The system gives it back when the process ends, however it ends. From a process that hangs it is
    taken over.

    Args:
        lasts_s: How long it is held at the most; an hour where that is not known.

    Raises:
        BusyError: Another run holds it.
        HistoryError: The lock's file cannot be written.
    """
    path = folder / "locks" / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.lock"
    try:
        private_folder(path.parent)
        make_private(path.parent)
        handle = _taken(path)
        if handle is None:
            raise BusyError(f"still running: an earlier run of {name} has not ended{_whose(path)}")
        _sign(handle, time.time() + (LASTS_S if lasts_s is None else lasts_s))
    except OSError as exc:
        raise HistoryError(f'cannot write the lock "{path}": {exc.strerror}') from None
    try:
        yield
    finally:
        os.close(handle)


def _taken(path: Path) -> int | None:
    """The locked file; None where a run holds it that may still be at work."""
    try:
        import fcntl
    except ImportError:  # Windows has no flock: there a scheduler's own rule against overlap must do.
        return _opened(path)
    gate = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(gate, fcntl.LOCK_EX)
        handle = _opened(path)
        for last_try in (False, True):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return handle
            except BlockingIOError:
                hangs = _is_over(handle)
                os.close(handle)
            if last_try or not hangs:
                return None
            path.unlink()  # the hanging process keeps a lock on a file that no run will look at again
            handle = _opened(path)
        return None
    finally:
        os.close(gate)


def _opened(path: Path) -> int:
    return os.open(path, os.O_CREAT | os.O_RDWR, 0o600)


def _sign(handle: int, until: float) -> None:
    """Who holds it, and until when at the most."""
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()} {until:.0f}".encode(), 0)


def _is_over(handle: int) -> bool:
    _, until = _signature(os.pread(handle, 100, 0))
    return until is not None and time.time() > until


def _whose(path: Path) -> str:
    holder, _ = _signature(path.read_bytes()[:100])
    return f" (process {holder})" if holder else ""


def _signature(text: bytes) -> tuple[str, float | None]:
    holder, _, until = text.decode("ascii", "replace").partition(" ")
    return holder, float(until) if until.isdecimal() else None
