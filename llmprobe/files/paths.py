"""Paths as people write them. What no system call would take is an OSError here, with its reason."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def usable(path: str | Path) -> Path:
    """
    The path with `~` resolved.

    Raises:
        OSError: It is empty, holds a NUL or undecodable characters, or names a user that does not exist.
    """
    text = str(path)
    if not text:
        raise OSError(errno.EINVAL, "the path is empty")
    if "\0" in text:
        raise OSError(errno.EINVAL, "a path cannot hold a NUL character")
    try:
        os.fsencode(text)
        return Path(text).expanduser()
    except UnicodeError:
        raise OSError(errno.EINVAL, "the path holds characters that are not valid text") from None
    except RuntimeError:
        raise OSError(errno.ENOENT, "there is no such user's home folder") from None


def exists(path: str | Path) -> bool:
    """Whether something is there that can be reached; False also for a path that cannot be one."""
    try:
        usable(path).stat()
    except OSError:
        return False
    return True
