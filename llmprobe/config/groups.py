"""Which targets a name, a glob or a `@tag` means, and groups whose members are not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct, UnsetType

from llmprobe.config.convert import suggestion
from llmprobe.config.quoting import quoted
from llmprobe.config.schema import DefaultsTable, GroupTable, TargetTable
from llmprobe.errors import Mistake


class Named(Struct, frozen=True):
    """A target by its name and tags. `is_open`: its models cannot be read, so any of them may be meant."""

    name: str
    tags: Sequence[str] = ()
    is_open: bool = False


def is_pattern(model: str | None) -> bool:
    """Whether a model's name means several of the provider's list: `*`, `gpt-*`."""
    return model is not None and not {"*", "?"}.isdisjoint(model)


def matches(target: Named, pattern: str) -> bool:
    """Whether a name, a glob, `@tag`, or the name of a target with several models means this one."""
    if pattern.startswith("@"):
        return pattern[1:] in target.tags
    if target.is_open and pattern.startswith(f"{target.name}/"):
        return True
    return (
        target.name == pattern or fnmatchcase(target.name, pattern) or target.name.startswith(pattern + "/")
    )


def named(name: str, table: TargetTable, defaults: DefaultsTable | None) -> list[Named]:
    """One for each of a table's models."""
    common = defaults.tags if defaults is not None else ()
    tags = next((tags for tags in (table.tags, common) if not isinstance(tags, UnsetType)), ())
    models = [] if isinstance(table.models, UnsetType) else table.models
    return [Named(f"{name}/{model}", tags) for model in models] or [Named(name, tags)]


def group_mistakes(
    groups: Mapping[str, GroupTable], targets: Sequence[Named], where: Callable[[Sequence[str]], str]
) -> list[Mistake]:
    """Members that match nothing, and groups that need more members than they have."""
    mistakes = []
    for name, table in groups.items():
        place = where(["groups", name, "members"])
        members: set[str] = set()
        for pattern in table.members:
            matched = {target.name for target in targets if matches(target, pattern)}
            members |= matched
            if not matched:
                hint = suggestion(pattern, [target.name for target in targets])
                mistakes.append(Mistake(place, f"no target matches {quoted(pattern)}", hint))
        is_open = any("/" in name and is_pattern(name) for name in members)
        if members and not is_open and table.need > len(members):
            mistakes.append(Mistake(place, f"needs {table.need} healthy members and has {len(members)}"))
    return mistakes
