"""Which targets: names, globs, `@tag`, `group:NAME`; without a file, providers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from llmprobe.config.convert import near, suggestion
from llmprobe.config.groups import Named, matches
from llmprobe.config.load import Loaded
from llmprobe.config.quoting import quoted
from llmprobe.config.schema import DefaultsTable, TargetTable
from llmprobe.config.targets import Entry, given
from llmprobe.errors import UsageError
from llmprobe.model import Group
from llmprobe.providers import providers


def entries_of(loaded: Loaded) -> list[Entry]:
    """Every target of the file, `models = […]` expanded, in the file's order."""
    entries = []
    for name, table in loaded.targets.items():
        place = partial(_place, loaded, name)
        models = given(table.models, [])
        if models:
            entries += [Entry(f"{name}/{m}", table, loaded.defaults, m, place) for m in models]
        else:
            entries.append(Entry(name, table, loaded.defaults, None, place))
    return entries


def groups_of(loaded: Loaded, entries: Sequence[Entry]) -> list[Group]:
    """Groups with the names of their members; that each pattern matches was checked with the file."""
    return [
        Group(name, tuple(dict.fromkeys(m for p in table.members for m in _matched(entries, p))), table.need)
        for name, table in loaded.groups.items()
    ]


def select(entries: Sequence[Entry], groups: Sequence[Group], wanted: Sequence[str]) -> list[Entry]:
    """
    The entries that the command line names, in the file's order; all of them when it names none.

    Raises:
        UsageError: A name matches nothing (the nearest one is told).
    """
    if not wanted:
        return list(entries)
    chosen: set[str] = set()
    extra: list[Entry] = []
    for pattern in wanted:
        names = _names_for(pattern, entries, groups)
        if not names and (ad_hoc := provider_entry(pattern)) is not None:
            extra.append(ad_hoc)
            continue
        if not names:
            known = [e.name for e in entries] + [f"group:{g.name}" for g in groups]
            known += sorted({f"@{tag}" for e in entries for tag in e.tags})
            known += [name for name in providers() if near(pattern, [name])]
            raise UsageError(
                f"no target matches {quoted(pattern)}", suggestion(pattern, known or list(providers()))
            )
        chosen |= names
    return [entry for entry in entries if entry.name in chosen] + extra


def provider_entry(text: str) -> Entry | None:
    """`PROVIDER` or `PROVIDER/MODEL` as a target without a file; None when there is no such provider."""
    provider, _, model = text.partition("/")
    if provider not in providers():
        return None
    return Entry(
        text, TargetTable(provider=provider), DefaultsTable(), model or None, lambda _: "command line"
    )


def entries_from_environment(env: Mapping[str, str]) -> list[Entry]:
    """One target for each provider whose key is set, by each provider's own rules."""
    entries = []
    for provider in providers().values():
        if provider.local or provider.retired or any(_is_true(env.get(v)) for v in provider.yields_to):
            continue
        has_key = any(env.get(key.env, "").strip() for key in provider.keys)
        if has_key and all(any(env.get(v) for v in need.split("|")) for need in provider.requires):
            table = TargetTable(provider=provider.id)
            entries.append(Entry(provider.id, table, DefaultsTable(), None, lambda _: "environment"))
    return entries


def _place(loaded: Loaded, name: str, key: str) -> str:
    return loaded.where(["targets", name, key])


def _names_for(pattern: str, entries: Sequence[Entry], groups: Sequence[Group]) -> set[str]:
    if pattern.startswith("group:"):
        return {m for g in groups if g.name == pattern[6:] for m in g.members}
    return set(_matched(entries, pattern))


def _matched(entries: Sequence[Entry], pattern: str) -> list[str]:
    return [entry.name for entry in entries if matches(Named(entry.name, entry.tags), pattern)]


def _is_true(value: str | None) -> bool:
    return (value or "").strip().lower() in ("1", "true", "yes", "on")
