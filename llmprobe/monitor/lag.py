"""How late the event loop of a long process is, at the worst, in the last minute."""

from __future__ import annotations

import asyncio
from collections import deque

_EVERY_S = 0.1
_WINDOW_S = 60.0


class LoopLag:
    """Measures while `watch` runs; the memory that it takes is bounded."""

    def __init__(self) -> None:
        self._late: deque[float] = deque(maxlen=round(_WINDOW_S / _EVERY_S))

    @property
    def worst_s(self) -> float:
        return max(self._late, default=0.0)

    async def watch(self) -> None:
        """Until it is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _EVERY_S
            await asyncio.sleep(_EVERY_S)
            self._late.append(max(0.0, loop.time() - due))
