"""What `config check` and `config show` do."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import fields

from llmprobe.cli.screen import Screen, save
from llmprobe.config import Plan, Selection, make_plan
from llmprobe.config.files import FILE_NAME, find_config, read_text
from llmprobe.config.history import history_path
from llmprobe.config.load import Loaded, load, parse
from llmprobe.config.schema import ApiKeyTable
from llmprobe.config.secrets import describe
from llmprobe.config.targets import Built, given
from llmprobe.config.writing import NewTarget, new_file, with_target, without_target
from llmprobe.durations import format_duration
from llmprobe.errors import UsageError
from llmprobe.foreign import cleaned
from llmprobe.json_text import readable
from llmprobe.model import Target
from llmprobe.redact import masked_headers, without_credentials
from llmprobe.reports.documents.settings import GroupSettings, Settings, TargetSettings, Value
from llmprobe.reports.parts.rich_text import plain_table

_LIMITS = {
    "timeout": "total_s",
    "connect_timeout": "connect_s",
    "headers_timeout": "headers_s",
    "first_token_timeout": "first_token_s",
    "stall_timeout": "stall_s",
}


def check_config(config: Path | None, env_file: Path | None) -> None:
    """Raises ConfigError with all mistakes, or UsageError where there is no file."""
    path = find_config(config, os.environ)
    if path is None:
        raise UsageError(
            "there is no configuration to check", "name one with --config, or write ./llmprobe.toml"
        )
    plan = make_plan(Selection(config=path, env_file=env_file, read_secrets=False), os.environ)
    screen = Screen()
    for warning in plan.warnings:
        screen.note(f"warning: {warning}")
    probes = sum(len(built.target.probes) for built in plan.built)
    screen.write(
        f"{path}: {len(plan.built)} targets, {probes} probes, {len(plan.groups)} groups, no mistakes\n"
    )


def show_config(
    targets: Sequence[str], config: Path | None, env_file: Path | None, format: str, *, no_color: bool
) -> None:
    """Effective values and their origins. No key is read but to say whether its variable is set."""
    plan = make_plan(Selection(targets, config, env_file, read_secrets=False), os.environ)
    screen = Screen(no_color=no_color)
    path = find_config(config, os.environ)
    common = _of_the_run(plan, load(path) if path is not None else Loaded())
    if format == "json":
        screen.write(readable(_document(plan, common)))
        return
    rows = [(key, _shown(value), origin) for key, value, origin in common]
    screen.write(f"from {plan.source}\n\n" + plain_table(("key", "value", "from"), rows, screen.look))
    for built in plan.built:
        rows = [(key, _shown(value), origin) for key, value, origin in _values(built)]
        screen.write(f"\n[{built.target.name}]\n" + plain_table(("key", "value", "from"), rows, screen.look))
    for group in plan.groups:
        screen.write(f"\ngroup {group.name}: needs {group.need} of {', '.join(group.members)}\n")


def _values(built: Built) -> Iterator[tuple[str, Any, str]]:
    target = built.target

    def row(key: str, value: Any, origin_key: str | None = None) -> tuple[str, Any, str]:
        return key, cleaned(value), built.origin(origin_key or key)

    yield row("provider", target.provider)
    yield row("dialect", target.dialect)
    yield row("base_url", without_credentials(target.base_url))
    yield row("model", target.model)
    yield row("probes", [str(p) for p in target.probes])
    yield "api_key", _key(built), target.credential.origin if target.credential else "–"
    yield row("retries", target.retries)
    for key, name in _LIMITS.items():
        seconds = getattr(target.timeouts, name)
        yield row(key, format_duration(seconds) if seconds is not None else None)
    for field in fields(target.thresholds):
        value = getattr(target.thresholds, field.name)
        if value not in (None, (), {}):
            yield row(f"thresholds.{field.name}", value, "thresholds")
    yield row("max_tokens", target.wire.max_tokens)
    yield row("token_param", target.wire.token_param)
    yield row("headers", masked_headers({**target.wire.headers, **target.headers}))
    yield row("body", sorted(target.wire.body))
    yield row("auth", _auth(target))
    yield row("api_version", target.wire.api_version)
    yield row("stream_usage", target.wire.stream_usage)
    yield row("health_path", target.wire.health_path)
    yield row("status_page", target.status_page and without_credentials(target.status_page))
    yield row("proxy", target.proxy and without_credentials(target.proxy))
    yield row("ca_bundle", target.ca_bundle)
    yield row("http2", target.http2)
    yield row("tls_verify", target.verify_tls)
    for field in fields(target.expect):
        if (value := getattr(target.expect, field.name)) not in (None, False):
            yield row(f"expect.{field.name}", value, "expect")
    yield row("tags", list(target.tags))


def _auth(target: Target) -> str | None:
    """Header and scheme, without the key."""
    credential = target.credential
    return f"{credential.header}: {credential.scheme}".rstrip() if credential is not None else None


def _of_the_run(plan: Plan, loaded: Loaded) -> list[tuple[str, Any, str]]:
    """What is set for all targets together; of an address only where it is read from."""
    history, alerts = plan.history, loaded.alerts
    values: list[tuple[str, str, Any]] = [
        ("defaults", "concurrency", plan.concurrency),
        ("defaults", "per_host", plan.per_host),
        ("defaults", "per_key", plan.per_key),
        ("defaults", "rate", plan.rate_per_s),
        ("history", "record", history.record),
        ("history", "path", str(history_path(None, history, os.environ))),
        ("history", "keep", format_duration(history.keep_s)),
        ("history", "max_mb", history.max_bytes >> 20),
        ("alerts", "confirm", given(alerts.confirm, 1)),
        ("alerts", "recover", given(alerts.recover, 1)),
        ("alerts", "remind", given(alerts.remind, None)),
        ("alerts", "exec", given(alerts.exec, [])[:1]),
        ("alerts", "webhook", _source(alerts.webhook)),
        ("alerts", "heartbeat", _source(alerts.heartbeat)),
    ]
    return [(f"{table}.{key}", value, _origin(loaded, table, key)) for table, key, value in values]


def _source(address: str | ApiKeyTable | UnsetType) -> str | None:
    return None if isinstance(address, UnsetType) else describe(address)


def _origin(loaded: Loaded, table: str, key: str) -> str:
    is_set = getattr(getattr(loaded, table), key) is not UNSET
    return loaded.where([table, key]) if is_set else "default"


def _key(built: Built) -> str:
    if built.target.credential is not None:
        return "***"
    missing = built.target.missing_keys
    return f"missing: {' or '.join(missing)}" if missing else "none"


def _document(plan: Plan, common: Sequence[tuple[str, Any, str]]) -> Settings:
    targets = [
        TargetSettings(b.target.name, {key: Value(value, origin) for key, value, origin in _values(b)})
        for b in plan.built
    ]
    groups = [GroupSettings(g.name, g.members, g.need) for g in plan.groups]
    of_the_run = {key: Value(value, origin) for key, value, origin in common}
    return Settings(plan.source, targets, groups, of_the_run)


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    if isinstance(value, dict):
        return ", ".join(f"{k}: {v}" for k, v in value.items()) or "–"
    return str(value)


def add_target(name: str, about: Addition, config: Path | None) -> None:
    """
    Append a target to the file; a file that is not there is begun.

    Raises:
        UsageError, ConfigError: The file stays as it was.
    """
    path = config or find_config(None, os.environ) or Path(FILE_NAME)
    table = {key: value for key, value in about.table().items() if value is not None}
    target = NewTarget(name, table)
    text = with_target(read_text(path), path, target) if path.exists() else new_file([target])
    parse(text, path)
    save(path, text, private=not path.exists())
    Screen().note(f"added {name} to {path}")


def remove_target(name: str, config: Path | None) -> None:
    """Take a target out of the file. Raises UsageError or ConfigError; the file stays as it was."""
    path = find_config(config, os.environ)
    if path is None:
        raise UsageError("there is no configuration", "name one with --config")
    save(path, without_target(read_text(path), path, name))
    Screen().note(f"removed {name} from {path}")


class Addition(Struct, frozen=True):
    """The flags of `config add`."""

    provider: str | None
    model: str | None
    base_url: str | None
    dialect: str | None
    api_key_env: str | None
    probes: Sequence[str]
    tags: Sequence[str]

    def table(self) -> dict[str, Any]:
        """As it is written; what was not said is None."""
        return {
            "provider": self.provider,
            "dialect": self.dialect,
            "base_url": self.base_url,
            "model": self.model,
            "api_key": {"env": self.api_key_env} if self.api_key_env else None,
            "probes": list(self.probes) or None,
            "tags": list(self.tags) or None,
        }
