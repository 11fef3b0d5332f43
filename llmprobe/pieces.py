"""
Texts that were cut up: each piece of a streamed answer is a string of its own, and tells nothing alone.

What belongs together is joined here (the strings under one name, all strings, all short lines), and a
stretch of the whole is told as the stretches of the original that it came from.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

Span = tuple[int, int]

_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*+)"?(\s*+:\s*+)?')
"""A JSON string, also one that no quote ends on its line, and the colon after a name. Linear in the text."""
_LINE = re.compile(r"(?m)^(?:[a-z]{1,10}: ?)?([^\s{\[\"]\S{0,31})$")
"""A short line of a stream that is no JSON, with or without the name of its field."""


def spans_in_pieces(text: str, find: Callable[[str], Iterable[Span]]) -> list[Span]:
    """
    What `find` finds in the joined texts, as stretches of `text`.

    Args:
        find: Told a whole text; gives (start, end) of what is looked for.
    """
    return [
        original
        for pieces in _together(text)
        for span in find("".join(text[start:end] for start, end in pieces))
        for original in _original(span, pieces)
    ]


def _together(text: str) -> Iterator[list[Span]]:
    """The pieces of one text each, in order."""
    by_name: dict[str, list[Span]] = defaultdict(list)
    everything: list[Span] = []
    name, value_at = "", -1
    for string in _STRING.finditer(text):
        if string[2] is not None:
            name, value_at = string[1], string.end()
            by_name[":"].append(string.span(1))
        else:
            by_name[name if string.start() == value_at else ""].append(string.span(1))
            everything.append(string.span(1))
    yield from (pieces for pieces in by_name.values() if len(pieces) > 1)
    yield everything
    yield [line.span(1) for line in _LINE.finditer(text)]


def _original(span: Span, pieces: Iterable[Span]) -> Iterator[Span]:
    wanted, until = span
    at = 0
    for start, end in pieces:
        first, last = max(wanted, at), min(until, at + end - start)
        if first < last:
            yield start + first - at, start + last - at
        at += end - start
        if at >= until:
            return
