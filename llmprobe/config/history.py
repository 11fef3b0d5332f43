"""Settings of the history: whether runs are recorded, where, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from llmprobe.config.files import state_folder
from llmprobe.config.schema import HistoryTable
from llmprobe.config.targets import given
from llmprobe.errors import UsageError
from llmprobe.files import usable

VARIABLE = "LLMPROBE_DB"
DAY_S = 86400.0


class HistorySettings(Struct, frozen=True):
    """Whether runs are recorded, where, and for how long. `path` None means the user's state folder."""

    record: bool = False
    path: Path | None = None
    keep_s: float = 90 * DAY_S
    max_bytes: int = 1024 * 2**20


def history_settings(table: HistoryTable) -> HistorySettings:
    """The table with its defaults."""
    path: str | None = given(table.path, None)
    keep: Any = given(table.keep, 90 * DAY_S)
    return HistorySettings(
        record=given(table.record, False),
        path=_place(path, "history.path") if path else None,
        keep_s=keep,
        max_bytes=given(table.max_mb, 1024) * 2**20,
    )


def history_path(explicit: Path | None, settings: HistorySettings, env: Mapping[str, str]) -> Path:
    """`--db`, the configuration, `$LLMPROBE_DB`, then the user's state folder."""
    if explicit is not None:
        return _place(explicit, "--db")
    if settings.path is not None:
        return settings.path
    if env.get(VARIABLE):
        return _place(env[VARIABLE], f"${VARIABLE}")
    return state_folder() / "history.db"


def _place(path: str | Path, origin: str) -> Path:
    """Raises UsageError for what cannot be a path."""
    try:
        place = usable(path)
        place.exists()
    except OSError as exc:
        raise UsageError(f"{origin}: expected the path of a file: {exc.strerror}") from None
    return place
