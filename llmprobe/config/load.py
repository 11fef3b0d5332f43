"""From a TOML file to checked tables: syntax, types, names; every mistake at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from msgspec import UNSET, Struct, UnsetType, field

from llmprobe.config.addresses import proxy_mistake, url_mistake
from llmprobe.config.alerts import parse_fail_share, parse_mute
from llmprobe.config.checks import NO_ADDRESS, header_mistake, regex_mistake
from llmprobe.config.convert import Converter, T
from llmprobe.config.files import read_text
from llmprobe.config.groups import Named, group_mistakes, named
from llmprobe.config.known_secrets import remember_file
from llmprobe.config.lines import Lines
from llmprobe.config.quoting import place, quoted
from llmprobe.config.schema import (
    AlertsTable,
    ApiKeyTable,
    DefaultsTable,
    GroupTable,
    HistoryTable,
    ServeTable,
    TargetTable,
)
from llmprobe.errors import ConfigError, Mistake, UsageError
from llmprobe.files import usable
from llmprobe.providers import dialects, providers

_TOP = ("defaults", "history", "alerts", "serve", "targets", "groups")
_LISTEN_HINT = 'such as "127.0.0.1:9750" or "[::1]:9750"'
V = TypeVar("V")
_NAME = re.compile(r"[\w.+-][\w.+ :-]*")


class Loaded(Struct, frozen=True):
    """A file that makes sense. `lines` tells where each value stands."""

    path: Path | None = None
    defaults: DefaultsTable = field(default_factory=DefaultsTable)
    history: HistoryTable = field(default_factory=HistoryTable)
    alerts: AlertsTable = field(default_factory=AlertsTable)
    serve: ServeTable = field(default_factory=ServeTable)
    targets: dict[str, TargetTable] = field(default_factory=dict)
    groups: dict[str, GroupTable] = field(default_factory=dict)
    lines: Lines = field(default_factory=lambda: Lines(""))
    warnings: tuple[str, ...] = ()

    def where(self, path: Sequence[str]) -> str:
        line = self.lines.of(path)
        return f"{self.path}:{line}" if line else str(self.path)


def load(path: Path) -> Loaded:
    """
    Read and check a configuration file.

    Raises:
        ConfigError: With all mistakes. UsageError: The file cannot be read.
    """
    return parse(read_text(path), path)


def parse(text: str, path: Path) -> Loaded:
    """As `load`, from text. Raises ConfigError with all mistakes."""
    data = _decoded(text, path)
    remember_file(data)
    lines = Lines(text)
    converter = Converter(lambda key_path: _where(path, lines, key_path))
    for key in data:
        if key not in _TOP:
            converter.unknown([], key, _TOP)
    defaults = converter.table(data.get("defaults", {}), DefaultsTable, ["defaults"])
    history = converter.table(data.get("history", {}), HistoryTable, ["history"])
    alerts = converter.table(data.get("alerts", {}), AlertsTable, ["alerts"])
    serve = converter.table(data.get("serve", {}), ServeTable, ["serve"])
    if history is not None and history.path is not UNSET:
        _check_path(converter, ["history", "path"], history.path)
    if alerts is not None:
        _check_alerts(converter, alerts)
    if serve is not None and serve.listen is not UNSET:
        _check_listen(converter, serve.listen)
    targets = _tables(converter, data, "targets", TargetTable)
    groups = _tables(converter, data, "groups", GroupTable)
    for name, table in targets.items():
        _check_target(converter, name, table)
    if defaults is not None:
        _check_common(converter, ["defaults"], defaults)
    names = _names(data, targets, defaults)
    converter.mistakes += group_mistakes(groups, names, lambda key: _where(path, lines, key, shown=2))
    if converter.mistakes:
        raise ConfigError(converter.mistakes)
    assert defaults is not None
    assert history is not None
    assert alerts is not None
    assert serve is not None
    return Loaded(path, defaults, history, alerts, serve, targets, groups, lines, tuple(_warnings(targets)))


def _check_listen(converter: Converter, text: str) -> None:
    from llmprobe.config.serve import parse_listen

    if parse_listen(text) is None:
        converter.add(["serve", "listen"], f"expected ADDRESS:PORT, got {quoted(text)}", _LISTEN_HINT)


def _tables(converter: Converter, data: dict[str, Any], key: str, kind: type[T]) -> dict[str, T]:
    tables: Any = data.get(key, {})
    if not isinstance(tables, dict):
        converter.add([key], f"expected tables such as [{key}.NAME]")
        return {}
    found: dict[str, T] = {}
    for name, value in tables.items():
        if not _NAME.fullmatch(name):
            converter.add(
                [key, name], f"{quoted(name)} is no usable name", "use letters, digits, '.', '_' and '-'"
            )
        table = converter.table(value, kind, [key, name])
        if table is not None:
            found[name] = table
    return found


def _check_target(converter: Converter, name: str, table: TargetTable) -> None:
    """What the types cannot say: names of the catalogue, and keys that exclude or need each other."""
    path = ["targets", name]
    if table.provider is UNSET and (table.dialect is UNSET or table.base_url is UNSET):
        converter.add(path, 'needs "provider", or "dialect" together with "base_url"')
    if table.provider is not UNSET and table.provider not in providers():
        converter.one_of([*path, "provider"], "provider", table.provider, list(providers()))
    if table.dialect is not UNSET and table.dialect not in dialects():
        converter.one_of([*path, "dialect"], "dialect", table.dialect, list(dialects()))
    if table.model is not UNSET and table.models is not UNSET:
        converter.add([*path, "models"], '"model" and "models" exclude each other')
    if table.provider is not UNSET and (provider := providers().get(table.provider)):
        if table.region is not UNSET and table.region not in provider.regions:
            converter.one_of([*path, "region"], "region", table.region, list(provider.regions))
        if not provider.base_url and table.base_url is UNSET:
            converter.add(path, f'provider "{table.provider}" needs "base_url"')
    if (
        table.expect is not UNSET
        and table.expect.regex is not UNSET
        and (m := regex_mistake(table.expect.regex))
    ):
        converter.add([*path, "expect", "regex"], m)
    _check_common(converter, path, table)
    _check_url(converter, path, table)
    _check_key(converter, path, table)


def _check_common(converter: Converter, path: list[str], table: TargetTable | DefaultsTable) -> None:
    """What a target and `[defaults]` may both say."""
    if table.proxy is not UNSET and table.proxy and (mistake := proxy_mistake(table.proxy)):
        converter.add([*path, "proxy"], mistake)
    if table.headers is not UNSET and (mistake := header_mistake(table.headers)):
        converter.add([*path, "headers"], mistake)
    if table.ca_bundle is not UNSET:
        _check_path(converter, [*path, "ca_bundle"], table.ca_bundle)


def _check_path(converter: Converter, path: list[str], text: str) -> None:
    try:
        usable(text)
    except OSError as exc:
        converter.add(path, f"expected a path: {exc.strerror}")


def _names(
    data: dict[str, Any], targets: dict[str, TargetTable], defaults: DefaultsTable | None
) -> list[Named]:
    """Of all targets that the file names, also of those that hold a mistake."""
    found = [one for name, table in targets.items() for one in named(name, table, defaults)]
    raw = data.get("targets", {})
    broken = (
        [name for name in raw if name not in targets or _is_open(raw[name], targets[name])]
        if isinstance(raw, dict)
        else []
    )
    return found + [Named(name, is_open=True) for name in broken]


def _is_open(raw: Any, table: TargetTable) -> bool:
    return "models" in raw and table.models is UNSET


def _check_alerts(converter: Converter, alerts: AlertsTable) -> None:
    for name in ("webhook", "heartbeat"):
        _check_address(converter, ["alerts", name], getattr(alerts, name))
    for value in [] if isinstance(alerts.alertmanager, UnsetType) else alerts.alertmanager:
        _check_address(converter, ["alerts", "alertmanager"], value)
    if not isinstance(alerts.gatus, UnsetType):
        _check_address(converter, ["alerts", "gatus", "url"], alerts.gatus.url)
    if not isinstance(alerts.fail_share, UnsetType):
        _check_parsed(converter, ["alerts", "fail_share"], parse_fail_share, alerts.fail_share)
    for mute in [] if isinstance(alerts.mute, UnsetType) else alerts.mute:
        _check_parsed(converter, ["alerts", "mute"], parse_mute, mute)


def _check_address(converter: Converter, path: list[str], value: object) -> None:
    if isinstance(value, str) and url_mistake(value):
        converter.add(path, NO_ADDRESS)
    if isinstance(value, ApiKeyTable):
        _check_source(converter, path, value)


def _check_parsed(converter: Converter, path: list[str], parse: Callable[[V], object], value: V) -> None:
    try:
        parse(value)
    except UsageError as exc:
        converter.add(path, exc.message, exc.hint)


def _check_url(converter: Converter, path: list[str], table: TargetTable) -> None:
    if table.base_url is not UNSET and (mistake := url_mistake(table.base_url)):
        converter.add([*path, "base_url"], mistake)
    if table.status_page is not UNSET and (mistake := url_mistake(table.status_page)):
        converter.add([*path, "status_page"], mistake)


def _check_key(converter: Converter, path: list[str], table: TargetTable) -> None:
    key = table.api_key
    if key is True:
        converter.add([*path, "api_key"], 'expected false, or a table such as { env = "NAME" }, got true')
    if isinstance(key, ApiKeyTable):
        _check_source(converter, [*path, "api_key"], key)


def _check_source(converter: Converter, path: list[str], source: ApiKeyTable) -> None:
    given = [n for n in ("env", "file", "command", "keyring") if getattr(source, n) is not UNSET]
    if len(given) != 1:
        converter.add(path, 'expected exactly one of "env", "file", "command", "keyring"')


def _warnings(targets: dict[str, TargetTable]) -> list[str]:
    return [
        f'target "{name}": api_key stands in the file in clear text; better: api_key = {{ env = "NAME" }}'
        for name, table in targets.items()
        if isinstance(table.api_key, str)
    ]


def _decoded(text: str, path: Path) -> dict[str, Any]:
    """Raises ConfigError for what is no TOML, or more of it than Python takes."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError([_syntax_mistake(path, str(exc))]) from None
    except ValueError:
        raise ConfigError([Mistake(_where_digits(text, path), "expected a number of fewer digits")]) from None
    except RecursionError:
        raise ConfigError([Mistake(str(path), "tables or lists are nested too deeply")]) from None


def _where_digits(text: str, path: Path) -> str:
    found = re.search(r"[0-9a-fA-F_]{4000,}", text)
    return f"{path}:{text.count(chr(10), 0, found.start()) + 1}" if found else str(path)


def _where(path: Path, lines: Lines, key_path: Sequence[str], shown: int | None = None) -> str:
    """File, line and key; `shown` says how many parts of the key."""
    line = lines.of(key_path)
    shown_key = place(key_path[:shown])
    return f"{path}:{line}: {shown_key}" if line else f"{path}: {shown_key}" if shown_key else str(path)


def _syntax_mistake(path: Path, message: str) -> Mistake:
    match = re.search(r"\(at line (\d+), column (\d+)\)", message)
    text = message.split(" (at ", 1)[0]
    where = f"{path}:{match[1]}" if match else str(path)
    return Mistake(where, f"not valid TOML: {text[0].lower() + text[1:]}")
