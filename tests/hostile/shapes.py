"""Secrets as vendors and people make them, and the spellings in which a server may repeat one."""

from __future__ import annotations

import base64
import json
import string
from collections.abc import Callable, Mapping
from random import Random
from urllib.parse import quote, quote_plus

_ALNUM = string.ascii_letters + string.digits


def _some(random: Random, letters: str, count: int) -> str:
    """Some of these letters, digits among them, as no word has."""
    text = "".join(random.choices(letters, k=count))
    return text if any(c.isdigit() for c in text[4:-4]) else _some(random, letters, count)


SHAPES: Mapping[str, Callable[[Random], str]] = {
    "openai": lambda r: "sk-proj-" + _some(r, _ALNUM + "-_", 48),
    "anthropic": lambda r: "sk-ant-api03-" + _some(r, _ALNUM + "-_", 95),
    "groq": lambda r: "gsk_" + _some(r, _ALNUM, 52),
    "hugging face": lambda r: "hf_" + _some(r, _ALNUM, 34),
    "google": lambda r: "AIzaSy" + _some(r, _ALNUM + "-_", 33),
    "hex": lambda r: _some(r, "0123456789abcdef", 32),
    "uuid": lambda r: "-".join(_some(r, "0123456789abcdef", n + 9)[:n] for n in (8, 4, 4, 4, 12)),
    "base64": lambda r: base64.b64encode(r.randbytes(33)).decode()[:-2] + "+/==",
    "jwt": lambda r: f"eyJhbGciOiJIUzI1NiJ9.{_some(r, _ALNUM + '-_', 60)}.{_some(r, _ALNUM + '-_', 43)}",
    "marks": lambda r: "_a*b[c]" + _some(r, _ALNUM, 12) + "<&\"'>|`~#%=;,:/\\",
    "password": lambda r: _some(r, _ALNUM + "!$%&*+,-./=?@^_~", 16),
}

SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "as it is": str,
    "upper case": str.upper,
    "lower case": str.lower,
    "percent": lambda s: quote(s, safe=""),
    "percent, each": lambda s: "".join(f"%{ord(c):02X}" for c in s),
    "form": quote_plus,
    "JSON": lambda s: json.dumps(s)[1:-1],
    "JSON, each": lambda s: "".join(f"\\u{ord(c):04x}" for c in s),
    "JSON, slashes": lambda s: json.dumps(s)[1:-1].replace("/", "\\/"),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 of Bearer": lambda s: base64.b64encode(f"Bearer {s}".encode()).decode(),
    "base64 of user": lambda s: base64.b64encode(f"u:{s}".encode()).decode(),
    "base64 of more": lambda s: base64.urlsafe_b64encode(f"user:{s}:x".encode()).decode(),
    "hex": lambda s: s.encode().hex(),
    "HEX": lambda s: s.encode().hex().upper(),
    "first two thirds": lambda s: s[: len(s) * 2 // 3] + "…",
    "quoted": lambda s: f"Incorrect key provided: '{s}'. Find yours at https://example.com/keys.",
    "after 140 characters": lambda s: "x" * 140 + " " + s,
    "twice": lambda s: f"{s} {s}",
}
