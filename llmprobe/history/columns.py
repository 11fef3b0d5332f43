"""
Columns and the values of the model that stand in them: one name serves both ways.

A table is written from a mapping of column to value, and read into a Struct whose fields are called as
its columns are (`at_utc` as `at`): nothing is tied by its position.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from llmprobe.foreign import clean, clean_lines
from llmprobe.model import Result, Run, Window
from llmprobe.redact import SCRUB

R = TypeVar("R", bound=msgspec.Struct)

RESULT: Mapping[str, Callable[[Run, Result], object]] = {
    "at": lambda run, result: result.attempts[-1].started_at_utc if result.attempts else run.started_at_utc,
    "target": lambda _, result: result.target,
    "provider": lambda _, result: result.provider,
    "model": lambda _, result: result.model,
    "probe": lambda _, result: result.probe,
    "status": lambda _, result: result.status,
    "category": lambda _, result: result.category,
    "fault": lambda _, result: result.fault,
    "reason": lambda _, result: result.reason,
    "hint": lambda _, result: result.hint,
    "notes": lambda _, result: "\n".join(result.notes) or None,
    "http_status": lambda _, result: result.http.status,
    "request_id": lambda _, result: result.http.request_id,
    "connect_s": lambda _, result: result.timings.connect_s,
    "headers_s": lambda _, result: result.timings.headers_s,
    "ttft_s": lambda _, result: result.timings.ttft_s,
    "total_s": lambda _, result: result.timings.total_s,
    "silence_s": lambda _, result: result.timings.longest_silence_s,
    "input_tokens": lambda _, result: result.tokens.input,
    "output_tokens": lambda _, result: result.tokens.output,
    "requests_left": lambda _, result: _left(result.rate_limit.requests),
    "tokens_left": lambda _, result: _left(result.rate_limit.tokens),
}
"""Every column of a result but its numbers, and what stands in it."""


def _left(window: Window | None) -> float | None:
    return None if window is None else window.left


def insert(db: sqlite3.Connection, table: str, row: Mapping[str, object]) -> int | None:
    """Write one row; its number. No text is stored with a key in it."""
    return db.execute(_insertion(table, list(row)), [_stored(value) for value in row.values()]).lastrowid


def insert_all(
    db: sqlite3.Connection, table: str, names: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Write rows whose values stand in the order of `names`."""
    db.executemany(_insertion(table, names), ([_stored(value) for value in row] for row in rows))


def _insertion(table: str, names: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608


def selected(kind: type[msgspec.Struct]) -> str:
    """The columns that fill a Struct, for `SELECT`."""
    return ", ".join(kind.__struct_encode_fields__)


def row_of(kind: type[R], values: Sequence[object]) -> R:
    """A row of `selected(kind)` as that Struct. Raises msgspec.ValidationError for what is no such row."""
    row = dict(zip(kind.__struct_encode_fields__, values, strict=True))
    return msgspec.convert({name: read(name, value) for name, value in row.items()}, kind)


def read(name: str, value: Any) -> Any:
    """
    The value of a column, clean where it is what a server said: an older version, or one that did not know
    a secret, wrote it as it came.
    """
    how = _SAID.get(name)
    return how(value) if how is not None and isinstance(value, str) else value


_SAID = {"model": clean, "reason": clean, "hint": clean, "request_id": clean, "notes": clean_lines}


def _stored(value: object) -> object:
    """Enums as the text that they are; a server may have echoed a key."""
    return SCRUB(str(value)) if isinstance(value, str) else value
