"""Where a key of a TOML file stands: tomllib does not tell, and people need the line."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TABLE = re.compile(r"^\s*\[\[?(?P<path>[^\]]+)\]\]?")
_KEY = re.compile(r"""^\s*(?P<key>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")


class Lines:
    """Line numbers (from 1) of tables and keys."""

    def __init__(self, text: str) -> None:
        self._at: dict[tuple[str, ...], int] = {}
        table: tuple[str, ...] = ()
        for number, line in enumerate(text.splitlines(), 1):
            if match := _TABLE.match(line):
                table = _parts(match["path"])
                self._note(table, number)
            elif match := _KEY.match(line):
                self._note(table + _parts(match["key"]), number)

    def of(self, path: Sequence[str]) -> int | None:
        """The line of a key, or of the nearest thing around it; None when neither is there."""
        for end in range(len(path), 0, -1):
            if (line := self._at.get(tuple(path[:end]))) is not None:
                return line
        return None

    def _note(self, path: tuple[str, ...], number: int) -> None:
        self._at.setdefault(path, number)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(text))
