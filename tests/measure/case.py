"""One labelled failure, the evidence that it makes, and how a verdict on it is marked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec.structs import replace

from llmprobe.classify import ABOUT
from llmprobe.engine.probing.evidence import evidence_of
from llmprobe.model import Evidence, Exchange, Failure, Framing, Mark, Phase, ProbeKind, Timings, Verdict
from llmprobe.providers import dialects
from llmprobe.transport.framing import decoder_for

ANONYMOUS = "openai-compatible"
Classify = Callable[[Evidence], Verdict]


@dataclass(frozen=True)
class Case:
    """
    What was observed, and what may be said of it.

    `also` are categories that a fair judge accepts too. `faults` are the sides that may be named,
    the best one first; `unknown` is never an accusation. `wait_s` is the wait that the answer asks
    for, `wait_known` whether the label says anything about it.
    """

    id: str
    provider: str
    category: str
    faults: tuple[str, ...]
    dialect: str = "openai-chat"
    probe: ProbeKind = ProbeKind.CHAT
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    streams: bool = False
    failure: Failure | None = None
    connected: bool = True
    also: tuple[str, ...] = ()
    wait_s: float | None = None
    wait_known: bool = True
    tags: frozenset[str] = field(default_factory=frozenset)

    def evidence(self, *, anonymous: bool = False) -> Evidence:
        """What the engine would hand to the classifier; `anonymous` hides whose answer it is."""
        reader = dialects()[self.dialect].reader(self.probe)
        if self.streams:
            self._feed(reader.feed)
        exchange = Exchange(
            phase=self.failure.phase if self.failure else Phase.DONE,
            timings=Timings(connect_s=0.01 if self.connected else None),
            status=self.status,
            headers=self.headers,
            body=self.body.encode(),
            failure=self.failure,
        )
        provider = ANONYMOUS if anonymous else self.provider
        return evidence_of(provider, self.dialect, self.probe, exchange, reader)

    def _feed(self, feed: Callable[..., Mark]) -> None:
        decoder = decoder_for(Framing.SSE)
        for event in decoder.feed(self.body.encode()):
            feed(event)
        for event in decoder.finish():
            feed(replace(event, cut=True))


@dataclass(frozen=True)
class Marked:
    """A case and the verdict on it."""

    case: Case
    verdict: Verdict

    @property
    def strict(self) -> bool:
        return self.verdict.category == self.case.category

    @property
    def lenient(self) -> bool:
        return self.strict or self.verdict.category in self.case.also

    @property
    def side(self) -> bool:
        """The side is one of those that may be named. A healthy verdict has no side: `unknown`."""
        return self._fault in self.case.faults

    @property
    def accuses_wrongly(self) -> bool:
        """
        A side is named that is not to blame.

        An accepted other category brings its usual side along: that is another reading of the
        same answer, not an accusation out of the air.
        """
        if self.side or self._fault == "unknown":
            return False
        usual = ABOUT[self.verdict.category].fault
        return not (self.verdict.category in self.case.also and self._fault == usual)

    @property
    def wait(self) -> bool:
        want, got = self.case.wait_s, self.verdict.retry_after_s
        if not self.case.wait_known:
            return True
        return got is None if want is None else got is not None and abs(got - want) < 0.5

    @property
    def _fault(self) -> str:
        return str(self.verdict.fault or "unknown")


def mark(case: Case, classify: Classify, *, anonymous: bool = False) -> Marked:
    """Have the case judged."""
    return Marked(case, classify(case.evidence(anonymous=anonymous)))
