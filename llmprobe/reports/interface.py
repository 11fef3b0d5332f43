"""What a report must offer: a Run in, text out."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from llmprobe.model import Run


class Look(Struct, frozen=True):
    """How to show things. Machine formats ignore it."""

    width: int = 100
    color: bool = False
    unicode: bool = True
    verbose: bool = False


Render = Callable[[Run, Look], str]
