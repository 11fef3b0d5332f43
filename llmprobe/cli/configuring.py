"""What `config check` and `config show` do."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import fields

from llmprobe.cli.screen import Screen, write_atomically
from llmprobe.config import Plan, Selection, make_plan
from llmprobe.config.files import FILE_NAME, find_config, read_text
from llmprobe.config.load import parse
from llmprobe.config.targets import Built
from llmprobe.config.writing import NewTarget, new_file, with_target, without_target
from llmprobe.durations import format_duration
from llmprobe.errors import UsageError
from llmprobe.foreign import cleaned
from llmprobe.json_text import readable
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
    if format == "json":
        screen.write(readable(_document(plan)))
        return
    screen.write(f"from {plan.source}\n")
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
    yield row("tags", list(target.tags))


def _key(built: Built) -> str:
    if built.target.credential is not None:
        return "***"
    missing = built.target.missing_keys
    return f"missing: {' or '.join(missing)}" if missing else "none"


def _document(plan: Plan) -> Settings:
    targets = [
        TargetSettings(b.target.name, {key: Value(value, origin) for key, value, origin in _values(b)})
        for b in plan.built
    ]
    return Settings(plan.source, targets, [GroupSettings(g.name, g.members, g.need) for g in plan.groups])


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
    _write(path, text)
    Screen().note(f"added {name} to {path}")


def remove_target(name: str, config: Path | None) -> None:
    """Take a target out of the file. Raises UsageError or ConfigError; the file stays as it was."""
    path = find_config(config, os.environ)
    if path is None:
        raise UsageError("there is no configuration", "name one with --config")
    _write(path, without_target(read_text(path), path, name))
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


def _write(path: Path, text: str) -> None:
    try:
        write_atomically(path, text)
    except OSError as exc:
        raise UsageError(f'cannot write "{path}": {exc.strerror}') from None
