"""What a run found: results, groups, and the conclusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from llmprobe.model.cost import Spent
from llmprobe.model.documents import document_of
from llmprobe.model.enums import Category, Confidence, ExitCode, Fault, Phase, ProbeKind, Status
from llmprobe.model.evidence import ConnectAttempt, Timings, TlsFacts
from llmprobe.model.page import PageReading


class Window(Struct, frozen=True):
    """Headroom in one rate-limit window, as the headers told it."""

    limit: float | None = None
    remaining: float | None = None
    reset_s: float | None = None
    window: str | None = None

    @property
    def left(self) -> float | None:
        """The part that is left, 0 to 1; None where the headers did not tell."""
        return self.remaining / self.limit if self.limit and self.remaining is not None else None


class RateLimit(Struct, frozen=True):
    """
    Requests and tokens apart; `retry_after_s` is what the server asked for.

    `hit` says which limit a refusal was about: requests, tokens, concurrency,
    request_size, context, daily, monthly, spend, credits, quota or free_tier.
    """

    requests: Window | None = None
    tokens: Window | None = None
    retry_after_s: float | None = None
    hit: str | None = None


class Attempt(Struct, frozen=True):
    """One request and its verdict, in short; `waited_s` passed since the attempt before it ended."""

    number: int
    status: Status
    category: Category
    phase: Phase
    reason: str
    http_status: int | None
    started_at_utc: float
    timings: Timings
    retry_after_s: float | None = None
    adapted: str | None = None
    waited_s: float | None = None


class Tokens(Struct, frozen=True):
    """
    `counted_by` says whose figures they are: `server`, `events`, or None for unknown.

    `events` pieces of content came in `reads` reads: where there are fewer reads, some pieces
    share a stamp and the gaps between them were not seen.
    """

    input: int | None = None
    output: int | None = None
    reasoning: int | None = None
    per_second: float | None = None
    counted_by: str | None = None
    events: int | None = None
    reads: int | None = None


class HttpFacts(Struct, frozen=True):
    """What identifies an answer for a support ticket."""

    status: int | None = None
    version: str | None = None
    request_id: str | None = None
    provider_code: str | None = None
    server: str | None = None
    edge: str | None = None


class Stats(Struct, frozen=True):
    """Samples of one probe; a percentile is None where its n cannot carry it."""

    n: int
    failed: int
    success_rate: float
    ttft: Mapping[str, float | None] | None = None
    total: Mapping[str, float | None] | None = None
    categories: Mapping[str, int] = field(default_factory=dict)


class Limit(Struct, frozen=True):
    """What a figure was held to, in seconds: beyond `warn_s` degraded, beyond `crit_s` failed."""

    warn_s: float | None = None
    crit_s: float | None = None


class Result(Struct, frozen=True):
    """
    The outcome of one probe on one target.

    `spent` covers all its attempts and samples; None where that is not known. `proxy` is the proxy that was
    used and where it came from. `answer_start` is the beginning of the answer's text, for `-v` alone: no
    report, history or JSON holds it.
    """

    target: str
    provider: str
    dialect: str
    model: str | None
    probe: ProbeKind
    endpoint: str
    status: Status
    category: Category
    fault: Fault | None
    phase: Phase | None
    reason: str
    title: str = ""
    hint: str | None = None
    answered_model: str | None = None
    http: HttpFacts = field(default_factory=HttpFacts)
    timings: Timings = field(default_factory=Timings)
    tokens: Tokens = field(default_factory=Tokens)
    rate_limit: RateLimit = field(default_factory=RateLimit)
    tls: TlsFacts | None = None
    connection: str | None = None
    peer: str | None = None
    proxy: str | None = None
    answer_start: str | None = None
    connects: tuple[ConnectAttempt, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    stats: Stats | None = None
    clock: str | None = None
    notes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    rule: str = ""
    limits: Mapping[str, Limit] = field(default_factory=dict)
    paused_by: Category | None = None
    confidence: Confidence = Confidence.CERTAIN
    runner_up: Category | None = None
    evidence: tuple[str, ...] = ()
    runner_up_evidence: tuple[str, ...] = ()
    spent: Spent | None = None

    @property
    def retry_after_s(self) -> float | None:
        return self.rate_limit.retry_after_s

    @property
    def works(self) -> bool:
        """Whether the target answers: healthy, or degraded."""
        return self.status in (Status.HEALTHY, Status.DEGRADED)

    def to_dict(self) -> dict[str, Any]:
        """One entry of `results` in the document `llmprobe.run/1`, as plain values that JSON can hold."""
        return document_of(self)


class Pause(Struct, frozen=True):
    """
    Why a probe must not be sent now: the failure that caused the pause, and how long it still lasts.

    `category` and `fault` are those of that failure; `left_s` is in seconds.
    """

    reason: str
    category: Category
    fault: Fault | None
    left_s: float


class GroupResult(Struct, frozen=True):
    """Whether enough members of a group are healthy."""

    name: str
    status: Status
    need: int
    healthy: int
    members: tuple[str, ...]

    @property
    def works(self) -> bool:
        return self.status in (Status.HEALTHY, Status.DEGRADED)


def excused_by(groups: Sequence[GroupResult], result: Result) -> GroupResult | None:
    """
    The group that works without this member; None where the result counts for itself.

    A group excuses what is the provider's, the network's or unknown. What is the client's (key, quota,
    model, request) counts whatever the group says: the program will meet it as soon as it fails over.
    """
    mine = [group for group in groups if result.target in group.members]
    if not mine or result.fault is Fault.CLIENT or not all(group.works for group in mine):
        return None
    return mine[0]


class SelfFacts(Struct, frozen=True):
    """
    What llmprobe knows of its own distortion.

    `probes_at_once` were under way at most, `probes_limit` was the limit at the end, and `adaptive` says
    that this machine chose it.
    """

    clock: str
    loop_lag_p99_s: float | None = None
    loop_lag_max_s: float | None = None
    probes_at_once: int | None = None
    probes_limit: int | None = None
    adaptive: bool | None = None


class Run(Struct, frozen=True):
    """All results of one invocation, with a one-sentence conclusion."""

    version: str
    started_at_utc: float
    duration_s: float
    status: Status
    conclusion: str
    exit_code: ExitCode
    results: Sequence[Result]
    groups: Sequence[GroupResult] = ()
    notes: Sequence[str] = ()
    self_facts: SelfFacts | None = None
    pages: Sequence[PageReading] = ()

    def to_dict(self) -> dict[str, Any]:
        """The document `llmprobe.run/1` (`llmprobe schema run`), as plain values that JSON can hold."""
        return document_of(self)

    def to_json(self, *, indent: int | None = None) -> str:
        """The document `llmprobe.run/1` as text; what was not measured is null."""
        import json

        return json.dumps(self.to_dict(), indent=indent)
