"""How many connections this process can have open at once."""

from __future__ import annotations

import os

_EACH = 2
"""A connection and the one that races it, or the resolver's own socket before either."""
_SPARE = 16
"""For what else is opened in a run: the history, modules, the resolver's files."""


def room_for(wanted: int) -> int:
    """
    How many connections fit at once, at most `wanted` and at least one.

    The soft limit of open files is raised as far as they need and the hard limit allows.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit worth asking for
        return wanted
    used = _open_now() + _SPARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = used + wanted * _EACH
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        except (OSError, ValueError):
            soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return wanted
    return max(1, (soft - used) // _EACH)


def _open_now() -> int:
    """Descriptors in use; a guess where the system has no list of them."""
    try:
        return len(os.listdir("/dev/fd"))
    except OSError:
        return 16
