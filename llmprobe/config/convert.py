"""Strict conversion of a table to its struct, with every mistake at once and near names."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from llmprobe.config.quoting import looks_plain, quoted
from llmprobe.config.schema import DURATION
from llmprobe.config.thresholds import parse_baseline_factor, parse_quantile_limit
from llmprobe.durations import parse_duration_s
from llmprobe.errors import Mistake, UsageError
from llmprobe.model.timed import TIMED

_LARGE = 1e15
_LONGEST = 100
_LONG_LIST, _TOLD = 24, 12
"""Of a text that is compared with names: each comparison takes time with the square of it."""
T = TypeVar("T", bound=msgspec.Struct)
Where = Callable[[Sequence[str]], str]
_NAMES = {
    "str": "a string", "int": "a whole number", "float": "a number", "bool": "true or false",
    "array": "a list", "object": "a table", "null": "nothing",
}  # fmt: skip


class Converter:
    """Collects mistakes; `where` turns a key path into `file:line: key`."""

    def __init__(self, where: Where) -> None:
        self.where = where
        self.mistakes: list[Mistake] = []

    def table(self, value: Any, kind: type[T], path: Sequence[str]) -> T | None:
        """The struct, without its wrong keys (each of them is a mistake); None when it is no table."""
        if not isinstance(value, dict):
            self.add(path, f"expected a table, got {_kind_of(value)}")
            return None
        good: dict[str, Any] = {}
        for key, item in value.items():
            if key not in kind.__struct_fields__:
                self.unknown(path, key, kind.__struct_fields__)
            elif (converted := self._value(item, _key(kind, key), [*path, key])) is not _WRONG:
                good[key] = converted
        try:
            return kind(**good)
        except TypeError as exc:
            missing = re.findall(r"'(\w+)'", str(exc)) or ["a key"]
            if not set(missing) <= set(value):
                self.add(path, f'missing key "{missing[0]}"')
            return None

    def add(self, path: Sequence[str], what: str, hint: str | None = None) -> None:
        self.mistakes.append(Mistake(self.where(path), what, hint))

    def unknown(self, path: Sequence[str], key: str, known: Sequence[str]) -> None:
        where = self.where([*path, key])
        if not looks_plain(key):
            where = where.removesuffix(key).removesuffix(".")
        self.mistakes.append(Mistake(where, f"unknown key {quoted(key)}", suggestion(key, known)))

    def one_of(self, path: Sequence[str], what: str, got: str, known: Sequence[str]) -> None:
        self.add(path, f"unknown {what} {quoted(got)}", suggestion(got, known))

    def _value(self, value: Any, key: _Key, path: Sequence[str]) -> Any:
        if key.table is not None and isinstance(value, dict):
            converted = self.table(value, key.table, path)
            return _WRONG if converted is None else converted
        if key.is_duration:
            return self._duration(value, path)
        try:
            return msgspec.convert({"value": value}, key.holder, strict=True).value
        except msgspec.ValidationError as exc:
            self.add(path, *_explain(str(exc), value, key.hint))
            return _WRONG

    def _duration(self, value: Any, path: Sequence[str]) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return float(value)
        if isinstance(value, str) and _is_relative_limit(value, path):
            return value
        seconds = parse_duration_s(value) if isinstance(value, str) else None
        if not seconds:
            forms = '"30s" or "1m30s"' + (', or "2x baseline"' if "thresholds" in path else "")
            self.add(path, f"expected a duration such as {forms}, got {_shown(value)}")
            return _WRONG
        return seconds


def _is_relative_limit(text: str, path: Sequence[str]) -> bool:
    """`2x baseline`, or outside of a pair `p95 < 2s`: a limit that is no duration."""
    if "thresholds" not in path[-3:-1]:
        return False
    is_single = path[-2] == "thresholds"
    is_quantile = is_single and parse_quantile_limit(text) is not None
    timed = TIMED.get(path[-1] if is_single else path[-2])
    return is_quantile or (timed is not None and timed.has_past and parse_baseline_factor(text) is not None)


class _Key(msgspec.Struct, frozen=True):
    """What is known of one key. `holder` is a table of it alone: msgspec finds that sooner than a union."""

    hint: Any
    table: type[msgspec.Struct] | None
    is_duration: bool
    holder: Any


@cache
def _key(kind: type[msgspec.Struct], name: str) -> _Key:
    hint = _hint(kind, name)
    return _Key(hint, _struct_in(hint), _is_duration(hint), msgspec.defstruct("Holder", [("value", hint)]))


def _hint(kind: type[msgspec.Struct], key: str) -> Any:
    """The type of one key: to evaluate those of a whole table takes a millisecond, and few are used."""
    owner = next(c for c in kind.__mro__ if key in inspect.get_annotations(c))
    alone = SimpleNamespace(__annotations__={key: owner.__annotations__[key]})
    return get_type_hints(alone, vars(sys.modules[owner.__module__]), include_extras=True)[key]


def near(got: str, known: Sequence[str]) -> list[str]:
    """The nearest known name, if one is near."""
    import difflib

    return difflib.get_close_matches(got[:_LONGEST], known, n=1, cutoff=0.6)


def suggestion(got: str, known: Sequence[str]) -> str | None:
    """`did you mean "…"?`; where nothing is near what there is, of a long list its beginning."""
    if found := near(got, known):
        return f'did you mean "{found[0]}"?'
    if not known:
        return None
    more = f" and {len(known) - _TOLD} more" if len(known) > _LONG_LIST else ""
    return f"known: {', '.join(known[:_TOLD] if more else known)}{more}"


def require_known(noun: str, got: str, known: Sequence[str], *, flag: str | None = None) -> None:
    """Raises UsageError, with the nearest name, unless `got` is one of `known`."""
    if got not in known:
        prefix = f"{flag}: " if flag else ""
        raise UsageError(f"{prefix}unknown {noun} {quoted(got)}", suggestion(got, known))


class _Wrong:
    pass


_WRONG = _Wrong()


def _struct_in(hint: Any) -> type[msgspec.Struct] | None:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint
    for arg in get_args(hint):
        if (found := _struct_in(arg)) is not None:
            return found
    return None


def _is_duration(hint: Any) -> bool:
    """Whether this key, or one side of its union, is marked as a duration."""
    metas = getattr(hint, "__metadata__", ())
    marked = any(isinstance(m, msgspec.Meta) and (m.extra or {}).get(DURATION) for m in metas)
    return marked or any(_is_duration(arg) for arg in get_args(hint))


def _explain(message: str, value: Any, hint: Any) -> tuple[str, str | None]:
    """msgspec's message in the words of the house."""
    choices = [choice for arg in _literals(hint) for choice in arg]
    if choices:
        bad = next((v for v in (value if isinstance(value, list) else [value]) if v not in choices), value)
        return f"{_shown(bad)} is not one of {', '.join(choices)}", suggestion(str(bad), choices)
    text = message.split(" - at ", 1)[0]
    if match := re.match(r"Expected `([^`]+)`((?: (?:[<>]|of length|matching)[^,]*)?)", text):
        wanted = " or ".join(_NAMES.get(n.strip(), n.strip()) for n in match[1].split("|"))
        return f"expected {wanted}{match[2]}, got {_shown(value)}", None
    return text[0].lower() + text[1:], None


def _literals(hint: Any) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for arg in get_args(hint):
        if get_origin(arg) is Literal:
            found.append(get_args(arg))
        else:
            found += _literals(arg)
    return found


def _kind_of(value: Any) -> str:
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "a list",
        dict: "a table",
    }
    return names.get(type(value), type(value).__name__)


def _shown(value: Any) -> str:
    """The value for an error message, unless it may be a key in the wrong place."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value) if abs(value) < _LARGE else "a number of many digits"
    return _kind_of(value)
