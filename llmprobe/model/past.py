"""What the history knows: past results, incidents, changes, baselines, and the report over a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct, field

from llmprobe.model.enums import Category, Fault, ProbeKind, Status


class PastResult(Struct, frozen=True, rename={"at_utc": "at"}):
    """
    One result as it was recorded; times are seconds, `at_utc` is epoch seconds.

    Fields are called as the columns of the history are. `notes` has one note a line.
    """

    at_utc: float
    target: str
    provider: str
    model: str | None
    probe: ProbeKind
    status: Status
    category: Category
    fault: Fault | None
    reason: str
    hint: str | None = None
    notes: str | None = None
    http_status: int | None = None
    request_id: str | None = None
    ttft_s: float | None = None
    total_s: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


_INCIDENT_COLUMNS = {
    "opened_at_utc": "opened_at",
    "confirmed_at_utc": "confirmed_at",
    "closed_at_utc": "closed_at",
    "page_at_utc": "page_at",
}


class Incident(Struct, frozen=True, rename=_INCIDENT_COLUMNS):
    """
    From the first failure to the first success that held; `closed_at_utc` is None while it lasts.

    `category`, `fault`, `reason`, `hint` and `notes` are those of the failure that opened it, `failures`
    how many runs have failed in it. `page_at_utc` is when the vendor's own page was first seen to tell of
    trouble.
    """

    id: int
    target: str
    provider: str
    category: Category
    fault: Fault | None
    reason: str
    opened_at_utc: float
    confirmed_at_utc: float
    closed_at_utc: float | None
    failures: int
    page_at_utc: float | None = None
    hint: str | None = None
    notes: str | None = None

    @property
    def lead_s(self) -> float | None:
        """How much earlier we saw it than their page told of trouble; None where it never did."""
        return None if self.page_at_utc is None else self.page_at_utc - self.opened_at_utc

    def lasted_s(self, now_utc: float) -> float:
        return (self.closed_at_utc or now_utc) - self.opened_at_utc


class ChangeKind(StrEnum):
    """What is told: a target began to fail, still fails, works again."""

    OPENED = "opened"
    REMINDER = "reminder"
    CLOSED = "closed"


class Change(Struct, frozen=True):
    """
    One thing that a sink has not been told.

    `category`, `fault`, `reason` and `hint` are those of the run that tells it, which may differ from
    those of the incident's beginning. `known` says that the sink was told of the beginning; `muted` is the
    reason of the mute window in which it began ("" where none is given), None where it began outside of one.
    """

    kind: ChangeKind
    incident: Incident
    at_utc: float
    category: Category
    fault: Fault | None
    reason: str
    hint: str | None = None
    known: bool = False
    muted: str | None = None

    @property
    def is_over_unheard(self) -> bool:
        """Whether it is over before the sink has heard of it."""
        return self.kind is ChangeKind.CLOSED and not self.known

    @property
    def duration_s(self) -> float:
        return self.incident.lasted_s(self.at_utc)


class Baseline(Struct, frozen=True):
    """What is usual for a target at this hour of the day; figures that n cannot carry are None."""

    target: str
    probe: ProbeKind
    metric: str
    n: int
    median_s: float | None
    p95_s: float | None


class Spread(Struct, frozen=True):
    """Percentiles of one figure, each None where n cannot carry it."""

    n: int
    median_s: float | None = None
    p95_s: float | None = None
    p99_s: float | None = None


class Day(Struct, frozen=True):
    """One day of a target, for plots. `day` is `2026-11-22` in UTC."""

    day: str
    n: int
    failed: int
    median_s: float | None


class Cell(Struct, frozen=True):
    """
    One check of a target, or what came of its checks between two instants (epoch seconds).

    `n` counts without what was skipped; `causes` are the categories of what was not healthy.
    """

    start_utc: float
    end_utc: float
    n: int
    failed: int
    degraded: int
    skipped: int = 0
    causes: Mapping[str, int] = field(default_factory=dict)

    @property
    def worst(self) -> Status:
        if self.failed:
            return Status.FAILED
        if self.degraded:
            return Status.DEGRADED
        return Status.HEALTHY if self.n else Status.SKIPPED


class Pace(Struct, frozen=True):
    """
    How long it took until something came, between two instants (epoch seconds).

    Of `n` answers; figures that n cannot carry are None. `longest_s` is the slowest.
    """

    start_utc: float
    end_utc: float
    n: int
    median_s: float | None
    p95_s: float | None
    longest_s: float


class Headroom(Struct, frozen=True):
    """
    The share that was left of the rate limits (0 to 1), as the newest answer's headers told it.

    `least` is the smallest share of the day before `at_utc`, and `least_at_utc` when that was.
    """

    at_utc: float
    requests: float | None
    tokens: float | None
    least: float
    least_at_utc: float


class Availability(Struct, frozen=True):
    """One target over a time. `uptime` is the share of results that did not fail."""

    target: str
    provider: str
    n: int
    failed: int
    degraded: int
    skipped: int
    incidents: int
    mean_recovery_s: float | None
    causes: Mapping[str, int] = field(default_factory=dict)
    faults: Mapping[str, int] = field(default_factory=dict)
    ttft: Spread = field(default_factory=lambda: Spread(0))
    total: Spread = field(default_factory=lambda: Spread(0))
    worst_hours: Sequence[tuple[int, int, int]] = ()
    days: Sequence[Day] = ()
    cells: Sequence[Cell] = ()
    paces: Sequence[Pace] = ()
    headroom: Headroom | None = None

    @property
    def uptime(self) -> float | None:
        return None if self.n == 0 else 1 - self.failed / self.n


class PastReport(Struct, frozen=True):
    """
    The report over a time: epoch seconds from and until, targets, incidents.

    `first_utc` is when the first result of that time was; None where there is none. `cell_s` is how much
    time a cell stands for; None where it is one check. `rules` are the settings in force, a sentence each.
    """

    since_utc: float
    until_utc: float
    targets: Sequence[Availability]
    incidents: Sequence[Incident]
    first_utc: float | None = None
    cell_s: float | None = None
    rules: Sequence[str] = ()
