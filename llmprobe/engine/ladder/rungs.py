"""Each rung of the ladder in words: what was done, what came back, what to know."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from llmprobe.counts import counted
from llmprobe.durations import format_duration
from llmprobe.model import (
    Category,
    Certificate,
    ConnectAttempt,
    Exchange,
    ModelInfo,
    Phase,
    ProbeKind,
    Result,
    Status,
    Target,
)
from llmprobe.model.diagnosis import Rung, RungName, RungState
from llmprobe.providers.inspectors import inspector_in
from llmprobe.redact import without_credentials
from llmprobe.transport.certificates import presented_chain
from llmprobe.transport.network.resolver import resolve
from llmprobe.transport.proxies import chosen_proxy, proxy_for, proxy_source
from llmprobe.transport.trust import trust_from

ASKED = {
    ProbeKind.CHAT: "asked for one word",
    ProbeKind.STREAM: "asked for a stream of a few words",
    ProbeKind.EMBEDDINGS: "asked for the embedding of a word",
}
_MOST_NAMES = 5
_PATIENCE_S = 3.0
_SOON_S = 14 * 86400.0
_BY_PHASE = {
    Phase.RESOLVE: RungName.DNS,
    Phase.CONNECT: RungName.TCP,
    Phase.TLS: RungName.TLS,
}
_BY_CATEGORY = {
    Category.DNS: RungName.DNS,
    Category.CONNECT: RungName.TCP,
    Category.TLS: RungName.TLS,
    Category.PROXY: RungName.WAY_OUT,
}
_ABOUT_THE_KEY = (
    Category.AUTH, Category.PERMISSION, Category.QUOTA_EXHAUSTED, Category.REGION_BLOCKED,
    Category.MISSING_CREDENTIAL,
)  # fmt: skip


class _Seen(Struct, frozen=True):
    """What the request without a key was about, and what was seen of it until then."""

    target: Target
    exchange: Exchange
    env: Mapping[str, str]


def way_out(target: Target, env: Mapping[str, str]) -> Rung:
    """Which proxy and which trust are in force, and where each came from."""
    proxy, source = proxy_in_force(target, env)
    trust = trust_from(target.ca_bundle, target.verify_tls, env)
    words = f"{proxy} (from {source})" if proxy else "no proxy"
    where = trust.ca_bundle or trust.ca_dir
    believed = f"CAs from {trust.source}" + (f": {where}" if where else "")
    state = RungState.HOLDS if trust.verify else RungState.DOUBTFUL
    return Rung(RungName.WAY_OUT, state, "read the settings in force", f"{words}; {believed}")


async def on_the_way(name: RungName, target: Target, exchange: Exchange, env: Mapping[str, str]) -> Rung:
    """DNS, TCP or TLS, which the request without a key has passed; `exchange` is what was seen until then."""
    return await _HOLDING[name](_Seen(target, exchange, env))


async def broken_on_the_way(
    name: RungName, target: Target, result: Result, env: Mapping[str, str], way: Rung
) -> Rung:
    """The rung at which the request without a key ended."""
    if name is RungName.WAY_OUT:
        return broken(name, "went through the proxy", result, [way.came])
    details = await _tls_details(target, env) if name is RungName.TLS else _tried(result.connects)
    return broken(name, _DID[name], result, details)


def broken(name: RungName, did: str, result: Result, details: Sequence[str] = ()) -> Rung:
    """The rung at which it ended."""
    more = [*details]
    if result.http.status is not None:
        more.append(f"HTTP {result.http.status}" + (f", via {result.http.edge}" if result.http.edge else ""))
    if result.http.request_id:
        more.append(f"request id {result.http.request_id}")
    return Rung(name, RungState.BROKEN, did, result.reason, result.timings.total_s, tuple(more))


def key(target: Target, result: Result, *, public: bool) -> Rung:
    """What the free endpoint says of the key."""
    did, seconds = "asked for the list of models with the key", result.timings.total_s
    if target.credential is None:
        return Rung(
            RungName.KEY, RungState.HOLDS, "asked for the list of models", "no key is needed", seconds
        )
    if result.status is Status.FAILED:
        came = f"the list did not come, so that the key is not proven yet: {result.reason}"
        return Rung(RungName.KEY, RungState.DOUBTFUL, did, came, seconds)
    if public:
        came = "the list came, and is public: only an answer proves the key"
        return Rung(RungName.KEY, RungState.HOLDS, did, came, seconds)
    return Rung(RungName.KEY, RungState.HOLDS, did, "the key is accepted", seconds, proven=True)


def proven_by(rung: Rung, answer: Result) -> Rung:
    """The key's rung, once an answer came that no bad key would have brought."""
    if rung.name is not RungName.KEY or answer.status is Status.FAILED or rung.state is RungState.HOLDS:
        return rung
    return replace(rung, state=RungState.HOLDS, came=f"{rung.came}; but an answer came, which proves it")


def no_free_endpoint(target: Target) -> Rung:
    return Rung(
        RungName.KEY, RungState.UNTESTED, "nothing", f"{target.dialect} has no free endpoint to try it on"
    )


def no_list(target: Target) -> Rung:
    return Rung(RungName.MODEL, RungState.UNTESTED, "nothing", f"{target.dialect} has no list of models")


def model(target: Target, listed: Sequence[ModelInfo] | None) -> Rung:
    """Whether the model is in the list; a name that is not may still be an alias."""
    did = "looked for the model in the list"
    if target.model is None:
        return Rung(RungName.MODEL, RungState.UNTESTED, did, "no model is named")
    if not listed:
        return Rung(RungName.MODEL, RungState.UNTESTED, did, "there is no list to look in")
    found = next((info for info in listed if info.id.removeprefix("models/") == target.model), None)
    if found is not None:
        ends = found.retires_on or target.retires_on
        state = RungState.DOUBTFUL if ends else RungState.HOLDS
        more = f", and ends on {ends}" if ends else ""
        return Rung(RungName.MODEL, state, did, f"{target.model} is one of {len(listed)}{more}", proven=True)
    near = difflib.get_close_matches(target.model, [info.id for info in listed], n=3, cutoff=0.5)
    details = (f"near: {', '.join(near)}",) if near else ()
    came = f"{target.model} is not among the {len(listed)} (aliases often are not)"
    return Rung(RungName.MODEL, RungState.DOUBTFUL, did, came, details=details)


def answered(kind: ProbeKind, result: Result) -> Rung:
    """An answer came; what is degraded about it is told."""
    timings, tokens = result.timings, result.tokens
    facts = [f"first token {format_duration(timings.ttft_s)}"] if timings.ttft_s is not None else []
    if tokens.output is not None:
        facts.append(counted(tokens.output, "token"))
    state = RungState.HOLDS if result.status is Status.HEALTHY else RungState.DOUBTFUL
    came = "; ".join([result.reason, *facts])
    return Rung(RungName(str(kind)), state, ASKED[kind], came, timings.total_s, result.notes)


def blamed(result: Result) -> RungName | None:
    """The earlier rung that a refused answer speaks against."""
    if result.status is not Status.FAILED:
        return None
    if result.category is Category.MODEL_NOT_FOUND:
        return RungName.MODEL
    return RungName.KEY if result.category in _ABOUT_THE_KEY else None


def broken_rung(result: Result) -> RungName | None:
    """
    Where the request without a key ended; None where the edge answered.

    A bare 500 is an answer, too: some gateways fail on a missing key (seen with LiteLLM's proxy).
    """
    if result.status is not Status.FAILED or result.category is Category.SERVER_ERROR:
        return None
    by_category = _BY_CATEGORY.get(result.category)
    if by_category is not None:
        return by_category
    return _BY_PHASE.get(result.phase, RungName.EDGE) if result.phase else RungName.EDGE


def proxy_in_force(target: Target, env: Mapping[str, str]) -> tuple[str | None, str]:
    """The proxy without its credentials (None: there is none), and what named it."""
    if target.proxy is not None:
        return without_credentials(target.proxy) or None, "the configuration"
    found = proxy_for(target.base_url, env)
    return (without_credentials(found) if found else None), proxy_source(target.base_url, env) or ""


async def _dns(seen: _Seen) -> Rung:
    target, exchange, env = seen.target, seen.exchange, seen.env
    parts = urlsplit(first_hop(target, env))
    host, port = parts.hostname or "", parts.port or 443
    did = f"resolved {host}" + (" (the proxy)" if proxy_in_force(target, env)[0] else "")
    measured = exchange.timings.dns_s
    try:
        async with asyncio.timeout(_PATIENCE_S):
            addresses, seconds = await resolve(host, port)
    except OSError:
        return Rung(RungName.DNS, RungState.HOLDS, did, "it has an address", measured)
    if not seconds and len(addresses) == 1:
        return Rung(RungName.DNS, RungState.UNTESTED, "nothing", f"{host} is an address: no name to resolve")
    four = sum(":" not in str(where[0]) for _, where in addresses)
    came = f"{four} IPv4 and {len(addresses) - four} IPv6 addresses"
    details = tuple(str(where[0]) for _, where in addresses[:6])
    return Rung(RungName.DNS, RungState.HOLDS, did, came, seconds if measured is None else measured, details)


async def _tcp(seen: _Seen) -> Rung:
    exchange = seen.exchange
    failed = [c for c in exchange.connects if c.outcome != "ok"]
    state = RungState.DOUBTFUL if failed else RungState.HOLDS
    came = f"{exchange.peer or 'the server'} answers"
    if failed:
        came += f"; {len(failed)} other address{'es' if len(failed) > 1 else ''} did not"
    tried = _tried(exchange.connects)
    return Rung(RungName.TCP, state, _DID[RungName.TCP], came, exchange.timings.connect_s, tried)


async def _tls(seen: _Seen) -> Rung:
    target, exchange, env = seen.target, seen.exchange, seen.env
    if not target.base_url.startswith("https:"):
        return Rung(RungName.TLS, RungState.UNTESTED, "nothing", "plain HTTP: there is no TLS to look at")
    tls = exchange.tls
    chain = await _chain(target, env)
    names = [name for c in chain for name in (c.subject, c.issuer)] + (
        [tls.issuer] if tls and tls.issuer else []
    )
    inspector = inspector_in(names)
    left = tls.expires_in_s if tls else None
    issuer = chain[0].issuer if chain else tls.issuer if tls else None
    facts = [tls.version or "TLS" if tls else "TLS"]
    facts += [f"issued by {issuer}"] if issuer else []
    facts += [f"{format_duration(left)} left"] if left is not None else []
    facts += [f"this is {inspector}, which opens TLS on the way"] if inspector else []
    soon = left is not None and left < _SOON_S
    state = RungState.DOUBTFUL if inspector or soon or not target.verify_tls else RungState.HOLDS
    return Rung(
        RungName.TLS, state, _DID[RungName.TLS], ", ".join(facts), exchange.timings.tls_s, _links(chain)
    )


def edge(result: Result) -> Rung:
    """What answered without a key."""
    via = f" (via {result.http.edge})" if result.http.edge else ""
    came = f"HTTP {result.http.status}{via}: {result.reason}"
    state = RungState.HOLDS if result.status is not Status.FAILED else RungState.DOUBTFUL
    return Rung(RungName.EDGE, state, _DID[RungName.EDGE], came, result.timings.total_s)


async def _tls_details(target: Target, env: Mapping[str, str]) -> list[str]:
    """Who issued what was not believed: a company's inspection is named."""
    chain = await _chain(target, env)
    inspector = inspector_in([name for c in chain for name in (c.subject, c.issuer)])
    found = [*_links(chain)]
    if inspector:
        found.append(f"this is {inspector}, which opens TLS on the way: its CA must be in the CA bundle")
    elif len(chain) == 1 and chain[0].self_signed:
        found.append("it is signed by itself")
    if chain and chain[0].names:
        found.append(f"it is for {', '.join(chain[0].names[:_MOST_NAMES])}")
    return found


async def _chain(target: Target, env: Mapping[str, str]) -> Sequence[Certificate]:
    """Read on a connection of its own; not through a proxy."""
    if proxy_in_force(target, env)[0]:
        return ()
    parts = urlsplit(target.base_url)
    return await presented_chain(parts.hostname or "", parts.port or 443)


def _links(chain: Sequence[Certificate]) -> tuple[str, ...]:
    return tuple(
        f"{c.subject}, issued by {c.issuer}" + ("" if c.ends_in_s is None else f", {_ends(c.ends_in_s)}")
        for c in chain
    )


def _ends(seconds: float) -> str:
    return f"{format_duration(seconds)} left" if seconds > 0 else f"ended {format_duration(-seconds)} ago"


def _tried(connects: Sequence[ConnectAttempt]) -> tuple[str, ...]:
    return tuple(f"{c.address}: {c.outcome} ({format_duration(c.seconds)})" for c in connects)


def first_hop(target: Target, env: Mapping[str, str]) -> str:
    """The URL of the proxy, where there is one, else of the target."""
    return chosen_proxy(target.base_url, target.proxy, env) or target.base_url


_DID = {
    RungName.DNS: "resolved the name",
    RungName.TCP: "connected",
    RungName.TLS: "agreed on TLS and looked at the certificates",
    RungName.EDGE: "asked without a key",
}
_HOLDING = {RungName.DNS: _dns, RungName.TCP: _tcp, RungName.TLS: _tls}
