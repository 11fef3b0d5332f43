"""From a body, or a JSON value, to the error in it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from msgspec import Struct

from llmprobe.foreign import text_of
from llmprobe.model import ErrorObject
from llmprobe.providers.error_object.identifiers import canonical
from llmprobe.providers.error_object.parts import LONGEST_MESSAGE, Parts
from llmprobe.providers.error_object.paths import Test, at, condition
from llmprobe.providers.error_object.shapes import SHAPES, Shape
from llmprobe.providers.error_object.texts import embedded_json, json_of, xml_error

_DEEPEST = 6
_LONGEST_LIST = 8


def find_error(obj: Any, *, status: int | None) -> ErrorObject | None:
    """
    The error in a JSON value, or None where it holds none.

    Args:
        obj: Any JSON value.
        status: The HTTP status; from 400 on, a bare `message` or `detail` is an error too.
    """
    failed = status is not None and status >= 400
    if isinstance(obj, list):
        return next((e for item in obj[:_LONGEST_LIST] if (e := find_error(item, status=status))), None)
    if failed and isinstance(obj, str) and obj:
        return ErrorObject(message=obj[:LONGEST_MESSAGE], explicit=False)
    shape = _shape_of(obj, failed=failed)
    if shape is None:
        return ErrorObject(explicit=False) if failed and isinstance(obj, dict) and obj else None
    parts = Parts()
    _read(obj, shape, parts, 0)
    return parts.build(explicit=shape.stated)


def read_error(body: bytes, status: int | None) -> ErrorObject | None:
    """The error in a body of an HTTP answer: JSON, JSON in a text, XML, or a short plain text."""
    text = text_of(body).strip()
    if not text:
        return None
    obj = next((v for read in (json_of, xml_error, embedded_json) if (v := read(text)) is not None), None)
    if obj is not None and (error := find_error(obj, status=status)):
        return error
    if obj is None and status is not None and status >= 400 and not text.startswith("<"):
        return ErrorObject(message=text[:LONGEST_MESSAGE], explicit=False)
    return None


def error_from_header(header: str | None) -> tuple[str, ...]:
    """Identifiers in `x-amzn-errortype: ThrottlingException:http://…` (botocore, read 2026-11-22)."""
    return (canonical(header),) if header else ()


def _shape_of(obj: Any, *, failed: bool) -> Shape | None:
    """The first shape that fits. Looks at members' names first: each event of a stream passes here."""
    if not isinstance(obj, dict) or not obj:
        return None
    index = _ways_by_member()
    ways = [way for member in obj if member in index and obj[member] is not None for way in index[member]]
    fitting = [way for way in ways if way.fits(obj) and (failed or SHAPES[way.rank].stated)] if ways else []
    return SHAPES[min(way.rank for way in fitting)] if fitting else _exception_member(obj)


class _Way(Struct, frozen=True):
    """One way to know a shape: what must hold, and what must not."""

    rank: int
    needs: tuple[Test, ...]
    lacks: tuple[Test, ...]

    def fits(self, obj: dict[str, Any]) -> bool:
        return all(test(obj) for test in self.needs) and not any(test(obj) for test in self.lacks)


@cache
def _ways_by_member() -> dict[str, list[_Way]]:
    """Every way of every shape, under the first member that it asks for."""
    ways: dict[str, list[_Way]] = {}
    for rank, shape in enumerate(SHAPES):
        lacks = tuple(condition(each)[1] for each in shape.lacks.split())
        for known in shape.known_by:
            parts = [condition(each) for each in known.split(" & ")]
            ways.setdefault(parts[0][0], []).append(_Way(rank, tuple(test for _, test in parts), lacks))
    return ways


def _exception_member(obj: dict[str, Any]) -> Shape | None:
    """Bedrock's streams: `{"throttlingException": {"message": …}}`: the member's name is the code."""
    name = next(
        (k for k, v in obj.items() if k.endswith(("Exception", "Error")) and isinstance(v, dict)), None
    )
    if name is None:
        return None
    return Shape("exception member", (), says=f"{name}.message", marks=((name, name),), stated=True)


def _read(obj: Any, shape: Shape, parts: Parts, depth: int) -> None:
    """Take what the shape names, then read what lies inside."""
    parts.shapes.append(shape.name)
    _read_facts(obj, shape, parts)
    says, inner = shape.says.split(), shape.inner.split()
    for path, value in _values(obj, says):
        if path in inner and isinstance(value, str):
            _read_text(value, parts, depth)
        else:
            parts.take_words(value)
    for path, value in _values(obj, inner):
        if not (path in says and isinstance(value, str)):
            _read_inner(value, parts, depth + 1)


def _values(obj: Any, paths: list[str]) -> Iterator[tuple[str, Any]]:
    return ((path, value) for path in paths for value in at(obj, path))


def _read_facts(obj: Any, shape: Shape, parts: Parts) -> None:
    """Identifiers, waits and names."""
    parts.take_codes(
        [
            *(value for path in shape.codes.split() for value in at(obj, path)),
            *(name for written, name in shape.marks if condition(written)[1](obj)),
        ]
    )
    for value in (v for path in shape.wait.split() for v in at(obj, path)):
        parts.take_wait(value)
    parts.param = parts.param or _first_text(obj, shape.param)
    parts.upstream = parts.upstream or _first_text(obj, shape.upstream)


def _read_inner(value: Any, parts: Parts, depth: int) -> None:
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        _read_text(value, parts, depth)
    elif isinstance(value, list):
        for each in value[:_LONGEST_LIST]:
            _read_inner(each, parts, depth)
    elif (shape := _shape_of(value, failed=True)) is not None:
        _read(value, shape, parts, depth)


def _read_text(text: str, parts: Parts, depth: int) -> None:
    """Words, and the error in JSON that they may quote or be."""
    nested = embedded_json(text) if "{" in text else None
    if nested is None or not text.lstrip().startswith(("{", "[")):
        parts.take_words(text)
    if nested:
        _read_inner(nested, parts, depth + 1)


def _first_text(obj: Any, paths: str) -> str | None:
    return next((v for path in paths.split() for v in at(obj, path) if isinstance(v, str)), None)
