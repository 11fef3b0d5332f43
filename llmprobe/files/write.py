"""
Writing: a regular file is replaced as a whole (behind a symbolic link: the file that it leads to), keeping
its mode and owner; a device, FIFO or socket, or a descriptor of our own (`/dev/stdout`), is written into.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import stat
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from llmprobe.files.paths import usable

_READER_WITHIN_S = 5.0
_IN_PLACE = (errno.EACCES, errno.EPERM, errno.EBUSY, errno.EROFS, errno.EXDEV)
"""A file may be writable where its folder is not, or be mounted on its own, as in a container."""
_MOST_LINKS = 40
PRIVATE, PUBLIC, PRIVATE_FOLDER = 0o600, 0o666, 0o700


def write_text(path: str | Path, text: str, *, private: bool = False) -> None:
    """As `write_bytes`, in UTF-8; what is no valid text becomes a replacement character."""
    write_bytes(path, text.encode("utf-8", "replace"), private=private)


def write_bytes(path: str | Path, data: bytes, *, private: bool = False) -> None:
    """
    Put `data` there. A reader sees the old file or the new one, and a failure leaves the old one.

    Args:
        private: The file is for its owner alone (mode 0600), whatever its mode was.

    Raises:
        OSError: With the reason in `strerror`.
    """
    path = usable(path)
    if (descriptor := _own_descriptor(path)) is not None:
        _write_into(os.dup(descriptor), data)
        return
    try:
        found = path.stat()
    except FileNotFoundError:
        _replace(_behind_links(path), data, None, private)
        return
    writer = _writer_for(found)
    if writer is not None:
        writer(path, data)
    else:
        _replace(_behind_links(path), data, found, private)


def append_text(path: str | Path, text: str) -> None:
    """Raises OSError."""
    descriptor = os.open(usable(path), os.O_WRONLY | os.O_APPEND | os.O_CREAT, PUBLIC)
    _write_into(descriptor, text.encode("utf-8", "replace"))


def private_folder(path: Path) -> None:
    """Make the folder and those above it that are missing, each for its owner alone. Raises OSError."""
    if not path.is_dir():
        private_folder(path.parent)
        with suppress(FileExistsError):
            path.mkdir(mode=PRIVATE_FOLDER)


def make_private(path: Path) -> None:
    """
    Take everybody else's rights from a file or folder; another owner's is left, and what is neither.

    Raises OSError.
    """
    found = path.stat()
    mode = PRIVATE if stat.S_ISREG(found.st_mode) else PRIVATE_FOLDER
    is_either = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
    if is_either and stat.S_IMODE(found.st_mode) & 0o077 and found.st_uid == os.geteuid():
        path.chmod(mode)


def _writer_for(found: os.stat_result) -> Callable[[Path, bytes], None] | None:
    """How to write into what is there; None for a regular file. Raises OSError for a folder."""
    if stat.S_ISREG(found.st_mode):
        return None
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    if stat.S_ISFIFO(found.st_mode):
        return _write_into_fifo
    return _write_into_socket if stat.S_ISSOCK(found.st_mode) else _write_into_device


def _write_into_device(path: Path, data: bytes) -> None:
    _write_into(os.open(path, os.O_WRONLY | os.O_NOCTTY), data)


def _write_into_fifo(path: Path, data: bytes) -> None:
    """A reader may come a moment later than we do; without one the system would wait for ever."""
    until = time.monotonic() + _READER_WITHIN_S
    while True:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as exc:
            if exc.errno != errno.ENXIO:
                raise
            if time.monotonic() >= until:
                raise OSError(errno.ENXIO, f"no reader opened it within {_READER_WITHIN_S:.0f} s") from None
            time.sleep(0.02)
        else:
            os.set_blocking(descriptor, True)
            _write_into(descriptor, data)
            return


def _write_into_socket(path: Path, data: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_READER_WITHIN_S)
        connection.connect(str(path))
        connection.sendall(data)


def _write_into(descriptor: int, data: bytes) -> None:
    """All of it; closes the descriptor."""
    try:
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(descriptor, left) :]
            except BlockingIOError:
                select.select([], [descriptor], [])
    finally:
        os.close(descriptor)


def _own_descriptor(path: Path) -> int | None:
    """
    The descriptor of this process that a path names, or whose file it is.

    Replacing the file to which standard output is redirected would cut the output off.
    """
    for _ in range(_MOST_LINKS):
        if path.name.isdigit() and os.path.realpath(path.parent) in (f"/proc/{os.getpid()}/fd", "/dev/fd"):
            return _flushed(int(path.name))
        if not path.is_symlink():
            break
        path = path.parent / path.readlink()
    return next((_flushed(number) for number in (1, 2) if _is_file_of(number, path)), None)


def _is_file_of(descriptor: int, path: Path) -> bool:
    try:
        mine = os.fstat(descriptor)
        return stat.S_ISREG(mine.st_mode) and os.path.samestat(mine, path.stat())
    except OSError:
        return False


def _flushed(descriptor: int) -> int:
    """What was printed before stands before."""
    stream = {1: sys.stdout, 2: sys.stderr}.get(descriptor)
    if stream is not None:
        stream.flush()
    return descriptor


def _behind_links(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _replace(path: Path, data: bytes, old: os.stat_result | None, private: bool) -> None:
    try:
        _replace_whole(path, data, old, private)
    except OSError as exc:
        if old is None or exc.errno not in _IN_PLACE:
            raise
        if private:
            make_private(path)
        _write_into(os.open(path, os.O_WRONLY | os.O_TRUNC), data)


def _replace_whole(path: Path, data: bytes, old: os.stat_result | None, private: bool) -> None:
    """Through a new file beside it. The system applies the umask to a new file's mode by itself."""
    beside = path.parent / f".llmprobe-{os.urandom(6).hex()}"
    mode = PUBLIC if old is None and not private else PRIVATE
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        if old is not None:
            _take_over(descriptor, old, private)
        _write_into(descriptor, data)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _take_over(descriptor: int, old: os.stat_result, private: bool) -> None:
    """Keep owner and mode. Raises OSError where we may not give files away: it is then written in place."""
    if (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
        os.fchown(descriptor, old.st_uid, old.st_gid)
    if not private:
        os.fchmod(descriptor, stat.S_IMODE(old.st_mode))
