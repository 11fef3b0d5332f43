"""What a report must offer: a Run in, text out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from llmprobe.model import Run

    Render = Callable[[Run, "Look"], str]


class Look(NamedTuple):
    """How to show things. Machine formats ignore it."""

    width: int = 100
    color: bool = False
    unicode: bool = True
    verbose: bool = False
