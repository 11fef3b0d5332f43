"""What an error that someone has in hand means: the answer of `llmprobe explain` and `llmprobe.explain()`."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from llmprobe.model.enums import Category, Confidence, Fault


class ReadAs(StrEnum):
    """What an error was taken for."""

    STATUS = "status"
    CODE = "code"
    MESSAGE = "message"
    BODY = "body"
    STREAM = "stream"
    HTTP = "http"
    TRACEBACK = "traceback"
    EXCEPTION = "exception"


class Explanation(Struct, frozen=True):
    """
    The verdict on one error.

    `category` is None where nothing in the error is known, and `ok` where the answer is healthy; only
    then `fault` is None. `retry_after_s` is the wait in seconds that the error names. `transient` says
    whether a second try may succeed. `provider`, `http_status` and `code` are what could be read of
    them; no text of the error is kept but what `reason` quotes.
    """

    read_as: ReadAs
    category: Category | None
    fault: Fault | None
    reason: str
    hint: str | None
    confidence: Confidence
    retry_after_s: float | None = None
    transient: bool = False
    provider: str | None = None
    http_status: int | None = None
    code: str | None = None
