"""`llmprobe.settings/1`: the effective values of a configuration (`config show`), as JSON and as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from llmprobe.model import settings as model
from llmprobe.reports.interface import Look
from llmprobe.reports.parts.rich_text import plain_table


class Value(Struct, frozen=True):
    """An effective value, secrets as ***, and where it came from."""

    value: Any
    origin: str


class TargetSettings(Struct, frozen=True):
    """The values of one target by their keys."""

    target: str
    values: Mapping[str, Value]


class GroupSettings(Struct, frozen=True):
    """A group, and how many of its members have to work."""

    name: str
    members: Sequence[str]
    need: int


class Settings(Struct, frozen=True, tag_field="schema", tag="llmprobe.settings/1"):
    """All targets and groups, the file or the place that they are from, and what is set for all together."""

    source: str
    targets: Sequence[TargetSettings]
    groups: Sequence[GroupSettings]
    run: Mapping[str, Value] = field(default_factory=dict)


def document(settings: model.Settings) -> Settings:
    return Settings(
        source=settings.source,
        targets=[TargetSettings(name, _values(values)) for name, values in settings.targets.items()],
        groups=[GroupSettings(g.name, g.members, g.need) for g in settings.groups],
        run=_values(settings.run),
    )


def _values(settings: Mapping[str, model.Setting]) -> Mapping[str, Value]:
    return {key: Value(setting.value, setting.origin) for key, setting in settings.items()}


def text(settings: model.Settings, look: Look) -> str:
    """A table of what holds for all, one for each target, and a line for each group."""
    parts = [f"from {settings.source}\n\n{_table(settings.run, look)}"]
    parts += [f"\n[{name}]\n{_table(values, look)}" for name, values in settings.targets.items()]
    parts += [
        f"\ngroup {one.name}: needs {one.need} of {', '.join(one.members)}\n" for one in settings.groups
    ]
    return "".join(parts)


def _table(settings: Mapping[str, model.Setting], look: Look) -> str:
    rows = [(key, _shown(setting.value), setting.origin) for key, setting in settings.items()]
    return plain_table(("key", "value", "from"), rows, look)


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{k}: {v}" for k, v in value.items()) or "–"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "–"
    return "–" if value is None else str(value)
