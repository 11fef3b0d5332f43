"""The certificates that a server shows, believed or not, and why they were not."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import httpcore
from msgspec.structs import replace

from llmprobe.foreign import cleaned
from llmprobe.model import Certificate, Exchange, Link
from llmprobe.transport.network import ProbeBackend

_PATIENCE_S = 2.0
_MOST_NAMES = 5
_EXPIRED, _NOT_YET_VALID, _SELF_SIGNED, _ROOT_SENT = 10, 9, 18, 19
_WRONG_NAME = (62, 64)
_NO_ISSUER = (2, 20, 21)


async def presented_chain(host: str, port: int) -> tuple[Certificate, ...]:
    """
    The chain as the server shows it, its own certificate first.

    Nothing is verified, and nothing is sent: this connection is for looking only.

    Returns:
        Empty where no TLS could be spoken within two seconds, or this Python does not tell.
    """
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await _handshake(host, port)
    except (OSError, ValueError, httpcore.ConnectError):
        return ()


async def explained(seen: Exchange, host: str, port: int, *, own_bundle: bool) -> Exchange:
    """An exchange that ended at a certificate, with the chain and what is wrong with it."""
    failure = seen.failure
    code = next((link.verify_code for link in failure.chain if link.verify_code), None) if failure else None
    if failure is None or code is None or not (chain := await presented_chain(host, port)):
        return seen
    word, detail = why_not_believed(chain, code, own_bundle=own_bundle)
    links = (*failure.chain, Link("llmprobe.chain", reason=word))
    return replace(seen, failure=replace(failure, chain=links, detail=detail), chain=chain)


def why_not_believed(chain: Sequence[Certificate], verify_code: int, *, own_bundle: bool) -> tuple[str, str]:
    """
    What is wrong with a chain that OpenSSL has refused.

    Args:
        verify_code: OpenSSL's X509_V_ERR number.
        own_bundle: Whether a CA bundle was named, by the configuration or the environment.

    Returns:
        (a word for the rules, what there is to know for a person).
    """
    leaf, last = chain[0], chain[-1]
    if verify_code == _EXPIRED:
        old = next((c for c in chain if c.ends_in_s is not None and c.ends_in_s < 0), leaf)
        return "EXPIRED", f"{_whose(old, leaf)}it was valid from {old.starts_at} to {old.ends_at}"
    if verify_code == _NOT_YET_VALID:
        return "NOT_YET_VALID", f"it is valid from {leaf.starts_at} to {leaf.ends_at}"
    if verify_code in _WRONG_NAME:
        return "WRONG_NAME", f"it is for {_names(leaf)}"
    if verify_code == _SELF_SIGNED or (len(chain) == 1 and leaf.self_signed):
        return "SELF_SIGNED", f"“{leaf.subject}” vouches for itself"
    if verify_code == _ROOT_SENT or len(chain) > 1:
        return "NOT_IN_BUNDLE" if own_bundle else "PRIVATE_CA", f"issued by “{last.issuer}”"
    if own_bundle or leaf.names_issuer_url:
        return (
            "INCOMPLETE_CHAIN",
            f"the server sends only its own, and not that of the issuer “{leaf.issuer}”",
        )
    return "UNKNOWN_CA", f"the server sends only its own, issued by “{leaf.issuer}”"


async def _handshake(host: str, port: int) -> tuple[Certificate, ...]:
    stream = await ProbeBackend().connect_tcp(host, port)
    try:
        stream = await stream.start_tls(_unverified(), host)
        return tuple(_certificate(info) for info in _infos(stream.get_extra_info("ssl_object")))
    finally:
        await stream.aclose()


@cache
def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _infos(session: Any) -> list[dict[str, Any]]:
    """Python 3.10 to 3.14 keep the decoded chain in a private place; without it nothing is told."""
    try:
        return [certificate.get_info() for certificate in session._sslobj.get_unverified_chain() or ()]
    except (AttributeError, ssl.SSLError):
        return []


def _certificate(info: Mapping[str, Any]) -> Certificate:
    starts, ends = (_instant(info.get(name)) for name in ("notBefore", "notAfter"))
    shown = Certificate(
        subject=_name(info.get("subject")),
        issuer=_name(info.get("issuer")),
        ends_in_s=None if ends is None else ends - time.time(),
        starts_at=_shown(starts),
        ends_at=_shown(ends),
        names=tuple(str(name) for _, name in info.get("subjectAltName") or ()),
        self_signed=bool(info.get("subject")) and info.get("subject") == info.get("issuer"),
        names_issuer_url=bool(info.get("caIssuers")),
    )
    return cleaned(shown)


def _instant(text: Any) -> float | None:
    return ssl.cert_time_to_seconds(text) if isinstance(text, str) else None


def _shown(instant: float | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(instant)) if instant is not None else "unknown"


def _name(parts: Any) -> str:
    """`Common Name (Organisation)`, or what there is of it."""
    flat = {key: value for part in parts or () for key, value in part}
    common, organisation = flat.get("commonName"), flat.get("organizationName")
    if common and organisation and organisation not in common:
        return f"{common} ({organisation})"
    return str(common or organisation or "unnamed")


def _names(leaf: Certificate) -> str:
    """The names that it holds, a few of them."""
    names = leaf.names or (leaf.subject,)
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _whose(old: Certificate, leaf: Certificate) -> str:
    """An issuer's certificate may have run out under a good one."""
    return "" if old is leaf else f"that of its issuer “{old.subject}”: "
