"""What the simulator will do with one request: a plan that behaviours bend."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field


class Ending(StrEnum):
    """How the answer ends."""

    COMPLETE = "complete"
    CLOSE = "close"
    """The body ends cleanly, wherever it is."""
    DROP = "drop"
    """The connection is closed in the middle of the body."""
    RESET = "reset"
    STALL = "stall"
    ENDLESS = "endless"


class Said(Struct, frozen=True):
    """What a model says: its thoughts and its words, token by token, and whether the limit ended it."""

    words: tuple[str, ...]
    thoughts: tuple[str, ...] = ()
    cut_off: bool = False


class Call(Struct, frozen=True):
    """One request as the simulator understood it. `said` is None for the usual answer."""

    dialect: str
    probe: str
    model: str = "sim-1"
    prompt: str = ""
    path: str = ""
    known: bool = True
    task: str = "talk"
    keyed: bool = False
    said: Said | None = None


class Plan(Struct, frozen=True):
    """
    The answer, piece by piece.

    `body` is sent whole; `pieces` one by one, `gap_s` apart, the first after
    `first_piece_s`. `heartbeat` is sent every `heartbeat_s` while it waits.
    `stop_after` pieces, `ending` happens. `answers` false closes without a word.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    before_headers_s: float = 0.0
    body: bytes | None = None
    pieces: tuple[bytes, ...] = ()
    first_piece_s: float = 0.0
    gap_s: float = 0.01
    heartbeat: bytes | None = None
    heartbeat_s: float = 0.1
    stop_after: int | None = None
    ending: Ending = Ending.COMPLETE
    answers: bool = True
    one_write: bool = False
