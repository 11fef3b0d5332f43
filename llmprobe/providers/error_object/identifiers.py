"""Identifiers of errors in one spelling."""

from __future__ import annotations

import re

GENERIC = frozenset(
    ["error", "object", "true", "false", "null", "none", "failed", "fail", "list", "message", "unknown"]
)
"""Words in the place of an identifier that identify nothing."""

_CAMEL = r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"


def canonical(code: str) -> str:
    """
    One spelling for an identifier: `RateLimitReached`, `rate-limit-reached` → `rate_limit_reached`.

    A Java-like namespace (`com.amazon#ThrottlingException`) and a trailing URL are cut off.
    """
    code = code.strip().split(":http", 1)[0].rsplit("#", 1)[-1]
    return re.sub(r"[^a-z0-9]+", "_", re.sub(_CAMEL, "_", code).lower()).strip("_")
