"""Credentials in text that someone pastes: found by where they stand and what they look like, and masked."""

from __future__ import annotations

import re
from functools import cache

from llmprobe.providers import providers
from llmprobe.redact import MASK, Redactor

_HEADERS = (
    r"(?:proxy-)?authorization|x-api-key|api-key|x-goog-api-key|x-litellm-api-key|ocp-apim-subscription-key"
    r"|x-amz-security-token|(?:set-)?cookie|[\w-]*(?:token|secret|password|credential)"
)
_IN_HEADER = rf"(?im)^([<>' \t\"]*(?:{_HEADERS})['\"]?\s*:\s*['\"]?)([^\r\n'\"]+)"
_FIELDS = r"api[_-]?key|access[_-]?token|secret|password|authorization|x-api-key"
_IN_FIELD = rf"(?i)(['\"](?:{_FIELDS})['\"]\s*[:=]\s*['\"])([^'\"]+)"
_IN_QUERY = r"(?i)([?&](?:key|api[-_]?key|token|access_token|sig|signature)=)([^&\s'\"]+)"
_IN_URL = r"(?i)(https?://)([^/\s@'\"]{1,300}:[^/\s@'\"]{1,300})(?=@)"
_SCHEME = r"(?i)((?:bearer|basic|token|apikey|key)\s+)([A-Za-z0-9+/._~=-]{12,})"
_BESIDE = (
    r"(?i)((?<![A-Za-z0-9])(?:key|token|secret|password|passwd|credential)s?['\"]?"
    r"(?:\s+(?:provided|supplied|given|used|value|is|was))*\s*[:=]?\s*['\"“‘`(<\[]{0,3})"
    r"((?=[^\s\d]{0,80}\d[^\s\d]{0,80}\d)[A-Za-z0-9+/_=~-]{12,}(?:\.[A-Za-z0-9+/_=~-]{6,}){0,3})"
)
"""`API key provided: …`, `OPENAI_API_KEY=…`: what follows the word and has two digits is no word itself."""
_PREFIXES = (
    "sk-", "sk_", "pk-", "rk-", "ghp_", "github_pat_", "hf_", "xai-", "nvapi-", "pplx-", "csk-", "fw_",
    "AKIA", "ASIA", "ABSK", "ya29.", "eyJ",
)  # fmt: skip


_PLACES = (_IN_HEADER, _IN_FIELD, _IN_QUERY, _IN_URL, _SCHEME, _BESIDE)
_SHORTEST_ECHO, _LONGEST_ECHO, _MOST_ECHOES = 12, 1024, 24


def without_credentials(text: str) -> str:
    """
    The text with each credential masked, wherever it occurs.

    A value of a header, a JSON field, a query or a URL that names a credential is one; so is what
    begins like a key of a known vendor and is as long as one.
    """
    redact = Redactor(_found(text))
    text = redact(text)
    for pattern in _PLACES:
        text = re.sub(pattern, rf"\1{MASK}", text)
    return re.sub(_looks_like_a_key(), MASK, text)


def _found(text: str) -> list[str]:
    """The first of the values, without their scheme: an echo of one elsewhere is masked too."""
    values = (match[2] for pattern in _PLACES for match in re.finditer(pattern, text))
    words = (word for value in values for word in re.split(r"[\s:;,]+", value))
    echoed = dict.fromkeys(word for word in words if _SHORTEST_ECHO <= len(word) <= _LONGEST_ECHO)
    return list(echoed)[:_MOST_ECHOES]


@cache
def _looks_like_a_key() -> str:
    prefixes = {*_PREFIXES, *(p for provider in providers().values() for p in provider.key_prefix)}
    starts = "|".join(map(re.escape, sorted(prefixes, key=len, reverse=True)))
    return rf"(?<![A-Za-z0-9])(?:{starts})[A-Za-z0-9._\-]{{12,}}"
