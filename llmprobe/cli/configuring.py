"""What `config check` and `config show` do."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from llmprobe.cli.output import Screen
from llmprobe.config import Wanted, make_plan
from llmprobe.config.files import find_config
from llmprobe.config.targets import Built
from llmprobe.engine.preview import masked_headers
from llmprobe.errors import UsageError
from llmprobe.redact import without_credentials
from llmprobe.reports.rich_text import plain_table
from llmprobe.units import format_duration

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
    plan = make_plan(Wanted(config=path, env_file=env_file, read_secrets=False), os.environ)
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
    plan = make_plan(Wanted(targets, config, env_file, read_secrets=False), os.environ)
    screen = Screen(no_color=no_color)
    if format == "json":
        shown = [
            {"target": b.target.name, "values": {k: {"value": v, "origin": o} for k, v, o in _values(b)}}
            for b in plan.built
        ]
        document = {"source": plan.source, "targets": shown, "groups": [_group(g) for g in plan.groups]}
        screen.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return
    screen.write(f"from {plan.source}\n")
    for built in plan.built:
        rows = [(key, _shown(value), origin) for key, value, origin in _values(built)]
        screen.write(f"\n[{built.target.name}]\n" + plain_table(("key", "value", "from"), rows, screen.look))
    for group in plan.groups:
        screen.write(f"\ngroup {group.name}: needs {group.need} of {', '.join(group.members)}\n")


def _values(built: Built) -> Iterator[tuple[str, Any, str]]:
    target, origins = built.target, built.origins

    def row(key: str, value: Any, origin_key: str | None = None) -> tuple[str, Any, str]:
        return key, value, origins.get(origin_key or key, "default")

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
        if value not in (None, ()):
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


def _group(group: Any) -> dict[str, object]:
    return {"name": group.name, "members": list(group.members), "need": group.need}


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    if isinstance(value, dict):
        return ", ".join(f"{k}: {v}" for k, v in value.items()) or "–"
    return str(value)
