"""What a value must be like beyond its type: headers that can be sent, expressions that can be matched."""

from __future__ import annotations

import re
from collections.abc import Mapping

from llmprobe.config.quoting import quoted

_HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"

NO_ADDRESS = "expected an http:// or https:// URL with a host (it is a secret, so it is not shown)"


def header_mistake(headers: Mapping[str, str]) -> str | None:
    """What is wrong with a header, without its value, or None."""
    for name, value in headers.items():
        if not re.fullmatch(_HEADER_NAME, name):
            return f"{quoted(name)} is no header name"
        if not value.isascii() or not (value.isprintable() or value == ""):
            return f'the value of "{name}" has characters that no header can carry'
    return None


def regex_mistake(text: str) -> str | None:
    """What is wrong with a regular expression, or None."""
    try:
        re.compile(text)
    except re.error as exc:
        at = f", at position {exc.pos}" if exc.pos is not None else ""
        return f"{quoted(text)} is no regular expression{at}"
    except (OverflowError, RecursionError, MemoryError):
        return "the regular expression is too large"
    return None
