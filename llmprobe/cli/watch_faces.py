"""What a watch shows: lines for people or for programs, or one screen that is redrawn."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO, cast

from llmprobe.cli.keys import typed
from llmprobe.cli.screen import Screen
from llmprobe.cli.signals import SIGNALS
from llmprobe.model.watching import Update
from llmprobe.monitor.watch import Watch
from llmprobe.redact import SCRUB

if TYPE_CHECKING:
    from llmprobe.reports.live import Live

_DRAW_EVERY_S = 1.0
_NOTES = 5


class Shown:
    """Lines: changes for people, on standard output; trouble on standard error."""

    def __init__(self, screen: Screen, *, quiet: bool) -> None:
        self._screen = screen
        self._quiet = quiet

    @contextmanager
    def open(self, _watch: Watch, _stop: asyncio.Event) -> Iterator[None]:
        """While the watch goes on."""
        yield

    def note(self, text: str) -> None:
        self._screen.note(text)

    def take(self, update: Update) -> None:
        if not update.changes:
            return
        from llmprobe.alerts import notices_of
        from llmprobe.alerts.text import line

        for notice in notices_of(update.changes):
            self._screen.write(f"{line(notice, update.run)}\n")

    def end(self, watch: Watch) -> None:
        """What the watch has seen."""
        if not self._quiet:
            from llmprobe.reports.live import summary

            self._screen.write(summary(watch.standing(), self._screen.look))


class Lines(Shown):
    """NDJSON: a line for each result and each change."""

    def take(self, update: Update) -> None:
        from llmprobe.alerts import notices_of
        from llmprobe.alerts.text import change_json
        from llmprobe.json_text import compact
        from llmprobe.reports.ndjson import line

        lines = [] if self._quiet else [line(result) for result in update.run.results]
        lines += [f"{compact(change_json(notice, update.run))}\n" for notice in notices_of(update.changes)]
        if lines:
            self._screen.write("".join(lines))

    def end(self, _watch: Watch) -> None:
        """Nothing but lines goes to standard output."""


class Redrawn(Shown):
    """One screen, drawn again each second and with each result; notes stand on it."""

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen, quiet=False)
        self._notes: deque[str] = deque(maxlen=_NOTES)
        self._live: Live | None = None

    def note(self, text: str) -> None:
        if self._live is None:
            super().note(text)
        else:
            self._notes.append(SCRUB(text).replace("\n", " "))

    @contextmanager
    def open(self, watch: Watch, stop: asyncio.Event) -> Iterator[None]:
        from llmprobe.reports.live import Live, screen

        def on_key(key: str) -> None:
            if key in ("q", "Q"):
                stop.set()

        SIGNALS.restoring(_leave)
        with typed(on_key) as has_keys:
            keys = "q quits" if has_keys else ""
            drawn = Live(
                cast(TextIO, _Scrubbed(sys.stdout)),
                self._screen.look,
                lambda look, height: screen(watch.standing(), look, height, self._notes, keys),
            )
            with drawn as self._live:
                task = asyncio.ensure_future(_again_and_again(drawn))
                try:
                    yield
                finally:
                    task.cancel()
        self._live = None
        SIGNALS.restored()

    def take(self, _update: Update) -> None:
        if self._live is not None:
            self._live.draw()

    def end(self, watch: Watch) -> None:
        super().end(watch)
        for note in self._notes:
            self._screen.note(note)


async def _again_and_again(live: Live) -> None:
    while True:
        live.draw()
        await asyncio.sleep(_DRAW_EVERY_S)


class _Scrubbed:
    """A terminal that no secret reaches."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, text: str) -> int:
        self._file.write(SCRUB(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _leave() -> None:
    """Out of the second buffer, with the cursor: for an end that waits for nothing."""
    with suppress(OSError, ValueError):
        os.write(sys.stdout.fileno(), b"\x1b[?1049l\x1b[?25h")


def shown_on(screen: Screen, *, as_lines: bool, quiet: bool) -> Shown:
    """What there is to see on this standard output."""
    if as_lines:
        return Lines(screen, quiet=quiet)
    if quiet or not _can_redraw():
        return Shown(screen, quiet=quiet)
    return Redrawn(screen)


def _can_redraw() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM", "") not in ("", "dumb")
