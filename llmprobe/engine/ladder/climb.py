"""
The ladder: climbs from the machine to the model, cheap rungs first, and stops where it breaks.

One request without a key tells DNS, TCP, TLS and the edge apart; the key is tried on a free
endpoint before any token is spent.
"""

from __future__ import annotations

import asyncio
import shlex
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from llmprobe.engine.ladder import rungs
from llmprobe.engine.ladder.patience import ANSWER, QUESTION, patient
from llmprobe.engine.ladder.repair import Own, advice, next_command, repairs
from llmprobe.engine.ladder.way import Way
from llmprobe.engine.outcome.exit_code import FailOn, exit_code
from llmprobe.engine.outcome.results import unsent
from llmprobe.engine.probing.attempt import Observed
from llmprobe.engine.probing.probe import OnExchange, run_probe
from llmprobe.engine.probing.probe_once import look
from llmprobe.foreign import cleaned
from llmprobe.model import Category, ExitCode, Fault, ProbeKind, Result, Status, Target
from llmprobe.model.diagnosis import Diagnosis, Rung, RungName, RungState
from llmprobe.providers import dialects, providers
from llmprobe.redact import without_credentials
from llmprobe.transport import OnPhase
from llmprobe.version import __version__

OnRung = Callable[[Rung], None]
OnStep = Callable[[RungName], None]
_CURED_BY_NOTHING_ABOVE = (
    Category.AUTH, Category.PERMISSION, Category.QUOTA_EXHAUSTED, Category.REGION_BLOCKED,
    Category.MISSING_CREDENTIAL, Category.RATE_LIMITED,
)  # fmt: skip
_ORDER = (
    RungName.CONFIGURATION, RungName.WAY_OUT, RungName.DNS, RungName.TCP, RungName.TLS, RungName.EDGE,
    RungName.KEY, RungName.MODEL,
)  # fmt: skip
_ALWAYS_UNTESTED = ("your own prompts, their size and speed", "load", "other models and regions")


class _NoGate:
    """One probe at a time: nobody disturbs anybody."""

    async def idle(self) -> None:
        return None

    def lag_since(self, started: float) -> float:  # noqa: ARG002 - the interface's
        return 0.0


async def diagnose(
    target: Target,
    configuration: Rung,
    env: Mapping[str, str],
    *,
    on_rung: OnRung | None = None,
    on_step: OnStep | None = None,
    on_exchange: OnExchange | None = None,
    own: Own | None = None,
    source: str = "program",
    stop: asyncio.Event | None = None,
) -> Diagnosis:
    """
    Climb the ladder of one target.

    Args:
        configuration: The first rung, which the configuration knows.
        env: For the proxy and the trust that are in force.
        on_rung: Hears of each rung as it is done.
        on_step: Hears of each rung as it begins.
        on_exchange: Hears of each exchange, for whoever keeps evidence.
        own: Makes a whole command of ours about the target of words such as `wait`.
        source: What named the target, such as a file.
        stop: Ends the climbing; what was found until then is concluded from.

    Returns:
        Always a diagnosis: whatever breaks is a rung of it.
    """
    own = own or (lambda words: f"llmprobe {words} {shlex.quote(target.name)}")
    climber = _Climber(target, env, on_rung, on_step, on_exchange, own, source)
    started_at_utc, started = time.time(), time.perf_counter()
    climber.add(configuration)
    climber.interrupted = await _until(climber.climb(), stop)
    return climber.concluded(started_at_utc, time.perf_counter() - started)


async def _until(work: Coroutine[Any, Any, None], stop: asyncio.Event | None) -> bool:
    """Whether somebody said stop before the work was done; then it is cancelled."""
    climbing = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait()) if stop else None
    waiting: list[asyncio.Future[Any]] = [climbing, stopping] if stopping else [climbing]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    interrupted = not climbing.done()
    for task in waiting:
        task.cancel()
    done = await asyncio.gather(*waiting, return_exceptions=True)
    if isinstance(done[0], Exception):
        raise done[0]
    return interrupted


class _Climber(Struct):
    target: Target
    env: Mapping[str, str]
    on_rung: OnRung | None
    on_step: OnStep | None
    on_exchange: OnExchange | None
    own: Own
    source: str
    rungs: list[Rung] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    broken: Result | None = None
    interrupted: bool = False

    def add(self, rung: Rung) -> None:
        rung = cleaned(rung)
        self.rungs.append(rung)
        if self.on_rung:
            self.on_rung(rung)

    def step(self, name: RungName) -> None:
        if self.on_step:
            self.on_step(name)

    async def climb(self) -> None:
        if not await self._network():
            return
        pending = await self._key_and_model()
        if pending is not None:
            await self._answers(pending)

    async def _network(self) -> bool:
        """The way out, DNS, TCP, TLS and the edge, by one request without a key. Whether all of them hold."""
        keyless = replace(self.target, credential=None, missing_keys=(), retries=0)
        way = Way(self.target, self.env, self.add, self.step)
        self.broken = await way.climb(lambda on_phase: self._look(keyless, ProbeKind.EDGE, on_phase))
        return self.broken is None

    async def _key_and_model(self) -> list[Rung] | None:
        """The rungs of key and model, not told yet where only an answer can confirm them; None: broken."""
        if self.target.missing_keys:
            words = " or ".join(self.target.missing_keys)
            missing = unsent(
                self.target, ProbeKind.MODELS, Category.MISSING_CREDENTIAL, f"{words} is not set"
            )
            self._break(rungs.broken(RungName.KEY, "looked for a key", missing), missing)
            return None
        if ProbeKind.MODELS not in dialects()[self.target.dialect].probes:
            return [rungs.no_free_endpoint(self.target), rungs.no_list(self.target)]
        self.step(RungName.KEY)
        seen, result = await self._look(self.target, ProbeKind.MODELS)
        if result.status is Status.FAILED and result.category in _CURED_BY_NOTHING_ABOVE:
            self._break(
                rungs.broken(RungName.KEY, "asked for the list of models with the key", result), result
            )
            return None
        provider = providers().get(self.target.provider)
        public = provider is not None and provider.public_models
        answer = seen.evidence.answer
        return [
            rungs.key(self.target, result, public=public),
            rungs.model(
                self.target, answer.models if answer and result.status is not Status.FAILED else None
            ),
        ]

    async def _answers(self, pending: Sequence[Rung]) -> None:
        """The smallest answer, then a whole stream; a refusal may still be about the key or the model."""
        pending = self._told_at_once(pending)
        kinds = [ProbeKind.CHAT, ProbeKind.STREAM]
        if self.target.probes == (ProbeKind.EMBEDDINGS,):
            kinds = [ProbeKind.EMBEDDINGS]
        for number, kind in enumerate(k for k in kinds if k in dialects()[self.target.dialect].probes):
            self.step(RungName(str(kind)))
            result = await run_probe(
                patient(self.target, ANSWER), kind, samples=1, pace=_NoGate(), on_exchange=self.on_exchange
            )
            self.results.append(result)
            blamed = rungs.blamed(result)
            if number == 0:
                for rung in pending:
                    if blamed is rung.name:
                        self._break(rungs.broken(rung.name, rung.did, result), result)
                        return
                    self.add(rungs.proven_by(rung, result))
            if result.status is Status.FAILED:
                self._break(rungs.broken(RungName(str(kind)), rungs.ASKED[kind], result), result)
                return
            self.add(rungs.answered(kind, result))

    def _told_at_once(self, pending: Sequence[Rung]) -> list[Rung]:
        """What is proven is told before the first answer, which may take long; the rest waits for it."""
        waiting = list(pending)
        while waiting and waiting[0].state is RungState.HOLDS and waiting[0].proven:
            self.add(waiting.pop(0))
        return waiting

    async def _look(
        self, target: Target, probe: ProbeKind, on_phase: OnPhase | None = None
    ) -> tuple[Observed, Result]:
        seen, result = await look(patient(target, QUESTION), probe, on_phase)
        self.results.append(result)
        if self.on_exchange:
            self.on_exchange(target, seen.request, seen.exchange, result)
        return seen, result

    def _break(self, rung: Rung, result: Result) -> None:
        self.broken = result
        self.add(rung)

    def _next(self, where: RungName | None) -> str | None:
        if self.broken is None or where is None:
            return None if self.interrupted else _NEXT_WHEN_ALL_HOLDS
        words = advice(where, self.broken, self.target, self.env)
        return None if words is None else cleaned(words)

    def concluded(self, started_at_utc: float, duration_s: float) -> Diagnosis:
        target, broken = self.target, self.broken
        where = self.rungs[-1].name if broken is not None else None
        return Diagnosis(
            version=__version__,
            target=target.name,
            provider=target.provider,
            title=target.display_provider,
            model=target.model,
            endpoint=cleaned(without_credentials(target.base_url)),
            started_at_utc=started_at_utc,
            duration_s=duration_s,
            rungs=tuple(self.rungs),
            broken=where,
            category=broken.category if broken else Category.OK,
            fault=broken.fault if broken else None,
            conclusion=_conclusion(target, self.rungs, broken, interrupted=self.interrupted),
            next=self._next(where),
            not_tested=(
                *_above(self.rungs if broken or self.interrupted else []),
                *_ALWAYS_UNTESTED,
            ),
            tokens=_tokens(self.results),
            exit_code=exit_code([broken], [], FailOn()) if broken else ExitCode.OK,
            results=tuple(self.results),
            repairs=tuple(
                cleaned(words) for words in repairs(where, self.broken, self.target, self.env, self.source)
            ),
            command=None if self.interrupted else self._command(where),
        )

    def _command(self, where: RungName | None) -> str | None:
        words = next_command(where, self.broken, self.target, self.env, self.own)
        return None if words is None else cleaned(words)


_SIDES = {
    Fault.PROVIDER: "That is on their side.",
    Fault.CLIENT: "That is on your side.",
    Fault.NETWORK: "That is in the network between you and them.",
}
_NOBODY_S = "Whose side that is on cannot be told from here."
_NEXT_WHEN_ALL_HOLDS = "compare what your program does: its key, its model, its proxy and its time limits"


def _conclusion(target: Target, climbed: Sequence[Rung], broken: Result | None, *, interrupted: bool) -> str:
    """Two sentences: where, and whose side."""
    if interrupted:
        return f"Interrupted after “{climbed[-1].name}”. Until there every rung holds."
    if broken is not None:
        side = _SIDES.get(broken.fault, _NOBODY_S) if broken.fault else _NOBODY_S
        return f"It breaks at “{climbed[-1].name}”: {broken.reason.rstrip('.')}. {side}"
    doubts = [rung for rung in climbed if rung.state is RungState.DOUBTFUL]
    first = f"Every rung holds: {target.display_provider} answers from here."
    if doubts:
        return f"{first} Look at “{doubts[0].name}” all the same: {doubts[0].came.rstrip('.')}."
    return f"{first} If your program still fails, the difference is in how it calls."


def _above(climbed: Sequence[Rung]) -> list[str]:
    """The rungs that were not reached; a proxy's word may come after rungs above the way out were passed."""
    rest = [*_ORDER, RungName.CHAT, RungName.STREAM]
    if not climbed or climbed[-1].name not in rest:
        return []
    passed = {rung.name for rung in climbed}
    return [str(name) for name in rest[rest.index(climbed[-1].name) + 1 :] if name not in passed]


def _tokens(results: Sequence[Result]) -> int | None:
    """Input and output as the server counted them; None where an answer was not counted."""
    asked = [r for r in results if r.probe not in (ProbeKind.EDGE, ProbeKind.MODELS) and r.http.status == 200]
    counts = [(r.tokens.input, r.tokens.output) for r in asked if r.tokens.counted_by == "server"]
    if len(counts) < len(asked) or any(i is None or o is None for i, o in counts):
        return None
    return sum((i or 0) + (o or 0) for i, o in counts)
