"""Makers of programs that open TLS on the way, by the names in the certificates that they issue."""

from __future__ import annotations

from collections.abc import Iterable

_INSPECTORS = (
    "Zscaler", "Netskope", "Palo Alto", "Fortinet", "FortiGate", "Blue Coat", "Symantec Web",
    "Cisco Umbrella", "Forcepoint", "Sophos", "McAfee", "Skyhigh", "Kaspersky", "Avast",
    "ESET", "Bitdefender", "Check Point", "WatchGuard", "SonicWall", "Cloudflare Gateway", "Menlo Security",
    "iboss", "Barracuda", "Untangle", "mitmproxy", "Charles Proxy", "Fiddler", "PortSwigger",
)  # fmt: skip


def inspector_in(names: Iterable[str]) -> str | None:
    """The inspecting product that a chain's names give away."""
    text = " ".join(names).lower()
    return next((name for name in _INSPECTORS if name.lower() in text), None)
