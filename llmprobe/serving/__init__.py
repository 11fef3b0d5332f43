"""
The faces of a process that goes on probing: for Prometheus, for supervisors, for people.

`app(...)` is an ASGI application with all of them; `llmprobe serve` is that on uvicorn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from llmprobe.api.targets import Targets


def app(
    targets: Targets = None,
    *,
    config: str | Path | None = None,
    every_s: float | None = None,
    min_interval_s: float | None = None,
    tokens_per_hour: int | None = None,
    hosts: Sequence[str] | None = None,
    record: bool | None = None,
    db: str | Path | None = None,
    on_note: Callable[[str], None] | None = None,
) -> Starlette:
    """
    An ASGI application: `/probe`, `/metrics`, `/-/healthy`, `/-/ready`, `/-/reload`, and a page at `/`.

    It reads its configuration and begins to probe in its lifespan, or at the first request where
    whatever runs it has no lifespan. What is None here is as the configuration says.

    Args:
        targets, config, record, db, on_note: As in `llmprobe.check`.
        every_s: Seconds between two probes of a target that it makes by itself.
        min_interval_s: Seconds; a request that comes sooner after the last probe gets its result.
        tokens_per_hour: Tokens that all probes together may cost in an hour; 0 for no limit.
        hosts: Names in the header `Host` that are answered; none: any name. A browser on this machine can
            be made to call loopback addresses by a stranger's name, so name yours where it listens there.

    Raises:
        MissingExtraError: The extra `serve` is not installed.

    Example:
        >>> import llmprobe.serving
        >>> app = llmprobe.serving.app(config="llmprobe.toml", hosts=["localhost"])  # doctest: +SKIP
    """
    from llmprobe.serving.making import made

    limits = {"every_s": every_s, "hosts": hosts}
    guard = {"min_interval_s": min_interval_s, "tokens_per_hour": tokens_per_hour}
    return made(targets, config, limits=limits, guard=guard, record=record, db=db, note=on_note)
