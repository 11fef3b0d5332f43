"""Text with its escapes undone, and where each character of it stood before."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

_TOKENS = (
    rb"%[2-7][0-9a-f]"
    rb"|\\(?:u00|x)[2-7][0-9a-f]|\\[!#-/:-@\[-`{-~]"
    rb"|&(?:#0{0,4}[0-9]{2,3}|#x0{0,3}[2-7][0-9a-f]|amp|lt|gt|quot|apos);"
)
"""URL (`%2f`), JSON (`\\u002f`, `\\/`) and its like (`\\x2f`, Markdown's `\\_`), HTML (`&#47;`)."""


class Decoded(NamedTuple):
    """
    `data` with one layer of escapes undone. `places` has where in it the character of each escape stands,
    `ends` where that escape ends in the text before.
    """

    data: bytes
    places: list[int]
    ends: list[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the text before that `data[start:end]` came from, whole escapes included."""
        return self._before(start - 1), self._before(end - 1)

    def _before(self, place: int) -> int:
        """Where the character at a place ended in the text before."""
        last = bisect_right(self.places, place) - 1
        return place + 1 if last < 0 else self.ends[last] + place - self.places[last]


def decoded(data: bytes) -> Decoded | None:
    """One layer of escapes undone, in text that is in lower case; None where there is none."""
    if not any(mark in data for mark in (b"%", b"\\", b"&")):
        return None
    parts, places, ends, done, size = [], list[int](), list[int](), 0, 0
    for token in re.finditer(_TOKENS, data):
        start, end = token.span()
        parts += [data[done:start], _undone(token[0])]
        size += start - done
        places.append(size)
        ends.append(end)
        size, done = size + 1, end
    return Decoded(b"".join([*parts, data[done:]]), places, ends) if ends else None


def _undone(text: bytes) -> bytes:
    """One character, always."""
    if text[:1] == b"&":
        from html import unescape

        return unescape(text.decode()).encode("ascii", "replace")[:1].lower()
    return text[1:] if len(text) == 2 else bytes((int(text[-2:], 16),)).lower()
