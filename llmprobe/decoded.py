"""Text with its escapes undone, and where each character of it stood before."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKENS = (
    rb"%[2-7][0-9a-f]"
    rb"|\\(?:u00|x)[2-7][0-9a-f]|\\[!#-/:-@\[-`{-~]"
    rb"|&(?:#0{0,4}[0-9]{2,3}|#x0{0,3}[2-7][0-9a-f]|amp|lt|gt|quot|apos);"
)
"""URL (`%2f`), JSON (`\\u002f`, `\\/`) and its like (`\\x2f`, Markdown's `\\_`), HTML (`&#47;`)."""


class Decoded(NamedTuple):
    """`data` with one layer of escapes undone; `source` is what it was made of."""

    data: bytes
    source: bytes

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of `source` that `data[start:end]` came from, whole escapes included."""
        longer = 0
        begin = None
        for token in re.finditer(_TOKENS, self.source):
            at = token.start() - longer
            if begin is None and at >= start:
                begin = start + longer
            if at >= end:
                break
            longer += len(token[0]) - 1
            if begin is None and at + 1 > start:
                begin = token.start()
        return (start + longer if begin is None else begin), end + longer


def decoded(data: bytes) -> Decoded | None:
    """One layer of escapes undone, in text that is in lower case; None where there is none."""
    if not any(mark in data for mark in (b"%", b"\\", b"&")):
        return None
    new = re.sub(_TOKENS, _undone, data)
    return None if len(new) == len(data) else Decoded(new, data)


def _undone(token: re.Match[bytes]) -> bytes:
    text = token[0]
    if text[:1] == b"&":
        from html import unescape

        return unescape(text.decode()).encode("ascii", "replace")[:1].lower()
    return text[1:] if len(text) == 2 else bytes((int(text[-2:], 16),)).lower()
