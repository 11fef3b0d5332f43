"""What a value must be like beyond its type: URLs that can be called, headers that can be sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

from llmprobe.config.quoting import quoted

_HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_NOT_AFTER_HTTP = re.compile(r"https?://[^/\s]+", re.I)

NO_ADDRESS = "expected an http:// or https:// URL with a host (it is a secret, so it is not shown)"


@cache
def url_mistake(url: str) -> str | None:
    """What is wrong with a base URL, in a sentence, or None. A file's is asked for twice."""
    if not _NOT_AFTER_HTTP.match(url):
        return f"expected an http:// or https:// URL with a host, got {quoted(url)}"
    try:
        parts = urlsplit(url)
        port_is_zero = parts.port == 0
    except ValueError:
        return f"the address or port of {quoted(url)} makes no sense"
    if "@" in parts.netloc:
        return "a credential in a URL ends up in logs: use api_key or headers instead"
    if port_is_zero or not parts.hostname:
        return f"the address or port of {quoted(url)} makes no sense"
    return None


def header_mistake(headers: Mapping[str, str]) -> str | None:
    """What is wrong with a header, without its value, or None."""
    for name, value in headers.items():
        if not re.fullmatch(_HEADER_NAME, name):
            return f"{quoted(name)} is no header name"
        if not value.isascii() or not (value.isprintable() or value == ""):
            return f'the value of "{name}" has characters that no header can carry'
    return None
