"""Names for the shell's completion. Whatever goes wrong completes nothing, and says nothing."""

from __future__ import annotations

import os

from llmprobe.errors import LlmprobeError
from llmprobe.model import Category
from llmprobe.providers import providers


def target_names(incomplete: str) -> list[str]:
    """Targets, `group:NAME` and `@tag` of the configuration; without one, providers."""
    return _beginning(incomplete, _from_configuration() or sorted(providers()))


def provider_names(incomplete: str) -> list[str]:
    return _beginning(incomplete, sorted(providers()))


def category_names(incomplete: str) -> list[str]:
    return _beginning(incomplete, list(Category))


def model_names(incomplete: str) -> list[str]:
    """Models of the catalogue: defaults and those whose end is announced."""
    found = {
        model for p in providers().values() for model in (p.model, p.embedding_model, *p.retires) if model
    }
    return _beginning(incomplete, sorted(found))


def _from_configuration() -> list[str]:
    from llmprobe.config.files import find_config
    from llmprobe.config.load import load
    from llmprobe.config.select import entries_of, groups_of

    try:
        path = find_config(None, os.environ)
        if path is None:
            return []
        loaded = load(path)
        entries = entries_of(loaded)
        groups = [f"group:{group.name}" for group in groups_of(loaded, entries)]
    except LlmprobeError:
        return []
    tags = {f"@{tag}" for entry in entries for tag in entry.tags}
    return [*(entry.name for entry in entries), *groups, *sorted(tags)]


def _beginning(incomplete: str, names: list[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
