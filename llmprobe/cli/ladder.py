"""The ladder of `diagnose` on a terminal: what is passed stays, what is climbed is drawn with its seconds."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmprobe.cli.screen import Screen
    from llmprobe.model import Target
    from llmprobe.model.diagnosis import Rung, RungName

_EVERY_S = 0.1


class Ladder:
    """
    Prints each rung as it ends, and draws on standard error, where that is a terminal, which one is climbed.

    Args:
        prints: Whether rungs are printed; a document is printed at the end instead.
    """

    def __init__(self, screen: Screen, target: Target, *, prints: bool) -> None:
        self._screen = screen
        self._prints = prints
        self._climbing: RungName | None = None
        self._since = time.monotonic()
        self._task: asyncio.Task[None] | None = None
        if prints:
            from llmprobe.reports.diagnosis import render_head

            screen.write(render_head(target.display_provider, target.model, target.base_url, screen.look))

    async def __aenter__(self) -> Ladder:
        if self._screen.is_live:
            self._task = asyncio.ensure_future(self._draw_again_and_again())
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._task is not None:
            self._task.cancel()
            self._screen.draw("")

    def step(self, name: RungName) -> None:
        """A rung begins."""
        if name is not self._climbing:
            self._climbing, self._since = name, time.monotonic()

    def rung(self, rung: Rung) -> None:
        """A rung has ended."""
        if not self._prints:
            return
        from llmprobe.reports.diagnosis import render_rung

        if self._task is not None:
            self._screen.draw("")
        self._screen.write(render_rung(rung, self._screen.look))

    async def _draw_again_and_again(self) -> None:
        while True:
            if self._climbing is not None:
                self._screen.draw(self.line())
            await asyncio.sleep(_EVERY_S)

    def line(self) -> str:
        """`… tcp  3.2 s`"""
        dots = "…" if self._screen.look.unicode else "..."
        return f"{dots} {self._climbing}  {time.monotonic() - self._since:.1f} s"
