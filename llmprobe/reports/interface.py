"""What a report must offer: a Run in, text out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from llmprobe.model import Run


@dataclass(frozen=True, slots=True)
class Look:
    """How to show things. Machine formats ignore it."""

    width: int = 100
    color: bool = False
    unicode: bool = True
    verbose: bool = False


Render = Callable[[Run, Look], str]
