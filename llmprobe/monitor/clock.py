"""The clock of what runs for long: seconds that pass, and waiting for what may come before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence


class Clock:
    """Monotonic seconds of this machine. Rehearsals hand in one that runs faster."""

    def now(self) -> float:
        """Seconds since some instant."""
        return time.monotonic()

    async def wait(self, seconds: float | None, events: Sequence[asyncio.Event]) -> None:
        """Return when the first of these events is set, or after these seconds; None for no limit."""
        if not events:
            await asyncio.sleep(seconds or 0.0)
            return
        waiting = [asyncio.ensure_future(event.wait()) for event in events]
        try:
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
