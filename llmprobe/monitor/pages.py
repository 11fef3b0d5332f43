"""The vendors' own status pages of providers, of targets, or of a whole configuration."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from llmprobe.config import Selection, make_plan
from llmprobe.config.convert import require_known
from llmprobe.config.files import find_config
from llmprobe.model.page import PageReading
from llmprobe.providers import providers
from llmprobe.statuspages import PageSource, page_of, read_pages


async def status(names: Sequence[str] = (), config: Path | None = None) -> list[PageReading]:
    """
    Read status pages.

    Args:
        names: Providers, or targets of the configuration; none means those of the configuration, else all.

    Raises:
        UsageError: A name is neither a provider with a page nor a target.
    """
    return await read_pages(_wanted(names, config))


def _wanted(names: Sequence[str], config: Path | None) -> list[PageSource]:
    known = {
        p.id: PageSource(p.id, p.title, p.status) for p in providers().values() if p.status and not p.retired
    }
    own = _of_configuration(config)
    if not names:
        return list(dict.fromkeys(own.values())) or list(known.values())
    found = {**known, **own}
    for name in names:
        require_known("provider with a status page", name, list(found))
    return [found[name] for name in names]


def _of_configuration(config: Path | None) -> dict[str, PageSource]:
    """Each target's name and its page; nothing where there is no configuration."""
    path = find_config(config, os.environ)
    if path is None:
        return {}
    plan = make_plan(Selection(config=path, read_secrets=False), os.environ)
    pages = {target.name: page_of(target) for target in plan}
    return {name: page for name, page in pages.items() if page is not None}
