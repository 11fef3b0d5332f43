"""
Scrubbing of secrets, by value, from anything that is shown or stored.

Masking by header name misses the key that a provider echoes in an error
message; so every secret that was read is known here, and its value (and the
encodings in which it may come back) is replaced wherever text leaves us.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlsplit, urlunsplit

MASK = "***"
_IN_QUERY = r"(?i)((?:^|&)(?:key|api[-_]?key|token|access_token)=)[^&]*"
_SENSITIVE = r"(?i)auth|key|token|secret|cookie|password|credential"
_SHORTEST = 6


class Redactor:
    """Replaces known secrets in text. Secrets under six characters are left: they are words."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Remember a secret and the forms in which it may be echoed."""
        secret = secret.strip()
        if len(secret) < _SHORTEST:
            return
        forms = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], _shown_by_echo(secret)}
        self._values |= {form for form in forms if len(form) >= _SHORTEST}
        ordered = sorted(self._values, key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(value) for value in ordered))

    def __call__(self, text: str) -> str:
        return self._pattern.sub(MASK, text) if self._pattern else text


def _shown_by_echo(secret: str) -> str:
    """A key echoed in part, as `sk-abcdefgh…`: its first two thirds are secret too."""
    return secret[: max(_SHORTEST * 2, len(secret) * 2 // 3)]


def without_credentials(url: str) -> str:
    """A URL fit for showing: user info masked, query values masked; all of it where it is no URL."""
    if "@" not in url and "?" not in url and "[" not in url:
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    netloc = parts.netloc
    if "@" in netloc:
        netloc = f"{MASK}@{netloc.rpartition('@')[2]}"
    query = re.sub(_IN_QUERY, rf"\1{MASK}", parts.query) if parts.query else ""
    return urlunsplit((parts.scheme, netloc, parts.path, query, parts.fragment))


SCRUB = Redactor()
"""The process's own redactor: credentials are added as they are read."""


def masked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Values of headers that may hold a credential are masked; a scheme such as Bearer stays."""
    return {name: _masked(value) if re.search(_SENSITIVE, name) else value for name, value in headers.items()}


def _masked(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {MASK}" if space and scheme.isalpha() else MASK
