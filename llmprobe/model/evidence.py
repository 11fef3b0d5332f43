"""What was sent and what came back: facts, and the verdict that was drawn from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from llmprobe.model.enums import (
    Category,
    Confidence,
    FailureKind,
    Fault,
    Finish,
    Framing,
    Phase,
    ProbeKind,
)


class Request(Struct, frozen=True):
    """One HTTP request, ready to send. `body` is a JSON value; credentials are in `headers`."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Any = None
    framing: Framing = Framing.BODY


class StreamEvent(Struct, frozen=True):
    """
    One event of a stream.

    `stray` marks text that no framing rule allows, kept as evidence; `cut` marks what stood at
    the end of the body without the line that ends an event.
    """

    data: str
    name: str = ""
    stray: bool = False
    cut: bool = False


class Link(Struct, frozen=True):
    """One exception of a chain, outermost first: its type, its numbers and what it said."""

    type: str
    message: str = ""
    errno: int | None = None
    verify_code: int | None = None
    reason: str | None = None


class ConnectAttempt(Struct, frozen=True):
    """One address that was tried, for how long, and how that went (`ok`, or the error's words)."""

    address: str
    seconds: float
    outcome: str


class Failure(Struct, frozen=True):
    """Why an exchange ended early, in the transport's own words."""

    kind: FailureKind
    phase: Phase
    chain: tuple[Link, ...] = ()
    limit_s: float | None = None
    detail: str = ""


class Timings(Struct, frozen=True):
    """
    Phases up to `send_s` are durations; from `sent_s` on they are instants since the start.

    `silences` are from and to of each long gap in a stream, up to the end where it broke off.
    """

    dns_s: float | None = None
    connect_s: float | None = None
    tls_s: float | None = None
    send_s: float | None = None
    sent_s: float | None = None
    headers_s: float | None = None
    first_event_s: float | None = None
    first_reasoning_s: float | None = None
    first_text_s: float | None = None
    ttft_s: float | None = None
    total_s: float | None = None
    longest_silence_s: float | None = None
    itl_p50_s: float | None = None
    itl_p95_s: float | None = None
    silences: tuple[tuple[float, float], ...] = ()


class TlsFacts(Struct, frozen=True):
    """What was agreed; `expires_at` is RFC 3339 UTC of the server's certificate."""

    version: str | None = None
    cipher: str | None = None
    alpn: str | None = None
    expires_at: str | None = None
    expires_in_s: float | None = None
    issuer: str | None = None


class Certificate(Struct, frozen=True):
    """
    One certificate of a chain, as the server showed it.

    `ends_in_s` is negative once it has expired; the instants are for people. `names` are the hosts and
    addresses that it is for. `names_issuer_url` says that it tells where its issuer's certificate can be
    had, as those of public authorities do.
    """

    subject: str
    issuer: str
    ends_in_s: float | None
    starts_at: str = "unknown"
    ends_at: str = "unknown"
    names: tuple[str, ...] = ()
    self_signed: bool = False
    names_issuer_url: bool = False


class Exchange(Struct, frozen=True):
    """
    All that was observed of one request.

    Content came in so many `content_events`, those in so many pieces as the server sent them (HTTP
    chunks or frames), and those in so many reads of ours. `lost_segments` were sent again or came out of
    order, as the kernel counts them (Linux).
    """

    phase: Phase
    timings: Timings = field(default_factory=Timings)
    status: int | None = None
    http_version: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    failure: Failure | None = None
    tls: TlsFacts | None = None
    peer: str | None = None
    connection: str | None = None
    proxy: str | None = None
    clock: str = "user"
    connects: tuple[ConnectAttempt, ...] = ()
    content_reads: int | None = None
    content_events: int | None = None
    content_pieces: int | None = None
    lost_segments: int | None = None
    chain: tuple[Certificate, ...] = ()

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        for given, value in self.headers:
            if len(given) == len(name) and given.lower() == name.lower():
                return value
        return None


class Usage(Struct, frozen=True):
    """Tokens as the server counted them, and USD where it said what the request cost."""

    input: int | None = None
    output: int | None = None
    reasoning: int | None = None
    cost_usd: float | None = None


class ErrorObject(Struct, frozen=True):
    """
    An error as a provider said it, whatever its shape.

    `codes` are its identifiers (code, type, status, reason …) in snake case,
    the most specific first; `code` is the first of them as it was written.
    `shape` names the shape it was read from.
    """

    message: str = ""
    code: str | None = None
    codes: tuple[str, ...] = ()
    status: int | None = None
    param: str | None = None
    retry_after_s: float | None = None
    upstream: str | None = None
    explicit: bool = True
    shape: str = ""


class ModelInfo(Struct, frozen=True):
    """One line of a provider's list of models."""

    id: str
    retires_on: str | None = None


class Garbled(Struct, frozen=True):
    """What could not be decoded: the number of the event (None: the whole body), and how it begins."""

    event: int | None
    start: str


class Answer(Struct, frozen=True):
    """
    What a dialect could read: facts, no verdict.

    `ended` says that the dialect's own end came, which `terminator` names for people.
    """

    recognised: bool = False
    ended: bool = False
    text: str = ""
    has_reasoning: bool = False
    has_other: bool = False
    finish: Finish | None = None
    finish_raw: str | None = None
    blocked: str | None = None
    model: str | None = None
    usage: Usage = field(default_factory=Usage)
    error: ErrorObject | None = None
    models: tuple[ModelInfo, ...] | None = None
    dimension: int | None = None
    tool_name: str | None = None
    tool_arguments: str | None = None
    parsed_events: int = 0
    whole_body: bool = False
    tool_input: Any = None
    garbled: Garbled | None = None
    terminator: str = ""

    @property
    def complete(self) -> bool:
        """Whether all of it came, given that the body ended cleanly: SDKs take a finish reason for an end."""
        return self.ended or self.finish is not None

    @property
    def has_content(self) -> bool:
        """Whether anything was answered; white space alone is nothing."""
        return self.has_other or bool(self.text.strip())


class Evidence(Struct, frozen=True):
    """All that a verdict may rest on. `key_sent` is false where the request is known to carry no key."""

    provider: str
    dialect: str
    probe: ProbeKind
    exchange: Exchange
    answer: Answer | None = None
    error: ErrorObject | None = None
    now_s: float | None = None
    key_sent: bool = True


class Verdict(Struct, frozen=True):
    """
    What the evidence says. `rule` names the line of the tables that decided.

    `runner_up` is the next best category, where there is one; `evidence` and
    `runner_up_evidence` name what speaks for either, the weightiest first.
    """

    category: Category
    fault: Fault | None
    reason: str
    hint: str | None = None
    retry_after_s: float | None = None
    transient: bool = False
    rule: str = ""
    limit: str | None = None
    critical: bool = False
    confidence: Confidence = Confidence.CERTAIN
    runner_up: Category | None = None
    evidence: tuple[str, ...] = ()
    runner_up_evidence: tuple[str, ...] = ()
