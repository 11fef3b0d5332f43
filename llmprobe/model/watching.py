"""What a watch tells: each round as it comes, and where each target stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from llmprobe.model.enums import ExitCode, ProbeKind, Status
from llmprobe.model.past import Change, Incident, Spread
from llmprobe.model.result import Result, Run


class Update(Struct, frozen=True):
    """
    What was found just now.

    Attributes:
        run: The results that have come since the last update; its conclusion, groups and exit code are
            those of the last results of all targets.
        changes: Incidents that they opened or closed, by `confirm` and `recover`.
        tokens: What these results used.
        worst: The worst exit code of the watch until now.
    """

    run: Run
    changes: Sequence[Change] = ()
    tokens: int = 0
    worst: ExitCode = ExitCode.OK


class Begun(Struct, frozen=True):
    """
    What the history knows when a watch begins.

    Attributes:
        incidents: Those that last.
        cells: The status of the last checks of targets, oldest first.
    """

    incidents: Sequence[Incident] = ()
    cells: Mapping[str, Sequence[Status]] = field(default_factory=dict)


class Row(Struct, frozen=True):
    """
    Where one target stands.

    Attributes:
        result: The worst of its last results.
        since_utc: Since when it stands so, in epoch seconds: an open incident's beginning where there is one.
        latency: Seconds to the first token, of the last probe; to the end where it has no tokens.
        to_first_token: Which of both `latency` and `spread` are of.
        spread: The same of the last probes that worked.
        cells: The status of the last checks, oldest first.
        headroom: The smallest part of a rate limit that is left, 0 to 1; None where no header tells.
        next_in_s: Seconds until the next probe; None while it is probed.
        is_held: Whether the hourly budget has no tokens for it.
    """

    target: str
    result: Result | None = None
    since_utc: float | None = None
    is_incident: bool = False
    latency: float | None = None
    to_first_token: bool = True
    spread: Spread = field(default_factory=lambda: Spread(0))
    cells: Sequence[Status] = ()
    headroom: float | None = None
    next_in_s: float | None = None
    is_held: bool = False


class Standing(Struct, frozen=True):
    """
    All of a watch at one instant, for a screen.

    Attributes:
        now_utc: When, in epoch seconds.
        changes: The last changes, oldest first.
        every_s: Seconds between two probes of a target, as the budget allows.
        spent: Tokens used by this watch; `spent_in_hour` in the last hour, of `tokens_per_hour`.
        ends_in_s: Seconds until it ends by itself; None where it does not.
    """

    now_utc: float
    began_utc: float
    rows: Sequence[Row]
    changes: Sequence[Change] = ()
    conclusion: str = ""
    every_s: float = 0.0
    probes: int = 0
    spent: int = 0
    spent_in_hour: int = 0
    tokens_per_hour: int | None = None
    ends_in_s: float | None = None


class Cost(Struct, frozen=True):
    """What an hour of probing one target costs at most."""

    target: str
    probes: Sequence[ProbeKind]
    every_s: float
    requests: int
    tokens: int
