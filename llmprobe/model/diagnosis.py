"""A ladder from the machine to the model: what each rung showed, and where it broke."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct

from llmprobe.model.documents import document_of
from llmprobe.model.enums import Category, ExitCode, Fault
from llmprobe.model.page import PageReading
from llmprobe.model.result import Result


class RungName(StrEnum):
    """The rungs, from the bottom up."""

    CONFIGURATION = "configuration"
    WAY_OUT = "proxy and trust"
    DNS = "dns"
    TCP = "tcp"
    TLS = "tls"
    EDGE = "edge"
    KEY = "key"
    MODEL = "model"
    CHAT = "chat"
    STREAM = "stream"
    EMBEDDINGS = "embeddings"


class RungState(StrEnum):
    """`doubtful` holds, with something to know; `untested` was not reached, or does not apply."""

    HOLDS = "holds"
    DOUBTFUL = "doubtful"
    BROKEN = "broken"
    UNTESTED = "untested"


class Rung(Struct, frozen=True):
    """
    One rung: what was done, what came back, how long it took (seconds; None where nothing was timed).

    `details` are further facts, a line each. `proven` says that no later rung can speak against it.
    """

    name: RungName
    state: RungState
    did: str
    came: str
    seconds: float | None = None
    details: tuple[str, ...] = ()
    proven: bool = False


class Diagnosis(Struct, frozen=True):
    """
    All rungs, and the conclusion in two sentences: where it broke and whose side, what next.

    `command` is the smallest useful next step, `repairs` what a repair would change (nothing is changed),
    `changes` what is different from the last diagnosis of this target, at `last_at_utc`.
    """

    version: str
    target: str
    provider: str
    title: str
    model: str | None
    endpoint: str
    started_at_utc: float
    duration_s: float
    rungs: Sequence[Rung]
    broken: RungName | None
    category: Category
    fault: Fault | None
    conclusion: str
    next: str | None
    not_tested: Sequence[str]
    tokens: int | None
    exit_code: ExitCode
    results: Sequence[Result] = ()
    pages: Sequence[PageReading] = ()
    command: str | None = None
    repairs: Sequence[str] = ()
    changes: Sequence[str] = ()
    last_at_utc: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """The document `llmprobe.diagnosis/1`, as plain values that JSON can hold."""
        return document_of(self)
