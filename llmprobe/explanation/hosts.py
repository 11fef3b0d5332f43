"""Which provider an address belongs to, by the catalogue."""

from __future__ import annotations

import re
from functools import cache

from llmprobe.providers import providers

_OTHERS = (
    (r"[\w-]+\.(?:openai|services\.ai|cognitiveservices)\.azure\.com", "azure"),
    (r"(?:[\w-]+\.)?aiplatform\.googleapis\.com|[\w-]+-aiplatform\.googleapis\.com", "vertex"),
    (r"bedrock[\w.-]*\.(?:amazonaws\.com(?:\.cn)?|api\.aws)", "bedrock"),
)
"""Hosts that the catalogue builds from variables."""

_URL = r"https?://(?:[^/\s@]{0,300}@)?([^/\s'\"?#)>\]]+)"
_HOST_LINE = r"(?im)^[<>* \t]*host:\s*(\S+)"


def provider_in(text: str) -> str | None:
    """The first provider whose host a text names, in a URL or a Host header."""
    hosts = re.findall(_URL, text) + re.findall(_HOST_LINE, text)
    return next((known for host in hosts if (known := provider_of_host(host))), None)


def provider_of_host(host: str) -> str | None:
    """`api.groq.com` → `groq`, or None."""
    host = host.lower().removesuffix(":443")
    known = _by_host().get(host)
    return known or next((name for pattern, name in _OTHERS if re.fullmatch(pattern, host)), None)


@cache
def _by_host() -> dict[str, str]:
    """Hosts of the catalogue; where two providers share one, the first has it."""
    found: dict[str, str] = {}
    for provider in providers().values():
        for url in (provider.base_url, *provider.regions.values()):
            host = url.partition("://")[2].split("/", 1)[0]
            if host and "{" not in host:
                found.setdefault(host, provider.id)
    return found
