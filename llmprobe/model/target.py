"""What is to be probed: targets, their credentials, limits and expectations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from llmprobe.model.enums import ProbeKind


class Secret:
    """A credential that prints as `***`; `reveal()` is the only way out."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")


class Credential(Struct, frozen=True):
    """A key and how it is sent. `origin` says where it came from: `env OPENAI_API_KEY`."""

    secret: Secret
    header: str
    scheme: str
    origin: str

    def header_value(self) -> str:
        value = self.secret.reveal()
        return f"{self.scheme} {value}" if self.scheme else value


class Wire(Struct, frozen=True):
    """
    How an endpoint wants to be spoken to; a probe may learn a better one from a refusal.

    `effort` asks a model that thinks first to think the least: members of the body as OpenAI's chat names
    them, or of Gemini's generationConfig.
    """

    token_param: str = "max_tokens"
    max_tokens: int = 16
    stream_usage: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    effort: Mapping[str, Any] = field(default_factory=dict)
    health_path: str | None = None
    models_path: str | None = None
    api_version: str | None = None


class Timeouts(Struct, frozen=True):
    """Deadlines in seconds. A phase without its own is bounded by `total_s` alone."""

    total_s: float = 30.0
    connect_s: float | None = 10.0
    headers_s: float | None = None
    first_token_s: float | None = None
    stall_s: float | None = 15.0


class QuantileLimit(Struct, frozen=True):
    """`p95 < 2s` over the samples of a probe: metric (`ttft` …), quantile (0.95), seconds."""

    metric: str
    quantile: float
    limit_s: float


class BaselineLimit(Struct, frozen=True):
    """`2x baseline`: a limit that the target's own past sets; `critical` makes it a failure."""

    metric: str
    factor: float
    critical: bool = False


CERT_DAYS, CERT_CRITICAL_DAYS = 14.0, 3.0
"""Days before a certificate ends on which it is told, and on which that counts as a failure."""


class Thresholds(Struct, frozen=True):
    """
    Beyond these a working target counts as degraded. Seconds, days, a fraction, tokens a second (the least).

    `critical` maps a metric (`ttft` …) to the seconds beyond which it counts as failed; for
    `tokens_per_second` that is the rate below which it does. None switches a limit off.
    """

    ttft_s: float | None = None
    total_s: float | None = None
    headers_s: float | None = None
    connect_s: float | None = None
    silence_s: float | None = None
    dns_s: float | None = None
    tls_s: float | None = None
    send_s: float | None = None
    first_event_s: float | None = None
    first_reasoning_s: float | None = None
    first_text_s: float | None = None
    itl_p50_s: float | None = None
    itl_p95_s: float | None = None
    tokens_per_second: float | None = None
    cert_days: float | None = CERT_DAYS
    cert_critical_days: float | None = CERT_CRITICAL_DAYS
    headroom: float | None = None
    quantiles: tuple[QuantileLimit, ...] = ()
    critical: Mapping[str, float] = field(default_factory=dict)
    baselines: tuple[BaselineLimit, ...] = ()


class Expect(Struct, frozen=True):
    """What a healthy answer must be like, beyond having ended well."""

    contains: str | None = None
    regex: str | None = None
    pointer: str | None = None
    equals: Any = None
    schema: Mapping[str, Any] | None = None
    dimension: int | None = None
    challenge: bool = False


class Links(Struct, frozen=True):
    """Where a person can act: pages of the provider."""

    console: str | None = None
    docs: str | None = None
    status: str | None = None


class Target(Struct, frozen=True):
    """One thing to be probed: provider, endpoint, model, credential and what is expected of it."""

    name: str
    provider: str
    dialect: str
    base_url: str
    model: str | None = None
    title: str = ""
    probes: tuple[ProbeKind, ...] = (ProbeKind.STREAM,)
    credential: Credential | None = None
    missing_keys: tuple[str, ...] = ()
    wire: Wire = field(default_factory=Wire)
    headers: Mapping[str, str] = field(default_factory=dict)
    timeouts: Timeouts = field(default_factory=Timeouts)
    thresholds: Thresholds = field(default_factory=Thresholds)
    expect: Expect = field(default_factory=Expect)
    retries: int = 1
    tags: tuple[str, ...] = ()
    links: Links = field(default_factory=Links)
    retires_on: str | None = None
    retired: str | None = None
    proxy: str | None = None
    ca_bundle: str | None = None
    verify_tls: bool = True
    http2: bool = False
    notes: tuple[str, ...] = ()
    status_page: str | None = None

    @property
    def display_provider(self) -> str:
        return self.title or self.provider


class Group(Struct, frozen=True):
    """Targets of which a program needs `need` to be healthy."""

    name: str
    members: tuple[str, ...]
    need: int = 1
