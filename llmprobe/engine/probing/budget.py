"""A run's budget of tokens and money: reserved before each request, settled by what it has used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec import Struct

from llmprobe.counts import counted, money
from llmprobe.engine.probing.preview import preview
from llmprobe.model import ProbeKind, Target, Tokens


class Amount(Struct, frozen=True):
    """Tokens, input and output together, and USD; what has no known price counts no USD."""

    tokens: int = 0
    usd: float = 0.0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.tokens + other.tokens, self.usd + other.usd)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.tokens - other.tokens, self.usd - other.usd)


_NOTHING = Amount()


class Ticket(Struct):
    """What one request may cost; `settle` says what it did cost."""

    reserved: Amount
    used: Amount | None = None

    def settle(self, tokens: Tokens, status: int | None, usd: float | None) -> None:
        """A refusal costs nothing; what broke off without a count may have cost all of it."""
        if status is not None and status >= 400:
            self.used = _NOTHING
        elif tokens.counted_by == "server" and tokens.input is not None and tokens.output is not None:
            self.used = Amount(tokens.input + tokens.output, self.reserved.usd if usd is None else usd)


class Budget:
    """
    Tokens and USD that a run may use; None for no limit.

    A request waits while others hold reservations that may yet be given back.
    What no server has counted is taken to have cost what was reserved.
    """

    def __init__(self, tokens: int | None = None, usd: float | None = None) -> None:
        self._tokens = tokens
        self._usd = usd
        self._spent = _NOTHING
        self._reserved = _NOTHING
        self._held = 0
        self._change = asyncio.Condition()

    def name_for(self, needed: Amount) -> str:
        """Which of both cannot carry it: `token budget` or `cost budget`."""
        is_over = self._tokens is not None and (self._spent + needed).tokens > self._tokens
        return "token budget" if is_over else "cost budget"

    def why_not(self, target: Target, probe: ProbeKind) -> str:
        """The budget, what is left of it, and what this request may need."""
        needed = most(target, probe)
        name = self.name_for(needed)
        if name == "token budget":
            tokens = self._tokens or 0
            left = max(0, tokens - self._spent.tokens)
            whole, rest, may = str(tokens), str(left), counted(needed.tokens, "token")
        else:
            usd = self._usd or 0.0
            whole, rest, may = money(usd), money(max(0.0, usd - self._spent.usd)), money(needed.usd)
        if self._spent == _NOTHING:
            return f"the run's {name} of {whole} is too small: this request may need {may}"
        return f"the run's {name} of {whole} is used up: {rest} left, and this request may need {may}"

    @asynccontextmanager
    async def ticket(self, target: Target, probe: ProbeKind) -> AsyncIterator[Ticket | None]:
        """A reservation for one request; None where the budget cannot carry it."""
        if self._tokens is None and self._usd is None:
            yield Ticket(_NOTHING, _NOTHING)
            return
        ticket = Ticket(most(target, probe))
        if not await self._reserve(ticket.reserved):
            yield None
            return
        try:
            yield ticket
        finally:
            await self._give_back(ticket)

    def _is_over(self, more: Amount) -> bool:
        after = self._spent + self._reserved + more
        over_tokens = self._tokens is not None and after.tokens > self._tokens
        return over_tokens or (self._usd is not None and after.usd > self._usd)

    async def _reserve(self, amount: Amount) -> bool:
        async with self._change:
            while self._is_over(amount):
                if self._held == 0:
                    return False
                await self._change.wait()
            self._reserved += amount
            self._held += 1
            return True

    async def _give_back(self, ticket: Ticket) -> None:
        async with self._change:
            self._held -= 1
            self._reserved = self._reserved - ticket.reserved if self._held else _NOTHING
            self._spent += ticket.reserved if ticket.used is None else ticket.used
            self._change.notify_all()


def most(target: Target, probe: ProbeKind) -> Amount:
    """The most that one request can cost."""
    shown = preview(target, probe)
    return Amount(shown.tokens, shown.max_usd or 0.0)


def estimate(target: Target, probe: ProbeKind) -> int:
    """The most tokens that one request can cost: its body as text, and its own limit."""
    return preview(target, probe).tokens
