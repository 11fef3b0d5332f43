"""The words of the design, as enums: used in code, output and docs alike."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Status(StrEnum):
    """How a result reads at a glance."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    FAILED = "failed"
    SKIPPED = "skipped"


class Confidence(StrEnum):
    """How sure a verdict is: `certain` by code or agreement, `guess` by a bare or contradicted status."""

    CERTAIN = "certain"
    LIKELY = "likely"
    GUESS = "guess"


class Fault(StrEnum):
    """Whose side a failure is on; a healthy result has none."""

    PROVIDER = "provider"
    CLIENT = "client"
    NETWORK = "network"
    UNKNOWN = "unknown"


class Family(StrEnum):
    """The groups of the category table."""

    OK = "ok"
    DEGRADED = "degraded"
    TIMEOUT = "timeout"
    NETWORK = "network"
    LIMIT = "limit"
    PROVIDER = "provider"
    REQUEST = "request"
    OURS = "ours"


class Category(StrEnum):
    """Why a result is what it is: a closed list, stable in every output."""

    OK = "ok"
    SLOW = "slow"
    LOW_HEADROOM = "low_headroom"
    CERT_EXPIRING = "cert_expiring"
    BUFFERED = "buffered"
    MODEL_MISMATCH = "model_mismatch"
    RETIRING = "retiring"
    EXPECTATION = "expectation"
    TIMEOUT_CONNECT = "timeout_connect"
    TIMEOUT_HEADERS = "timeout_headers"
    TIMEOUT_FIRST_TOKEN = "timeout_first_token"
    STREAM_STALLED = "stream_stalled"
    TIMEOUT_TOTAL = "timeout_total"
    DNS = "dns"
    CONNECT = "connect"
    RESET = "reset"
    TLS = "tls"
    PROXY = "proxy"
    RATE_LIMITED = "rate_limited"
    QUOTA_EXHAUSTED = "quota_exhausted"
    OVERLOADED = "overloaded"
    LOADING = "loading"
    SERVER_ERROR = "server_error"
    GATEWAY = "gateway"
    STREAM_ERROR = "stream_error"
    TRUNCATED = "truncated"
    INVALID_RESPONSE = "invalid_response"
    EMPTY_RESPONSE = "empty_response"
    AUTH = "auth"
    PERMISSION = "permission"
    REGION_BLOCKED = "region_blocked"
    MODEL_NOT_FOUND = "model_not_found"
    WRONG_ENDPOINT = "wrong_endpoint"
    BAD_REQUEST = "bad_request"
    CONTENT_FILTERED = "content_filtered"
    MISSING_CREDENTIAL = "missing_credential"
    CANCELLED = "cancelled"
    DEADLINE = "deadline"
    BUDGET = "budget"
    BACKOFF = "backoff"
    INTERNAL = "internal"


class Phase(StrEnum):
    """Where in the exchange it ended."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    SEND = "send"
    HEADERS = "headers"
    FIRST_TOKEN = "first_token"
    STREAM = "stream"
    DONE = "done"


class ProbeKind(StrEnum):
    """A kind of check."""

    EDGE = "edge"
    MODELS = "models"
    CHAT = "chat"
    STREAM = "stream"
    EMBEDDINGS = "embeddings"
    JSON = "json"
    TOOLS = "tools"


class Framing(StrEnum):
    """How the bytes of a healthy answer are cut into events."""

    BODY = "body"
    SSE = "sse"
    LINES = "lines"


class Mark(StrEnum):
    """What one event of a stream was, as far as the clocks care."""

    HEARTBEAT = "heartbeat"
    REASONING = "reasoning"
    TEXT = "text"
    OTHER = "other"
    END = "end"


class FailureKind(StrEnum):
    """What the transport saw go wrong, before anybody judged it."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    PROXY = "proxy"
    RESET = "reset"
    PROTOCOL = "protocol"
    NOT_HTTP = "not_http"
    UNDECODABLE = "undecodable"
    UNSENDABLE = "unsendable"
    TOO_LARGE = "too_large"
    CONNECT_TIMEOUT = "connect_timeout"
    HEADERS_TIMEOUT = "headers_timeout"
    FIRST_TOKEN_TIMEOUT = "first_token_timeout"
    STALL_TIMEOUT = "stall_timeout"
    TOTAL_TIMEOUT = "total_timeout"


class Finish(StrEnum):
    """Why a model stopped, over all dialects."""

    STOP = "stop"
    LENGTH = "length"
    TOOLS = "tools"
    FILTERED = "filtered"
    ERROR = "error"
    OTHER = "other"


class ExitCode(IntEnum):
    """The process's exit codes: a stable contract."""

    OK = 0
    FAILED = 1
    USAGE = 2
    DEGRADED = 3
    CLIENT = 4
    NETWORK = 5
    INTERNAL = 70
    BUSY = 75
    INTERRUPTED = 130
    TERMINATED = 143
