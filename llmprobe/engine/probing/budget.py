"""A run's token budget: reserved before each request, settled by what the server counted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec import Struct

from llmprobe.engine.probing.preview import preview
from llmprobe.model import ProbeKind, Target, Tokens

_CHARACTERS_PER_TOKEN = 3
"""Fewer than in any text that we send, so that an estimate is rather too high."""


class Ticket(Struct):
    """What one request may cost; `settle` says what it did cost."""

    reserved: int
    used: int | None = None

    def settle(self, tokens: Tokens, status: int | None) -> None:
        """A refusal costs nothing; what broke off without a count may have cost all of it."""
        if status is not None and status >= 400:
            self.used = 0
        elif tokens.counted_by == "server" and tokens.input is not None and tokens.output is not None:
            self.used = tokens.input + tokens.output


class Budget:
    """
    Tokens that a run may use, input and output together; None for no limit.

    A request waits while others hold reservations that may yet be given back.
    What no server has counted is taken to have cost what was reserved.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self._spent = 0
        self._reserved = 0
        self._change = asyncio.Condition()

    @property
    def words(self) -> str:
        return f"the run's token budget of {self.limit} is used up"

    @asynccontextmanager
    async def ticket(self, target: Target, probe: ProbeKind) -> AsyncIterator[Ticket | None]:
        """A reservation for one request; None where the budget cannot carry it."""
        if self.limit is None:
            yield Ticket(0, 0)
            return
        ticket = Ticket(estimate(target, probe))
        if not await self._reserve(ticket.reserved, self.limit):
            yield None
            return
        try:
            yield ticket
        finally:
            await self._give_back(ticket)

    async def _reserve(self, tokens: int, limit: int) -> bool:
        async with self._change:
            while self._spent + self._reserved + tokens > limit:
                if self._reserved == 0:
                    return False
                await self._change.wait()
            self._reserved += tokens
            return True

    async def _give_back(self, ticket: Ticket) -> None:
        async with self._change:
            self._reserved -= ticket.reserved
            self._spent += ticket.reserved if ticket.used is None else ticket.used
            self._change.notify_all()


def estimate(target: Target, probe: ProbeKind) -> int:
    """The most tokens that one request can cost: its body as text, and its own limit."""
    if probe in (ProbeKind.EDGE, ProbeKind.MODELS):
        return 0
    shown = preview(target, probe)
    return len(json.dumps(shown.body)) // _CHARACTERS_PER_TOKEN + (shown.max_tokens or 0)
