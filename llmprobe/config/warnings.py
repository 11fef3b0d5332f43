"""What is worth a word before a target is probed: where its key goes, and what of its URL is not used."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from llmprobe.model import Target


def address_warnings(target: Target, written: str) -> Iterator[str]:
    """
    Args:
        written: The base URL as it was given; `target` holds what became of it.
    """
    parts = urlsplit(target.base_url)
    if parts.scheme == "http" and target.credential is not None and not is_loopback(parts.hostname or ""):
        yield f'target "{target.name}": its key goes unencrypted over http:// to {parts.hostname}: use https://'
    kept = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    dropped = [
        name for name, _ in parse_qsl(urlsplit(written).query, keep_blank_values=True) if name not in kept
    ]
    if "api-version" in dropped and target.wire.api_version:
        dropped.remove("api-version")
    if dropped:
        names = ", ".join(dict.fromkeys(dropped))
        yield (
            f'target "{target.name}": the query of its URL ({names}) is not sent: '
            "give a key with api_key, and anything else with headers"
        )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or address."""
    host = host.rstrip(".").lower()
    return host == "localhost" or host.endswith(".localhost") or host.startswith("127.") or host == "::1"
