"""What an error message may quote of a configuration: never what might be a secret in the wrong place."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LONGEST = 40
_KEY_LIKE = r"(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{16,}"
_RUN = r"[A-Za-z0-9]+"
_PLAIN_RUN = r"[A-Z]?[a-z]{1,15}([A-Z][a-z]{1,15})?|[A-Z]{1,15}|\d{1,5}|[A-Za-z0-9]{1,5}"


def quoted(text: str) -> str:
    """`"opnai"` where it is plainly words and short numbers, else only how long it is."""
    if looks_plain(text):
        return f'"{text}"'
    return f"a text of {len(text)} characters (not shown: it may be a secret)"


def place(path: Sequence[str]) -> str:
    """`targets.a.timeout`; a name that looks like a key is left out."""
    return ".".join(part if re.search(_KEY_LIKE, part) is None else "…" for part in path)


def looks_plain(text: str) -> bool:
    """Whether a text is words, versions, a plain path or address: no key has that shape."""
    runs = re.findall(_RUN, text)
    return len(text) <= _LONGEST and all(re.fullmatch(_PLAIN_RUN, run) for run in runs)
