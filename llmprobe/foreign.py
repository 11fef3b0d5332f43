"""
The border: what a server, a file, an argument or the environment says becomes text here, once.

Behind it a text is valid Unicode, on one line (or on lines, where lines are meant), without
characters that a terminal or a reader obeys or does not see, of bounded length, and holds no known
secret. Only then is it shortened, escaped or laid out.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from llmprobe.redact import SCRUB

LONGEST = 4096
LONGEST_TEXT = 64 << 10
MOST_VALUES = 60_000
"""Of JSON, in one text: the longest list of models seen has 30,000."""
_SLACK = 4096
"""So much is looked at beyond a bound: a secret that stands across it must be recognised."""

_INVISIBLE = (
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
"""Zero width, direction, tags: what can hide or turn round the text beside it."""
_BROKEN = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff"
"""Controls (ESC among them), halves of surrogate pairs, characters that are none."""
_LINE_END = "\x0b\x0c\x85\u2028\u2029"
_UNCLEAN_JSON = rf"[\\{_INVISIBLE}{_BROKEN}{_LINE_END}]"
_IN_LINES = ((f"[{_INVISIBLE}]+", ""), (f"[{_LINE_END}\r]", "\n"), (f"[{_BROKEN}]", "\ufffd"))
_IN_A_LINE = ((f"[{_INVISIBLE}]+", ""), (f"[{_LINE_END}\r\n\t]", " "), (f"[{_BROKEN}]", "\ufffd"))
"""What stands in the place of what. Read by `re` when one is first needed: most texts are printable."""

_FIGURES = frozenset({type(None), bool, int, float})
"""Most of what is measured, and no text."""

_CI_COMMAND = r"(?:(?<!\S)|(?<=\S{30}))(?::(?=:[A-Za-z])|#(?=#(?:\[|vso\[)))"
"""`::error::` of GitHub (blanks before it do not count there), `##[error]` and `##vso[` of Azure;
at the beginning of a word, or so far into one that a table may break it there."""

T = TypeVar("T")
Clean = Callable[[str], str]


def clean(text: str, limit: int = LONGEST) -> str:
    """One line of text of at most `limit` characters, in which nothing is foreign any more."""
    if len(text) <= limit and text.isprintable():
        return SCRUB.scrubbed(_uncommanded(text))
    text, is_cut = _bounded(text, limit)
    text = _uncommanded(_valid(text, _IN_A_LINE))
    return f"{SCRUB.scrubbed(text, limit)}…" if is_cut else SCRUB.scrubbed(text)


def clean_lines(text: str, limit: int = LONGEST_TEXT) -> str:
    """As `clean`, for text that may have line ends and tabs."""
    text, is_cut = _bounded(text, limit)
    return SCRUB.scrubbed(_valid_lines(text), limit if is_cut else None)


def text_of(body: bytes, limit: int = LONGEST_TEXT) -> str:
    """The first `limit` characters of a body (UTF-8), as `clean_lines`."""
    return SCRUB.ending(clean_lines(_beginning(body, limit), limit))


def whole_text_of(body: bytes, limit: int = LONGEST_TEXT) -> str:
    """As `text_of`, for a body that is kept as it came: its pieces, put together, are no secret either."""
    text, is_cut = _bounded(_beginning(body, limit), limit)
    return SCRUB.ending(SCRUB.scrubbed_in_pieces(_valid_lines(text), limit if is_cut else None))


def _beginning(body: bytes, limit: int) -> str:
    """What need be looked at of a body."""
    text = body[: 4 * (limit + _SLACK)].decode("utf-8", "replace").removeprefix("\ufeff")
    return text[: limit + _SLACK] if len(body) > 4 * (limit + _SLACK) else text


def _valid_lines(text: str) -> str:
    return _uncommanded(text if text.isprintable() else _valid(text.replace("\r\n", "\n"), _IN_LINES))


def _uncommanded(text: str) -> str:
    """No line of it is a command to the CI system that shows it, wherever a table breaks it."""
    return re.sub(_CI_COMMAND, r"\g<0> ", text) if "::" in text or "##" in text else text


def _valid(text: str, instead: Sequence[tuple[str, str]]) -> str:
    """Three passes without a function to call: a text of nothing else costs no more than another."""
    if not text.isprintable():
        for unclean, clean_text in instead:
            text = re.sub(unclean, clean_text, text)
    return text


def json_value(text: str | bytes, *, constants: bool = True) -> Any:
    """
    JSON, each string in it as `clean_lines`.

    Args:
        constants: Whether `NaN` and `Infinity`, which are no JSON, are let through.

    Raises:
        ValueError: It is no JSON, nested too deeply, or of more values than any answer has.
    """
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "replace").removeprefix("\ufeff")
    if len(text) > MOST_VALUES and values_in(text) > MOST_VALUES:
        raise ValueError(f"more than {MOST_VALUES:,} values")
    try:
        value = json.loads(text) if constants else json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    is_clean = _is_clean_json(text) and not SCRUB.suspects(text)
    return value if is_clean else cleaned(value, clean_lines)


def values_in(text: str) -> int:
    """About how many JSON values: each has a comma or an opening bracket of its own."""
    return text.count(",") + text.count("{") + text.count("[")


def cleaned(value: T, how: Clean = clean) -> T:
    """A value with every text in it clean, however deep; what was clean is not made anew."""
    kind: Any = type(value)
    clean_kind = _way_of(kind)
    return value if clean_kind is None else clean_kind(value, how)


@cache
def _way_of(kind: Any) -> Callable[[Any, Clean], Any] | None:
    """How a value of a kind is cleaned; None where it holds no text (numbers, enums, bytes)."""
    if kind is str:
        return _cleaned_text
    if issubclass(kind, Struct):
        return _cleaned_struct
    if issubclass(kind, dict):
        return _cleaned_dict
    return _cleaned_items if kind in (list, tuple) else None


def _cleaned_text(value: str, how: Clean) -> str:
    return how(value)


def _cleaned_struct(value: Struct, how: Clean) -> Struct:
    changes = {}
    for name in value.__struct_fields__:
        old = getattr(value, name)
        kind: Any = type(old)
        clean_kind = None if kind in _FIGURES else _way_of(kind)
        if clean_kind is not None and (new := clean_kind(old, how)) is not old:
            changes[name] = new
    return replace(value, **changes) if changes else value


def _cleaned_dict(value: dict[Any, Any], how: Clean) -> dict[Any, Any]:
    return {cleaned(key, how): cleaned(item, how) for key, item in value.items()}


def _cleaned_items(value: Any, how: Clean) -> Any:
    new = [cleaned(item, how) for item in value]
    return value if all(map(operator.is_, new, value)) else type(value)(new)


def _is_clean_json(text: str) -> bool:
    plain = text.isprintable() and "\\" not in text
    if "::" in text or "##" in text:
        return False
    return plain or re.search(_UNCLEAN_JSON, text) is None


def _bounded(text: str, limit: int) -> tuple[str, bool]:
    """What need be looked at, and whether more was there."""
    return (text, False) if len(text) <= limit else (text[: limit + _SLACK], True)


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
