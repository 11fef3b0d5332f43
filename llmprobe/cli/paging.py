"""What `status` does: read the pages of some providers and say what they claim."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from llmprobe.cli.event_loop import in_loop
from llmprobe.cli.output import Screen
from llmprobe.config import Wanted as Targets
from llmprobe.config import make_plan
from llmprobe.config.convert import require_known
from llmprobe.config.files import find_config
from llmprobe.json_text import readable
from llmprobe.model import ExitCode
from llmprobe.providers import providers
from llmprobe.reports.json_report import page_json
from llmprobe.statuspages import Wanted, page_of, read_pages


def run_status(names: Sequence[str], config: Path | None, format: str, *, no_color: bool) -> int:
    """
    Run `status`.

    Returns:
        1 when a page tells of trouble with its API, else 0.

    Raises:
        LlmprobeError: A name is neither a provider with a page nor a target.
    """
    screen = Screen(no_color=no_color)
    pages = in_loop(read_pages(_wanted(names, config)))
    if format == "json":
        document = {"schema": "llmprobe.status/1", "status_pages": [page_json(page) for page in pages]}
        screen.write(readable(document))
    else:
        from llmprobe.reports.pages_table import pages_table

        screen.write(pages_table(pages, screen.look))
    return int(ExitCode.FAILED if any(page.state.is_trouble for page in pages) else ExitCode.OK)


def _wanted(names: Sequence[str], config: Path | None) -> list[Wanted]:
    known = {
        p.id: Wanted(p.id, p.title, p.status) for p in providers().values() if p.status and not p.retired
    }
    own = _of_configuration(config)
    if not names:
        return list(dict.fromkeys(own.values())) or list(known.values())
    found = {**known, **own}
    for name in names:
        require_known("provider with a status page", name, list(found))
    return [found[name] for name in names]


def _of_configuration(config: Path | None) -> dict[str, Wanted]:
    """Each target's name and its page; nothing where there is no configuration."""
    path = find_config(config, os.environ)
    if path is None:
        return {}
    plan = make_plan(Targets(config=path, read_secrets=False), os.environ)
    pages = {built.target.name: page_of(built.target) for built in plan.built}
    return {name: page for name, page in pages.items() if page is not None}
