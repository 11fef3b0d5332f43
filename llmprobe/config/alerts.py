"""When and to whom a change is told, with every address read as the secret that it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, tzinfo
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from llmprobe.config.addresses import url_mistake
from llmprobe.config.checks import NO_ADDRESS
from llmprobe.config.otlp import Otlp
from llmprobe.config.schema import AlertsTable, ApiKeyTable, GatusTable, MuteTable
from llmprobe.config.secrets import read_key
from llmprobe.config.targets import given
from llmprobe.durations import parse_duration_s
from llmprobe.errors import SecretError, UsageError
from llmprobe.model import Secret

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_S = 300.0
WEBHOOK_FORMATS = ("llmprobe", "alertmanager")
_SHARE = r"(\d{1,3}(?:\.\d+)?)\s*%\s*of\s+([^,]+?)\s*(?:,\s*min\s+(\d{1,6}))?"
_CLOCK = r"\d{1,2}:\d{2}"


class FailShare(Struct, frozen=True):
    """A target fails while `share` (0 to 1) of at least `least` results of the last `window_s` seconds do."""

    share: float
    window_s: float
    least: int = 1


class Mute(Struct, frozen=True):
    """
    A time in which nothing is told of `targets` (names, globs or @tag).

    `start` and `end` are both moments, or both times of the day; `days` (0 is Monday) are those on which
    a time of the day begins, and `zone` its zone.
    """

    start: datetime | time
    end: datetime | time
    targets: Sequence[str] = ("*",)
    days: Sequence[int] = ()
    zone: tzinfo = UTC
    reason: str = ""


class Gatus(Struct, frozen=True):
    """Where external endpoints are, and the token that they take."""

    url: Secret
    token: Secret
    group: str = "llmprobe"


class AlertSettings(Struct, frozen=True):
    """When and to whom a change is told. `every_s` is how far runs are apart."""

    confirm: int = 1
    recover: int = 1
    remind_s: float | None = None
    command: Sequence[str] = ()
    pass_env: Sequence[str] = ()
    webhook: Secret | None = None
    webhook_format: str = "llmprobe"
    heartbeat: Secret | None = None
    alertmanager: Sequence[Secret] = ()
    alertmanager_token: Secret | None = None
    every_s: float = EVERY_S
    apprise: Sequence[Secret] = ()
    gatus: Gatus | None = None
    fail_share: FailShare | None = None
    mutes: Sequence[Mute] = ()
    otlp: Otlp | None = None

    @property
    def any(self) -> bool:
        """Whether there is a sink that needs the history: an export of figures is told each run as it is."""
        return bool(
            self.command or self.webhook or self.heartbeat or self.alertmanager or self.apprise or self.gatus
        )

    @property
    def hear_runs(self) -> bool:
        """Whether anything hears of a run, an export included."""
        return self.any or self.otlp is not None


def alert_settings(table: AlertsTable, env: Mapping[str, str]) -> AlertSettings:
    """Raises SecretError where an address cannot be read."""
    remind: Any = given(table.remind, None)
    every: Any = given(table.every, EVERY_S)
    servers: Sequence[str | ApiKeyTable] = given(table.alertmanager, [])
    services: Sequence[str | ApiKeyTable] = given(table.apprise, [])
    mutes: Sequence[MuteTable] = given(table.mute, [])
    return AlertSettings(
        confirm=given(table.confirm, 1),
        recover=given(table.recover, 1),
        remind_s=remind,
        command=tuple(given(table.exec, [])),
        pass_env=tuple(given(table.pass_env, [])),
        webhook=_address_or_none(table.webhook, env, "alerts.webhook"),
        webhook_format=given(table.webhook_format, "llmprobe"),
        heartbeat=_address_or_none(table.heartbeat, env, "alerts.heartbeat"),
        alertmanager=tuple(_address(one, env, "alerts.alertmanager") for one in servers),
        alertmanager_token=_secret_or_none(table.alertmanager_token, env, "alerts.alertmanager_token"),
        every_s=every,
        apprise=tuple(_secret(one, env, "alerts.apprise") for one in services),
        gatus=None if isinstance(table.gatus, UnsetType) else _gatus(table.gatus, env),
        fail_share=None if isinstance(table.fail_share, UnsetType) else parse_fail_share(table.fail_share),
        mutes=tuple(parse_mute(one) for one in mutes),
    )


def address_flag(flag: str, text: str | None, env: Mapping[str, str]) -> Secret | None:
    """
    `https://…` or `env:NAME` of the command line (arguments are seen by every user of the machine).

    Raises:
        UsageError, SecretError: It is no address, or the variable is not set.
    """
    if text is None:
        return None
    return _address(ApiKeyTable(env=text[4:]) if text.startswith("env:") else text, env, flag)


def parse_fail_share(text: str) -> FailShare:
    """`20% of 15m, min 10`. Raises UsageError."""
    match = re.fullmatch(_SHARE, text.strip())
    window_s = parse_duration_s(match[2]) if match else None
    if match is None or not window_s or not 0 < float(match[1]) <= 100:
        raise UsageError(f'expected a share such as "20% of 15m, min 10", got "{text[:40]}"')
    return FailShare(float(match[1]) / 100, window_s, int(match[3] or 1))


def parse_mute(table: MuteTable) -> Mute:
    """Raises UsageError for a time or a zone that is none, or times of two forms."""
    zone = _zone(given(table.timezone, "UTC"))
    start, end = _time(table.start, zone), _time(table.end, zone)
    if isinstance(start, datetime) is not isinstance(end, datetime):
        raise UsageError('"start" and "end" must be two moments, or two times of the day')
    if isinstance(start, datetime) and isinstance(end, datetime) and end <= start:
        raise UsageError('"end" must come after "start"')
    days = () if table.days is UNSET else tuple(DAYS.index(day) for day in table.days)
    return Mute(start, end, tuple(given(table.targets, ["*"])), days, zone, given(table.reason, ""))


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UsageError(
            f'"{name[:40]}" is not a known time zone', 'such as "Europe/Berlin", or "UTC"'
        ) from None


def _time(text: str, zone: tzinfo) -> datetime | time:
    try:
        if re.fullmatch(_CLOCK, text.strip()):
            hour, minute = text.strip().split(":")
            return time(int(hour) % 24 if hour == "24" else int(hour), int(minute))
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f'expected "2026-12-01T22:00Z" or "22:00", got "{text[:40]}"') from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _gatus(table: GatusTable, env: Mapping[str, str]) -> Gatus:
    url = _address(table.url, env, "alerts.gatus.url")
    return Gatus(url, _secret(table.token, env, "alerts.gatus.token"), given(table.group, "llmprobe"))


def _address_or_none(
    source: str | ApiKeyTable | UnsetType, env: Mapping[str, str], owner: str
) -> Secret | None:
    return None if isinstance(source, UnsetType) else _address(source, env, owner)


def _secret_or_none(
    source: str | ApiKeyTable | UnsetType, env: Mapping[str, str], owner: str
) -> Secret | None:
    return None if isinstance(source, UnsetType) else _secret(source, env, owner)


def _address(source: str | ApiKeyTable, env: Mapping[str, str], owner: str) -> Secret:
    found = _secret(source, env, owner)
    if url_mistake(found.reveal()):
        raise UsageError(f"{owner}: {NO_ADDRESS}")
    return found


def _secret(source: str | ApiKeyTable, env: Mapping[str, str], owner: str) -> Secret:
    found = read_key(source, env, owner)
    if found is None:
        assert isinstance(source, ApiKeyTable)
        raise SecretError(f'{owner}: environment variable "{source.env}" is not set')
    return found[0]
