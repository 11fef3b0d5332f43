"""`llmprobe.models/1`: the models that a key can use, and the day on which each one ends."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from llmprobe.counts import counted
from llmprobe.model import ModelInfo, Target
from llmprobe.reports.interface import Look


class Model(Struct, frozen=True):
    """One model of the provider's list."""

    id: str
    retires_on: str | None


class Models(Struct, frozen=True, tag_field="schema", tag="llmprobe.models/1"):
    """The models of one target."""

    target: str
    provider: str
    models: Sequence[Model]


def document(target: Target, models: Sequence[ModelInfo]) -> Models:
    return Models(target.name, target.provider, [Model(info.id, info.retires_on) for info in models])


def text(target: Target, models: Sequence[ModelInfo], look: Look) -> str:
    """A table for people; the target's own model is marked."""
    from llmprobe.reports.parts.rich_text import plain_table

    rows = [[info.id, info.retires_on or "", _mark(target, info)] for info in models]
    table = plain_table(["model", "ends on", ""], rows, look)
    return f"{table}{counted(len(models), 'model')} of {target.display_provider}\n"


def _mark(target: Target, info: ModelInfo) -> str:
    return "default" if info.id.removeprefix("models/") == target.model else ""
