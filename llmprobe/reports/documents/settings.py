"""`llmprobe.settings/1`: what a configuration comes to (`config show`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct


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
    """All targets and groups, and the file or the place that they are from."""

    source: str
    targets: Sequence[TargetSettings]
    groups: Sequence[GroupSettings]
