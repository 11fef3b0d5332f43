"""Places in a JSON value, written as `error.details[].reason`, and conditions on them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

Test = Callable[[Any], bool]
_LONGEST_LIST = 16
_KINDS: dict[str, tuple[type, ...]] = {"text": (str,), "object": (dict,), "list": (list,), "code": (str, int)}


def at(value: Any, path: str) -> list[Any]:
    """Everything at that place that is not empty; a list is entered only where the path says `[]`."""
    found = [value]
    for name, many in _steps(path):
        found = [inner for each in found for inner in _into(each, name, many)]
        if not found:
            break
    return found


@cache
def condition(written: str) -> tuple[str, Test]:
    """
    A condition's first member, and its test.

    A place holds something (`error.code`), one of some words (`type=error|fail`), or a kind (`error:text`).
    """
    place, _, words = written.partition("=")
    path, _, kind = place.partition(":")
    wanted, kinds = words.split("|"), _KINDS.get(kind, (object,))

    def fits(found: Any) -> bool:
        return str(found).lower() in wanted if words else isinstance(found, kinds)

    steps = _steps(path)
    if steps == ((path, False),):
        return path, lambda value: _is_some(value.get(path)) and fits(value[path])
    return steps[0][0], lambda value: any(map(fits, at(value, path)))


@cache
def _steps(path: str) -> tuple[tuple[str, bool], ...]:
    return tuple((step.removesuffix("[]"), step.endswith("[]")) for step in path.split("."))


def _into(value: Any, name: str, many: bool) -> list[Any]:
    inner = value.get(name) if isinstance(value, dict) else None
    if many:
        return [each for each in inner[:_LONGEST_LIST] if _is_some(each)] if isinstance(inner, list) else []
    return [inner] if _is_some(inner) else []


def _is_some(value: Any) -> bool:
    """False counts (`success=false`), and so does 0 (`status_code=0`)."""
    return value is not None and value not in ("", [], {})
