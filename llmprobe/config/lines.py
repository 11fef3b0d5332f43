"""Where a key of a TOML file stands: tomllib does not tell, and people need the line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

_TABLE = r"^\s*\[\[?(?P<path>[^\]]+)\]\]?"
_KEY = r"""^\s*(?P<key>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*="""
_PART = r"""[\w-]+|"[^"]*"|'[^']*'"""


class Lines:
    """Line numbers (from 1) of tables and keys, read when the first is asked for: mostly never."""

    def __init__(self, text: str) -> None:
        self._text = text

    def of(self, path: Sequence[str]) -> int | None:
        """The line of a key, or of the nearest thing around it; None when neither is there."""
        for end in range(len(path), 0, -1):
            if (line := self._at.get(tuple(path[:end]))) is not None:
                return line
        return None

    @cached_property
    def _at(self) -> dict[tuple[str, ...], int]:
        found: dict[tuple[str, ...], int] = {}
        table: tuple[str, ...] = ()
        for number, line in enumerate(self._text.splitlines(), 1):
            if match := re.match(_TABLE, line):
                table = _parts(match["path"])
                found.setdefault(table, number)
            elif match := re.match(_KEY, line):
                found.setdefault(table + _parts(match["key"]), number)
        return found


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_PART, text))
