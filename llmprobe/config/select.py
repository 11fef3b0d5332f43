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

NOT = "!"
"""Before a pattern: all but what it means."""


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

    `!PATTERN` takes out what the pattern (a name, a glob, @tag, a tag, group:NAME) means.

    Raises:
        UsageError: A name matches nothing (the nearest one is told).
    """
    included = [pattern for pattern in wanted if not pattern.startswith(NOT)]
    barred = {
        name
        for pattern in wanted
        if pattern.startswith(NOT)
        for name in _barred(pattern.removeprefix(NOT), entries, groups)
    }
    chosen = _included(entries, groups, included) if included else list(entries)
    left = [entry for entry in chosen if entry.name not in barred]
    if chosen and not left:
        raise UsageError(f"{' '.join(map(quoted, wanted))} leaves no target")
    return left


def is_negative(wanted: Sequence[str]) -> bool:
    """Whether a selection only says what is not wanted: of all targets, then."""
    return all(pattern.startswith(NOT) for pattern in wanted)


def _barred(pattern: str, entries: Sequence[Entry], groups: Sequence[Group]) -> set[str]:
    """Raises UsageError where it matches nothing: a typing error must not let a target through."""
    names = _names_for(pattern, entries, groups) or set(_matched(entries, f"@{pattern}"))
    if not names:
        raise _no_match(pattern, entries, groups, f"{NOT}{pattern}")
    return names


def _included(entries: Sequence[Entry], groups: Sequence[Group], wanted: Sequence[str]) -> list[Entry]:
    chosen: set[str] = set()
    extra: list[Entry] = []
    for pattern in wanted:
        names = _names_for(pattern, entries, groups)
        if not names and (ad_hoc := provider_entry(pattern)) is not None:
            extra.append(ad_hoc)
            continue
        if not names:
            raise _no_match(pattern, entries, groups, pattern)
        chosen |= names
    return [entry for entry in entries if entry.name in chosen] + extra


def _no_match(pattern: str, entries: Sequence[Entry], groups: Sequence[Group], written: str) -> UsageError:
    """With the nearest of what there is: targets, groups, tags, and providers of a like name."""
    known = [e.name for e in entries] + [f"group:{g.name}" for g in groups]
    known += sorted({f"@{tag}" for e in entries for tag in e.tags})
    known += [name for name in providers() if near(pattern, [name])]
    return UsageError(f"no target matches {quoted(written)}", suggestion(pattern, known or list(providers())))


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
