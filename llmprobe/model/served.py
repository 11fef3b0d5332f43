"""What a process that goes on probing tells: the answer to one request, and its own health."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from llmprobe.model.result import Result


class Hit(StrEnum):
    """Why the cost guard let no new probe through."""

    SHARED = "shared"
    """The same probe was under way: both requests get its result."""
    INTERVAL = "interval"
    """The last probe began less than `min_interval` ago."""
    PAUSE = "pause"
    """The server asked for a pause, or a quota is used up."""
    BUDGET = "budget"
    """The tokens of this hour are spent."""


class Told(Struct, frozen=True):
    """
    What one request is told of one probe.

    Attributes:
        at_utc: When the probe ended, in epoch seconds.
        duration_s: How long it took, retries included.
        age_s: How old its result is; 0 where this request made it.
        hit: Why it is no new one, if it is not.
        paused_s: What is left of a pause that was asked for.
    """

    result: Result
    at_utc: float
    duration_s: float
    age_s: float = 0.0
    hit: Hit | None = None
    paused_s: float = 0.0


class Scrape(Struct, frozen=True):
    """
    What one request for a target, a group or a tag came to, as blackbox exporter would tell it.

    Attributes:
        success: Whether it works: each of its probes, or enough members of the group.
        timeout_s: What the probe was given.
        result: The one that speaks for all: what is wrong, else the slowest.
    """

    success: bool
    duration_s: float
    timeout_s: float
    result: Result


class Health(Struct, frozen=True):
    """
    How the process itself is.

    Attributes:
        running: Probes under way.
        tokens: Spent in the last sixty minutes.
        tokens_limit: What may be spent in that time, if there is a limit.
        loop_lag_s: How late the event loop was at the worst in the last minute.
        reloaded_at_utc: When the configuration in force was read, in epoch seconds.
        reload_failed: Whether the last attempt to read it again failed.
    """

    version: str
    targets: int
    running: int
    tokens: int
    tokens_limit: int | None
    loop_lag_s: float
    reloaded_at_utc: float
    reload_failed: bool
    hits: Mapping[str, int] = field(default_factory=dict)
