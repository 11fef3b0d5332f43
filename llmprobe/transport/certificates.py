"""The certificates that a server shows, believed or not: who issued them, until when."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from typing import Any

from msgspec import Struct

from llmprobe.foreign import cleaned

_TIMEOUT_S = 5.0
_INSPECTORS = (
    "Zscaler", "Netskope", "Palo Alto", "Fortinet", "FortiGate", "Blue Coat", "Symantec Web",
    "Cisco Umbrella", "Forcepoint", "Sophos", "McAfee", "Skyhigh", "Kaspersky", "Avast",
    "ESET", "Bitdefender", "Check Point", "WatchGuard", "SonicWall", "Cloudflare Gateway", "Menlo Security",
    "iboss", "Barracuda", "Untangle", "mitmproxy", "Charles Proxy", "Fiddler", "PortSwigger",
)  # fmt: skip
"""Makers of programs that open TLS on the way, by the names in the certificates that they issue."""


class Certificate(Struct, frozen=True):
    """One certificate of a chain; `ends_in_s` is negative once it has expired."""

    subject: str
    issuer: str
    ends_in_s: float | None


async def presented_chain(host: str, port: int) -> list[Certificate]:
    """
    The chain as the server shows it, its own certificate first.

    Nothing is verified, and nothing is sent: this connection is for looking only.

    Returns:
        Empty where no TLS could be spoken, or this Python does not tell.
    """
    try:
        return await asyncio.wait_for(asyncio.to_thread(_look, host, port), _TIMEOUT_S + 1)
    except (OSError, ValueError, TimeoutError):
        return []


def inspector_in(names: list[str]) -> str | None:
    """The inspecting product that a chain's names give away."""
    text = " ".join(names).lower()
    return next((name for name in _INSPECTORS if name.lower() in text), None)


def _look(host: str, port: int) -> list[Certificate]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((host, port), _TIMEOUT_S) as plain,
        context.wrap_socket(plain, server_hostname=host) as session,
    ):
        return [_certificate(info) for info in _infos(session)]


def _infos(session: Any) -> list[dict[str, Any]]:
    """Python 3.10 to 3.14 keep the decoded chain in a private place; without it nothing is told."""
    try:
        return [certificate.get_info() for certificate in session._sslobj.get_unverified_chain() or ()]
    except (AttributeError, ssl.SSLError):
        return []


def _certificate(info: dict[str, Any]) -> Certificate:
    not_after = info.get("notAfter")
    ends = ssl.cert_time_to_seconds(not_after) - time.time() if isinstance(not_after, str) else None
    return cleaned(Certificate(_name(info.get("subject")), _name(info.get("issuer")), ends))


def _name(parts: Any) -> str:
    """`Common Name (Organisation)`, or what there is of it."""
    flat = {key: value for part in parts or () for key, value in part}
    common, organisation = flat.get("commonName"), flat.get("organizationName")
    if common and organisation and organisation not in common:
        return f"{common} ({organisation})"
    return str(common or organisation or "unnamed")
