"""`llmprobe.settings/1`: what a configuration comes to (`config show`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field


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
