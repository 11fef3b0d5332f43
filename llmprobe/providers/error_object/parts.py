"""What the shapes of one error said, gathered: identifiers, words, numbers."""

from __future__ import annotations

from typing import Any

from llmprobe.durations import parse_duration_s
from llmprobe.model import ErrorObject
from llmprobe.providers.error_object.identifiers import GENERIC, canonical

LONGEST_MESSAGE = 2000
_LONGEST_CODE = 120


class Parts:
    """Filled from the outside in; the innermost identifiers are the most specific ones."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self.words: list[str] = []
        self.status: int | None = None
        self.param: str | None = None
        self.wait_s: float | None = None
        self.upstream: str | None = None
        self.shapes: list[str] = []

    def take_codes(self, found: list[Any]) -> None:
        """Those of one shape, its most specific first; they come before what was found further out."""
        codes = [code for value in found if (code := self._code(value))]
        self.codes[:0] = codes

    def take_words(self, value: Any) -> None:
        if isinstance(value, str) and value.strip():
            self.words.append(value[:LONGEST_MESSAGE].strip())

    def take_wait(self, value: Any) -> None:
        if self.wait_s is None:
            self.wait_s = _seconds(value)

    def build(self, *, explicit: bool) -> ErrorObject:
        names = dict.fromkeys(name for name in map(canonical, self.codes) if name and name not in GENERIC)
        return ErrorObject(
            message=" · ".join(dict.fromkeys(self.words))[:LONGEST_MESSAGE],
            code=next((code for code in self.codes if canonical(code) not in GENERIC), None),
            codes=tuple(names),
            status=self.status,
            param=self.param,
            retry_after_s=self.wait_s,
            upstream=self.upstream,
            explicit=explicit,
            shape=self.shapes[0] if self.shapes else "",
        )

    def _code(self, value: Any) -> str | None:
        """An identifier; a number that is an HTTP status is kept as that, any other gets a name."""
        if isinstance(value, bool) or not isinstance(value, str | int):
            return None
        text = str(value).strip()
        if len(text) == 3 and text.isdecimal() and 100 <= int(text) <= 599:
            self.status = self.status or int(text)
            return None
        if text.isdigit() and len(text) <= _LONGEST_CODE:
            return f"code_{text}"
        is_identifier = (
            bool(text) and len(text) <= _LONGEST_CODE and not text.startswith("type.googleapis.com")
        )
        return text if is_identifier else None


def _seconds(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if 0 <= value < 1e9 else None
    return parse_duration_s(value) if isinstance(value, str) else None
