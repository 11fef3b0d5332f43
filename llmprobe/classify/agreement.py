"""Which categories a status leaves room for: what words say against their status is not believed."""

from __future__ import annotations

from llmprobe.model import Category as C

_REFUSED = frozenset(
    {
        C.AUTH,
        C.PERMISSION,
        C.REGION_BLOCKED,
        C.MODEL_NOT_FOUND,
        C.WRONG_ENDPOINT,
        C.BAD_REQUEST,
        C.CONTENT_FILTERED,
        C.QUOTA_EXHAUSTED,
    }
)
_FAILED = frozenset({C.SERVER_ERROR, C.OVERLOADED, C.GATEWAY, C.LOADING, C.STREAM_ERROR, C.TLS, C.TRUNCATED})
_MISSENT = frozenset({C.BAD_REQUEST, C.WRONG_ENDPOINT})

ROOM: dict[int, frozenset[C]] = {
    401: _REFUSED - {C.BAD_REQUEST, C.CONTENT_FILTERED, C.MODEL_NOT_FOUND},
    402: frozenset({C.QUOTA_EXHAUSTED, C.RATE_LIMITED, C.PERMISSION}),
    403: _REFUSED | {C.RATE_LIMITED, C.GATEWAY},
    404: _REFUSED - {C.QUOTA_EXHAUSTED, C.CONTENT_FILTERED},
    405: _MISSENT,
    406: _MISSENT,
    408: _FAILED,
    411: _MISSENT,
    413: _MISSENT,
    414: _MISSENT,
    415: _MISSENT,
    431: _MISSENT,
    424: _REFUSED | _FAILED | {C.RATE_LIMITED},
    425: _FAILED,
    429: frozenset({C.RATE_LIMITED, C.QUOTA_EXHAUSTED, C.OVERLOADED, C.LOADING, C.BAD_REQUEST}),
    498: _FAILED | {C.AUTH, C.RATE_LIMITED},
    499: _FAILED,
}
"""Statuses whose room differs from their class's; a statement outside of it contradicts the status."""


def agrees(category: C, status: int | None) -> bool:
    """Whether a category can come with this status."""
    if status is None or status < 400:
        return True
    if status in ROOM:
        return category in ROOM[status]
    return category in (_FAILED if status >= 500 else _REFUSED | {C.RATE_LIMITED})
