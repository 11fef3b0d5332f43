"""Opening the database, and SQLite's errors in words that help."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from errno import EISDIR
from functools import lru_cache
from pathlib import Path
from types import TracebackType

from msgspec import ValidationError

from llmprobe.errors import HistoryError
from llmprobe.files import PRIVATE, make_private, private_folder
from llmprobe.foreign import clean
from llmprobe.history.migrations import MIGRATIONS, migrate, version_of
from llmprobe.history.rollup import register

BUSY_TIMEOUT_S = 10.0
_SIDE_FILES = ("-wal", "-shm", "-journal")
_MOST_CHARS = 200
_OWN_NAME, _LOCKS = "llmprobe", "locks"


def open_history(path: Path, *, create: bool = True) -> History:
    """
    The history at `path`, in the shape that this version knows.

    Args:
        create: False for reading commands: they do not make an empty file.

    Raises:
        HistoryError: It is not there, not readable, damaged, or of a newer llmprobe.
    """
    if not create and not path.exists():
        raise HistoryError(f'there is no history at "{path}" yet', "record with: llmprobe check --record")
    with in_words(path):
        if path.is_dir():
            raise IsADirectoryError(EISDIR, "it is a folder")
        _make_private(path, create=create)
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        with in_words(path):
            _prepare(connection, path)
    except HistoryError:
        connection.close()
        raise
    return History(path, connection)


class History:
    """An open history. Every write is one transaction; `with` closes it."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    def __enter__(self) -> History:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Raises HistoryError for whatever SQLite finds wrong, and for values that no version wrote."""
        try:
            with in_words(self.path):
                yield self._connection
        except (ValidationError, ValueError) as exc:
            raise HistoryError(f'"{self.path}" is damaged: {clean(str(exc), _MOST_CHARS)}', _ANEW) from None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """
        One transaction that takes the lock at once.

        A deferred one that reads first is refused in spite of the timeout when ten runs
        write together (measured); an immediate one waits its turn.
        """
        with in_words(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                _roll_back(self._connection)
                raise
            self._connection.execute("COMMIT")


def _roll_back(connection: sqlite3.Connection) -> None:
    """A full disk has ended the transaction already."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _make_private(path: Path, *, create: bool) -> None:
    """
    The history belongs to the user alone, also one that others could read until now.

    SQLite's side files inherit the mode; those that are there already do not.

    Raises:
        OSError: It cannot be made. That an old mode cannot be changed is no reason not to read.
    """
    if create:
        private_folder(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, PRIVATE))
    sides = [path.with_name(f"{path.name}{end}") for end in _SIDE_FILES]
    folder = [path.parent] if _is_own_folder(path.parent, [path, *sides]) else []
    for each in (*folder, path, *sides):
        with suppress(OSError):
            make_private(each)


def _is_own_folder(folder: Path, known: Sequence[Path]) -> bool:
    """One of our name with nothing of anybody else in it: `--db` may name any other."""
    names = {_LOCKS, *(path.name for path in known)}
    return folder.name == _OWN_NAME and all(entry.name in names for entry in folder.iterdir())


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    known, found = len(MIGRATIONS), version_of(connection)
    if found > known:
        raise HistoryError(
            f'"{path}" was written by a newer llmprobe (shape {found}; this one knows {known})',
            "upgrade llmprobe, or use another file with --db",
        )
    if found == 0:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.text_factory = _valid
    register(connection)
    migrate(connection)


@lru_cache(maxsize=1024)
def _valid(text: bytes) -> str:
    """Names and words come again and again, a quarter of a million times in a long report."""
    return text.decode("utf-8", "replace")


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """OSError and sqlite3.Error as HistoryError, with what to do."""
    try:
        yield
    except OSError as exc:
        raise HistoryError(f'cannot open the history "{path}": {exc.strerror}', _ELSEWHERE) from None
    except sqlite3.Error as exc:
        raise HistoryError(*_words(path, exc)) from None


_ANEW = "move it away: a new one is begun"
_ELSEWHERE = "name another file with --db or $LLMPROBE_DB"


def _words(path: Path, error: sqlite3.Error) -> tuple[str, str]:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith("SQLITE_FULL"):
        return f'the disk is full: "{path}" was not written', "make room, or record less with keep and max_mb"
    if name.startswith("SQLITE_BUSY"):
        waited = f"{BUSY_TIMEOUT_S:.0f} s"
        return f'the history "{path}" was locked for more than {waited}', "is another program holding it?"
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return f'"{path}" is damaged, or is no history of llmprobe', _ANEW
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return f'the history "{path}" cannot be written: {error}', _ELSEWHERE
    return f'the history "{path}" failed: {error}', _ELSEWHERE
