"""The way to the edge by one request without a key: each rung is told as soon as it is passed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from msgspec import Struct, field

from llmprobe.engine.ladder import rungs
from llmprobe.engine.probing.attempt import Observed
from llmprobe.model import Exchange, Phase, Result, Target
from llmprobe.model.diagnosis import Rung, RungName
from llmprobe.transport import OnPhase

Look = Callable[[OnPhase], Awaitable[tuple[Observed, Result]]]
Passed = tuple[RungName, Exchange]
_CLIMBED = (RungName.DNS, RungName.TCP, RungName.TLS)
_BEGINS = {
    Phase.RESOLVE: RungName.DNS,
    Phase.CONNECT: RungName.TCP,
    Phase.TLS: RungName.TLS,
    Phase.SEND: RungName.EDGE,
}
"""The rung that a phase belongs to; those below it are passed."""


class Way(Struct):
    """
    Climbs DNS, TCP, TLS and the edge.

    Attributes:
        add: Hears of each rung as it is passed.
        step: Hears of each rung as it begins.
    """

    target: Target
    env: Mapping[str, str]
    add: Callable[[Rung], None]
    step: Callable[[RungName], None]
    told: list[RungName] = field(default_factory=list)

    async def climb(self, look: Look) -> Result | None:
        """
        Send the request without a key by `look`, which tells of its phases.

        Returns:
            What broke; None where the edge was reached.
        """
        out = rungs.way_out(self.target, self.env)
        proxied = rungs.proxy_in_force(self.target, self.env)[0] is not None
        if not proxied:
            self.add(out)
        seen, result = await self._watched(look, proxied=proxied)
        bad = rungs.broken_rung(result)
        if proxied and bad is not RungName.WAY_OUT:
            self.add(out)
        for name in self._below(bad):
            await self._passed(name, seen.exchange)
        if bad is None:
            self.add(rungs.edge(result))
            return None
        self.add(await rungs.broken_on_the_way(bad, self.target, result, self.env, out))
        return result

    async def _watched(self, look: Look, *, proxied: bool) -> tuple[Observed, Result]:
        """The request, with what it passes told meanwhile; through a proxy its phases are the proxy's."""
        passed: asyncio.Queue[Passed | None] = asyncio.Queue()

        def entered(phase: Phase, exchange: Exchange) -> None:
            name = _BEGINS.get(phase)
            if proxied or name is None:
                self.step(RungName.WAY_OUT if phase in (Phase.RESOLVE, Phase.CONNECT) else RungName.EDGE)
                return
            self.step(name)
            passed.put_nowait((name, exchange))

        looking = asyncio.ensure_future(look(entered))
        looking.add_done_callback(lambda _: passed.put_nowait(None))
        try:
            while (reached := await passed.get()) is not None:
                for name in _CLIMBED[: _until(reached[0])]:
                    await self._passed(name, reached[1])
            return await looking
        finally:
            looking.cancel()

    def _below(self, bad: RungName | None) -> Sequence[RungName]:
        if bad is RungName.WAY_OUT:
            return ()
        return _CLIMBED if bad is None else _CLIMBED[: _until(bad)]

    async def _passed(self, name: RungName, exchange: Exchange) -> None:
        """Once each; TLS is told when its facts are known."""
        unknown = name is RungName.TLS and exchange.tls is None and self.target.base_url.startswith("https:")
        if name in self.told or (unknown and exchange.status is None):
            return
        self.told.append(name)
        self.add(await rungs.on_the_way(name, self.target, exchange, self.env))


def _until(name: RungName) -> int:
    """How many rungs lie below this one."""
    return _CLIMBED.index(name) if name in _CLIMBED else len(_CLIMBED)
