"""Exchange and answer brought together: what the classifier gets to see."""

from __future__ import annotations

import time

from msgspec.structs import replace

from llmprobe.model import ErrorObject, Evidence, Exchange, ProbeKind
from llmprobe.providers.error_object import error_from_header, read_error
from llmprobe.providers.reader import Reader


def evidence_of(
    provider: str, dialect: str, probe: ProbeKind, exchange: Exchange, reader: Reader
) -> Evidence:
    """
    The evidence of one attempt.

    An answer below 400 is read by the dialect (as one body where no event of a stream was
    readable), an error from 400 on by its shape alone.
    """
    status = exchange.status
    error: ErrorObject | None = None
    answer = None
    if status is not None and status >= 400:
        error = _with_header_codes(read_error(exchange.body, status), exchange)
    elif status is not None:
        if not reader.recognised and reader.error is None and exchange.body.strip():
            reader.read_body(exchange.body)
        answer = reader.answer()
        error = answer.error
    return Evidence(
        provider=provider,
        dialect=dialect,
        probe=probe,
        exchange=exchange,
        answer=answer,
        error=error,
        now_s=time.time(),
    )


def _with_header_codes(error: ErrorObject | None, exchange: Exchange) -> ErrorObject | None:
    """AWS puts the identifier into a header, beside a body that holds a message only."""
    raw = exchange.header("x-amzn-errortype")
    codes = error_from_header(raw)
    if not codes or raw is None:
        return error
    error = error or ErrorObject()
    shown = raw.split(":", 1)[0].rsplit("#", 1)[-1]
    return replace(error, codes=(*codes, *error.codes), code=shown, explicit=True)
