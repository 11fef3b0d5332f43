"""One run at a time of each configuration: a second one says so and ends."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from llmprobe.errors import BusyError, HistoryError


@contextmanager
def only_one(folder: Path, name: str) -> Iterator[None]:
    """
    Hold the lock of `name` (a configuration's path).

    The system gives it back when the process ends, however it ends.

    Raises:
        BusyError: Another run holds it.
        HistoryError: The lock's file cannot be written.
    """
    path = folder / "locks" / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as exc:
        raise HistoryError(f'cannot write the lock "{path}": {exc.strerror}') from None
    try:
        _take(handle, name)
        yield
    finally:
        os.close(handle)


def _take(handle: int, name: str) -> None:
    try:
        import fcntl
    except ImportError:
        return  # Windows has no flock: there a scheduler's own rule against overlap must do.
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.pread(handle, 100, 0).decode("ascii", "replace").strip()
        whose = f" (process {holder})" if holder else ""
        raise BusyError(f"still running: an earlier run of {name} has not ended{whose}") from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, str(os.getpid()).encode(), 0)
