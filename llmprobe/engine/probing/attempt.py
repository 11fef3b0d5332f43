"""One attempt: a request built, sent, read and judged."""

from __future__ import annotations

import asyncio
import time

from msgspec import Struct
from msgspec.structs import replace

from llmprobe.classify import classify
from llmprobe.engine.probing.evidence import evidence_of
from llmprobe.foreign import cleaned
from llmprobe.model import (
    Evidence,
    Exchange,
    Failure,
    FailureKind,
    Link,
    Phase,
    ProbeKind,
    Request,
    Target,
    Verdict,
)
from llmprobe.providers import dialects
from llmprobe.providers.interface import Ask
from llmprobe.providers.reader import Reader
from llmprobe.providers.tasks import new_ask
from llmprobe.transport import Channel, OnPhase, exchange, open_channel

_READ_AT_ONCE = 64 << 10
"""Bytes of a body that take a few milliseconds. A thread costs as much when the first one is made."""
OUR_SETTINGS = "OUR_SETTINGS"
"""Marks a failure that no server took part in: trust or proxy settings of this machine."""


_OF_KEYS = ("auth", "key", "token", "secret", "cookie")
"""Parts of the names of headers that carry a credential."""


class Observed(Struct, frozen=True):
    """One attempt and all that it taught."""

    request: Request
    ask: Ask
    evidence: Evidence
    verdict: Verdict
    started_at_utc: float
    adapted: str | None = None
    buffered_body: bool = False

    @property
    def exchange(self) -> Exchange:
        return self.evidence.exchange


class Line(Struct):
    """How a target is reached: a fresh channel for each attempt, or one that is kept (warm)."""

    target: Target
    stock_network: bool = False
    kept: Channel | None = None
    warm: bool = False
    on_phase: OnPhase | None = None

    async def channel(self, url: str) -> Channel:
        """Raises OSError, ssl.SSLError or ValueError where trust or proxy settings make no sense."""
        if self.kept is not None:
            return self.kept
        channel = open_channel(
            url,
            proxy=self.target.proxy,
            ca_bundle=self.target.ca_bundle,
            verify_tls=self.target.verify_tls,
            http2=self.target.http2,
            stock_network=self.stock_network,
        )
        if self.warm:
            self.kept = channel
        return channel

    async def release(self, channel: Channel) -> None:
        if channel is not self.kept:
            await channel.aclose()

    async def aclose(self) -> None:
        if self.kept is not None:
            await self.kept.aclose()


async def attempt(line: Line, target: Target, probe: ProbeKind) -> Observed:
    """
    Send one request and judge what came back.

    Args:
        line: How to reach the target.
        target: Perhaps with a wire that an earlier attempt has learned.
        probe: A probe of the target's dialect.

    Returns:
        Always an observation: whatever the remote side does is a fact in it.
    """
    dialect = dialects()[target.dialect]
    ask = new_ask(probe)
    request = dialect.request(target, probe, ask)
    reader = dialect.reader(probe)
    started_at_utc = time.time()
    seen = await _send(line, request, target, reader)
    evidence = await _read(target, probe, seen, reader)
    evidence = replace(evidence, key_sent=_has_key(target, request))
    answer = evidence.answer
    buffered = bool(probe is ProbeKind.STREAM and answer and answer.recognised and answer.whole_body)
    return Observed(
        request, ask, evidence, classify(evidence, target), started_at_utc, buffered_body=buffered
    )


def _has_key(target: Target, request: Request) -> bool:
    """Whether the request carries a key: the target's, one of its own headers, or a signature."""
    names = " ".join(request.headers).lower()
    return target.credential is not None or any(part in names for part in _OF_KEYS)


async def _read(target: Target, probe: ProbeKind, seen: Exchange, reader: Reader) -> Evidence:
    """The evidence. A large answer is read aside: others' clocks go on meanwhile."""
    facts = (target.provider, dialects()[target.dialect].name, probe, seen, reader)
    if reader.recognised or len(seen.body) <= _READ_AT_ONCE:
        return evidence_of(*facts)
    return await asyncio.to_thread(evidence_of, *facts)


async def _send(line: Line, request: Request, target: Target, reader: Reader) -> Exchange:
    try:
        channel = await line.channel(request.url)
    except (OSError, ValueError, ImportError) as exc:
        return _no_channel(exc)
    try:
        return await exchange(
            channel, request, target.timeouts, reader.feed, keep_open=line.warm, on_phase=line.on_phase
        )
    finally:
        await line.release(channel)


def _no_channel(exc: Exception) -> Exchange:
    """Trust or proxy settings that make no sense: nothing was sent."""
    kind = FailureKind.TLS if isinstance(exc, OSError) else FailureKind.PROXY
    link = Link(type(exc).__qualname__, str(exc), reason=OUR_SETTINGS)
    detail = f"cannot use the CA bundle: {exc}" if kind is FailureKind.TLS else str(exc)
    if isinstance(exc, ImportError):
        detail = 'a SOCKS proxy needs an optional package: pip install "llmprobe-cli[socks]"'
    return cleaned(Exchange(Phase.CONNECT, failure=Failure(kind, Phase.CONNECT, (link,), detail=detail)))
