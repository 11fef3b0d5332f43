"""Short words for categories and sides, as people would say them."""

from __future__ import annotations

from llmprobe.model.enums import Category, Fault

CATEGORY_WORDS: dict[Category, str] = {
    Category.OK: "ok",
    Category.SLOW: "slow",
    Category.LOW_HEADROOM: "little headroom",
    Category.CERT_EXPIRING: "certificate expiring",
    Category.BUFFERED: "stream buffered",
    Category.MODEL_MISMATCH: "other model answered",
    Category.RETIRING: "model retiring",
    Category.EXPECTATION: "not as expected",
    Category.TIMEOUT_CONNECT: "connect timeout",
    Category.TIMEOUT_HEADERS: "no headers in time",
    Category.TIMEOUT_FIRST_TOKEN: "no token in time",
    Category.STREAM_STALLED: "stream stalled",
    Category.TIMEOUT_TOTAL: "not done in time",
    Category.DNS: "name not resolved",
    Category.CONNECT: "cannot connect",
    Category.RESET: "connection reset",
    Category.TLS: "TLS failed",
    Category.PROXY: "proxy failed",
    Category.RATE_LIMITED: "rate limited",
    Category.QUOTA_EXHAUSTED: "quota exhausted",
    Category.OVERLOADED: "overloaded",
    Category.LOADING: "model loading",
    Category.SERVER_ERROR: "server error",
    Category.GATEWAY: "gateway error",
    Category.STREAM_ERROR: "error in stream",
    Category.TRUNCATED: "stream cut off",
    Category.INVALID_RESPONSE: "invalid response",
    Category.EMPTY_RESPONSE: "empty response",
    Category.AUTH: "key rejected",
    Category.PERMISSION: "not permitted",
    Category.REGION_BLOCKED: "region blocked",
    Category.MODEL_NOT_FOUND: "no such model",
    Category.WRONG_ENDPOINT: "wrong endpoint",
    Category.BAD_REQUEST: "request refused",
    Category.CONTENT_FILTERED: "content filtered",
    Category.MISSING_CREDENTIAL: "no key",
    Category.CANCELLED: "cancelled",
    Category.DEADLINE: "out of time",
    Category.BUDGET: "out of budget",
    Category.BACKOFF: "backing off",
    Category.INTERNAL: "bug in llmprobe",
}

SIDE_WORDS: dict[Fault, str] = {
    Fault.PROVIDER: "theirs",
    Fault.CLIENT: "yours",
    Fault.NETWORK: "network",
    Fault.UNKNOWN: "unknown",
}
