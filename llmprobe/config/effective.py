"""The effective values of a configuration, and where each one comes from (`config show`)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import fields

from llmprobe.config.alerts import EVERY_S
from llmprobe.config.files import find_config
from llmprobe.config.history import history_path
from llmprobe.config.load import Loaded, load
from llmprobe.config.plan import Plan, Selection, make_plan
from llmprobe.config.schema import AlertsTable, ApiKeyTable, GatusTable
from llmprobe.config.secrets import describe
from llmprobe.config.targets import Built
from llmprobe.durations import format_duration
from llmprobe.foreign import cleaned
from llmprobe.model import Target
from llmprobe.model.settings import Setting, Settings
from llmprobe.redact import masked_headers, without_credentials

_LIMITS = {
    "timeout": "total_s",
    "connect_timeout": "connect_s",
    "headers_timeout": "headers_s",
    "first_token_timeout": "first_token_s",
    "stall_timeout": "stall_s",
}
_ALERT_DEFAULTS = {
    "confirm": 1,
    "recover": 1,
    "every": format_duration(EVERY_S),
    "webhook_format": "llmprobe",
}
_ALERT_SECRETS = ("webhook", "heartbeat", "alertmanager", "alertmanager_token", "apprise")


def effective_settings(
    targets: Sequence[str] = (),
    config: Path | None = None,
    env_file: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Settings:
    """
    Every effective value of a configuration and where it comes from; secrets are `***`.

    No key is read, except to say whether its variable is set.

    Args:
        targets: Names, globs, `@tag` or `group:NAME`; none means all.
        config: The file; else it is looked for as the command does.
        env_file: Variables in the form of a `.env` file.
        env: Instead of the process's environment.

    Raises:
        ConfigError: With every mistake of the file.
        UsageError: A name or the file is not there.
    """
    env = os.environ if env is None else env
    plan = make_plan(Selection(targets, config, env_file, read_secrets=False), env)
    path = find_config(config, env)
    loaded = load(path) if path is not None else Loaded()
    return Settings(
        source=plan.source,
        targets={built.target.name: dict(_of_target(built)) for built in plan.built},
        groups=plan.groups,
        run=dict(_of_the_run(plan, loaded, env)),
    )


def _of_target(built: Built) -> Iterator[tuple[str, Setting]]:
    target = built.target

    def setting(key: str, value: Any, of: str | None = None) -> tuple[str, Setting]:
        return key, Setting(cleaned(value), built.origin(of or key))

    yield setting("provider", target.provider)
    yield setting("dialect", target.dialect)
    yield setting("base_url", without_credentials(target.base_url))
    yield setting("model", target.model)
    yield setting("probes", [str(p) for p in target.probes])
    yield "api_key", Setting(_key(built), target.credential.origin if target.credential else "–")
    yield setting("retries", target.retries)
    for key, name in _LIMITS.items():
        yield setting(key, _duration(getattr(target.timeouts, name)))
    for key, value in _set_fields(target.thresholds):
        yield setting(f"thresholds.{key}", value, "thresholds")
    yield setting("max_tokens", target.wire.max_tokens)
    yield setting("token_param", target.wire.token_param)
    yield setting("headers", masked_headers({**target.wire.headers, **target.headers}))
    yield setting("body", sorted(target.wire.body))
    yield setting("auth", _auth(target))
    yield setting("api_version", target.wire.api_version)
    yield setting("stream_usage", target.wire.stream_usage)
    yield setting("health_path", target.wire.health_path)
    yield setting("status_page", target.status_page and without_credentials(target.status_page))
    yield setting("proxy", target.proxy and without_credentials(target.proxy))
    yield setting("ca_bundle", target.ca_bundle)
    yield setting("http2", target.http2)
    yield setting("tls_verify", target.verify_tls)
    for key, value in _set_fields(target.expect):
        yield setting(f"expect.{key}", value, "expect")
    yield setting("tags", list(target.tags))


def _of_the_run(plan: Plan, loaded: Loaded, env: Mapping[str, str]) -> Iterator[tuple[str, Setting]]:
    """What holds for all targets together; of a secret address only where it is read from."""
    history = plan.history
    values = {
        ("defaults", "concurrency"): plan.concurrency,
        ("defaults", "per_host"): plan.per_host,
        ("defaults", "per_key"): plan.per_key,
        ("defaults", "rate"): plan.rate_per_s,
        ("history", "record"): history.record,
        ("history", "path"): str(history_path(None, history, env)),
        ("history", "keep"): format_duration(history.keep_s),
        ("history", "max_mb"): history.max_bytes >> 20,
    }
    values |= {("alerts", field.name): _alert(loaded.alerts, field.name) for field in fields(AlertsTable)}
    for (table, key), value in values.items():
        yield f"{table}.{key}", Setting(cleaned(value), _origin(loaded, table, key))


def _alert(table: AlertsTable, key: str) -> Any:
    """As it is in force: durations in words, addresses by their source, programs by their names."""
    value = getattr(table, key)
    if isinstance(value, UnsetType):
        return _ALERT_DEFAULTS.get(key)
    if key in _ALERT_SECRETS:
        return [describe(one) for one in value] if isinstance(value, list) else describe(value)
    if isinstance(value, GatusTable):
        return describe(value.url) if isinstance(value.url, ApiKeyTable) else without_credentials(value.url)
    if key == "exec":
        return value[:1]
    if key == "mute":
        return [f"{mute.start} to {mute.end}" for mute in value]
    return _duration(value) if isinstance(value, float) else value


def _set_fields(table: Struct) -> Iterator[tuple[str, Any]]:
    """What differs from nothing."""
    for field in fields(table):
        if (value := getattr(table, field.name)) not in (None, False, (), {}):
            yield field.name, value


def _duration(seconds: float | None) -> str | None:
    return format_duration(seconds) if seconds is not None else None


def _auth(target: Target) -> str | None:
    """Header and scheme, without the key."""
    credential = target.credential
    return f"{credential.header}: {credential.scheme}".rstrip() if credential is not None else None


def _key(built: Built) -> str:
    if built.target.credential is not None:
        return "***"
    missing: Sequence[str] = built.target.missing_keys
    return f"missing: {' or '.join(missing)}" if missing else "none"


def _origin(loaded: Loaded, table: str, key: str) -> str:
    is_set = getattr(getattr(loaded, table), key) is not UNSET
    return loaded.where([table, key]) if is_set else "default"
