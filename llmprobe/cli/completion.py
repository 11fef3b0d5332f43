"""
Names for the shell's completion. Whatever goes wrong completes nothing, and says nothing.

A key is pressed for each of these: only what a name needs is imported, and files are read as they are,
without checking them.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).parents[1]
_PROVIDER = re.compile(r"^\[providers\.([\w-]+)\]$", re.M)


def names(kind: str, incomplete: str) -> list[str]:
    """The names of a kind that begin with what was typed; after a comma, of its last part."""
    before, comma, last = incomplete.rpartition(",") if kind in _LISTS else ("", "", incomplete)
    try:
        known = list(_KINDS[kind]())
    except Exception:
        return []
    return [f"{before}{comma}{name}" for name in known if name.startswith(last)]


def target_names(incomplete: str) -> list[str]:
    """Targets, `group:NAME` and `@tag` of the configuration; without one, providers."""
    return names("targets", incomplete)


def provider_names(incomplete: str) -> list[str]:
    """Providers of the catalogue."""
    return names("providers", incomplete)


def category_names(incomplete: str) -> list[str]:
    """Categories of the classifier."""
    return names("categories", incomplete)


def model_names(incomplete: str) -> list[str]:
    """Models of the catalogue: defaults and those whose end is announced."""
    return names("models", incomplete)


def _targets() -> Iterator[str]:
    """As on the command line of `check`."""
    document = _configuration()
    if not document.get("targets"):
        yield from sorted(_providers())
        return
    yield from _configured()
    yield from (f"group:{name}" for name in document.get("groups", {}))
    common = document.get("defaults", {}).get("tags", [])
    tags = {tag for table in document["targets"].values() for tag in table.get("tags", common)}
    yield from (f"@{tag}" for tag in sorted(tags))


def _configured() -> Iterator[str]:
    """Each target, those of several models one by one."""
    for name, table in _configuration().get("targets", {}).items():
        models = table.get("models")
        yield from (f"{name}/{model}" for model in models) if models else (name,)


def _removable() -> Iterator[str]:
    """The tables of the file, which is what `config remove` takes."""
    yield from _configuration().get("targets", {})


def _groups() -> Iterator[str]:
    yield from _configuration().get("groups", {})
    yield from _targets()


def _pages() -> Iterator[str]:
    """What `status` takes: targets, and providers."""
    yield from dict.fromkeys([*_configured(), *sorted(_providers())])


def _past() -> Iterator[str]:
    """Targets that the history knows."""
    from llmprobe.history import open_history
    from llmprobe.history.queries import targets

    with open_history(_history(), create=False) as history:
        yield from targets(history)


def _history() -> Path:
    """The file, by the same order as everywhere."""
    named = _configuration().get("history", {}).get("path") or os.environ.get("LLMPROBE_DB")
    if named:
        return Path(named).expanduser()
    from llmprobe.config.files import state_folder

    return state_folder() / "history.db"


def _providers() -> Iterator[str]:
    text = (_PACKAGE / "providers" / "catalog.toml").read_text(encoding="utf-8")
    yield from (match[1] for match in _PROVIDER.finditer(text))


def _models() -> Iterator[str]:
    text = (_PACKAGE / "providers" / "catalog.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)["providers"].values()
    found = {
        model
        for table in tables
        for model in (table.get("model"), table.get("embedding_model"), *table.get("retires", ()))
    }
    yield from sorted(filter(None, found))


def _categories() -> Iterator[str]:
    from llmprobe.model.enums import Category

    yield from Category


def _probes() -> Iterator[str]:
    from llmprobe.model.enums import ProbeKind

    yield from ProbeKind


def _fail_on() -> Iterator[str]:
    from llmprobe.engine.outcome.exit_code import FAIL_ON_WORDS

    yield from FAIL_ON_WORDS


def _behaviours() -> Iterator[str]:
    from llmprobe.simulator.behaviours import BEHAVIOURS

    yield from sorted(BEHAVIOURS)


def _certificates() -> Iterator[str]:
    from llmprobe.simulator import CERTIFICATES

    yield from CERTIFICATES


def _dialects() -> Iterator[str]:
    from llmprobe.providers import dialects

    yield from dialects()


def _files() -> Iterator[str]:
    """`json:`, after which the path of a file follows."""
    from llmprobe.reports import FORMATS

    yield from (f"{name}:" for name in FORMATS)


def _schemas() -> Iterator[str]:
    from llmprobe.reports.schemas import NAMES

    yield from ("config", *NAMES)


_KINDS: Mapping[str, Callable[[], Iterator[str]]] = {
    "targets": _targets,
    "configured": _removable,
    "groups": _groups,
    "pages": _pages,
    "past": _past,
    "providers": lambda: iter(sorted(_providers())),
    "models": _models,
    "categories": _categories,
    "probes": _probes,
    "fail-on": _fail_on,
    "behaviours": _behaviours,
    "certificates": _certificates,
    "dialects": _dialects,
    "files": _files,
    "schemas": _schemas,
    "pick formats": lambda: iter(("text", "json", "shell")),
    "diagnosis formats": lambda: iter(("table", "json", "markdown")),
    "webhook formats": lambda: iter(("llmprobe", "alertmanager")),
}
_LISTS = {"probes", "fail-on"}
"""Kinds of which several may stand in one word, with commas."""


def _configuration() -> dict[str, Any]:
    """The file as it is, by the order of discovery; {} where none can be read."""
    path = _place()
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return {}


def _place() -> Path:
    for named in (os.environ.get("LLMPROBE_CONFIG"), "llmprobe.toml"):
        if named and Path(named).is_file():
            return Path(named)
    from llmprobe.config.files import user_config

    return user_config()
