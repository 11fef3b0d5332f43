"""The effective values of a configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from llmprobe.model.target import Group


class Setting(Struct, frozen=True):
    """One effective value (secrets are `***`), and the flag, line, variable or default that set it."""

    value: Any
    origin: str


class Settings(Struct, frozen=True):
    """Where the configuration is from; the values of each target and of all together, by key; the groups."""

    source: str
    targets: Mapping[str, Mapping[str, Setting]]
    groups: Sequence[Group]
    run: Mapping[str, Setting]
