"""Settings of the history and of alerts, with their addresses read as the secrets that they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from llmprobe.config.checks import NO_ADDRESS, url_mistake
from llmprobe.config.files import state_folder
from llmprobe.config.schema import AlertsTable, ApiKeyTable, HistoryTable
from llmprobe.config.secrets import read_key
from llmprobe.config.targets import given
from llmprobe.errors import SecretError, UsageError
from llmprobe.model import Secret

VARIABLE = "LLMPROBE_DB"
DAY_S = 86400.0


class HistorySettings(Struct, frozen=True):
    """Whether runs are recorded, where, and for how long. `path` None means the user's state folder."""

    record: bool = False
    path: Path | None = None
    keep_s: float = 90 * DAY_S
    max_bytes: int = 1024 * 2**20


class AlertSettings(Struct, frozen=True):
    """When and to whom a change is told."""

    confirm: int = 1
    recover: int = 1
    remind_s: float | None = None
    command: Sequence[str] = ()
    pass_env: Sequence[str] = ()
    webhook: Secret | None = None
    heartbeat: Secret | None = None

    @property
    def any(self) -> bool:
        return bool(self.command or self.webhook or self.heartbeat)


def history_settings(table: HistoryTable) -> HistorySettings:
    """The table with its defaults."""
    path: str | None = given(table.path, None)
    keep: Any = given(table.keep, 90 * DAY_S)
    return HistorySettings(
        record=given(table.record, False),
        path=Path(path).expanduser() if path else None,
        keep_s=keep,
        max_bytes=given(table.max_mb, 1024) * 2**20,
    )


def alert_settings(table: AlertsTable, env: Mapping[str, str]) -> AlertSettings:
    """Raises SecretError where an address cannot be read."""
    remind: Any = given(table.remind, None)
    return AlertSettings(
        confirm=given(table.confirm, 1),
        recover=given(table.recover, 1),
        remind_s=remind,
        command=tuple(given(table.exec, [])),
        pass_env=tuple(given(table.pass_env, [])),
        webhook=_address(given(table.webhook, None), env, "alerts.webhook"),
        heartbeat=_address(given(table.heartbeat, None), env, "alerts.heartbeat"),
    )


def address_flag(flag: str, text: str | None, env: Mapping[str, str]) -> Secret | None:
    """
    `https://…` or `env:NAME` of the command line (arguments are seen by every user of the machine).

    Raises:
        UsageError, SecretError: It is no address, or the variable is not set.
    """
    if text is None:
        return None
    source = ApiKeyTable(env=text[4:]) if text.startswith("env:") else text
    return _address(source, env, flag)


def history_path(explicit: Path | None, settings: HistorySettings, env: Mapping[str, str]) -> Path:
    """`--db`, the configuration, `$LLMPROBE_DB`, then the user's state folder."""
    if explicit is not None:
        return explicit.expanduser()
    if settings.path is not None:
        return settings.path
    if env.get(VARIABLE):
        return Path(env[VARIABLE]).expanduser()
    return state_folder() / "history.db"


def _address(source: str | ApiKeyTable | None, env: Mapping[str, str], owner: str) -> Secret | None:
    if source is None:
        return None
    found = read_key(source, env, owner)
    if found is None:
        assert isinstance(source, ApiKeyTable)
        raise SecretError(f'{owner}: environment variable "{source.env}" is not set')
    if url_mistake(found[0].reveal()):
        raise UsageError(f"{owner}: {NO_ADDRESS}")
    return found[0]
