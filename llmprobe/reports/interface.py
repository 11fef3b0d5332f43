"""What a report must offer: a Run in, text out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from llmprobe.model import Result, Run

    Render = Callable[[Run, "Look"], str]


class Look(NamedTuple):
    """How to show things. Machine formats ignore it."""

    width: int = 100
    color: bool = False
    unicode: bool = True
    verbose: bool = False


class Lines(Protocol):
    """What a format that streams writes while a run goes on."""

    def add(self, result: Result) -> None:
        """A result that has arrived."""

    def end(self, run: Run) -> None:
        """What had to wait for the end."""
