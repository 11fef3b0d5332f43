"""`llmprobe` with nothing behind it, on a terminal: what was found, and what one would want next."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from llmprobe.cli.screen import Screen
from llmprobe.config.files import find_config
from llmprobe.config.history import HistorySettings, history_path, history_settings
from llmprobe.config.load import Loaded, load
from llmprobe.config.select import entries_from_environment, entries_of
from llmprobe.durations import format_duration
from llmprobe.errors import LlmprobeError
from llmprobe.model import CATEGORY_WORDS
from llmprobe.model.past import PastResult
from llmprobe.version import __version__

_MOST = 8


def show() -> int:
    """Print it; whatever cannot be read is told in a line. Returns 0."""
    screen = Screen()
    lines = [f"llmprobe {__version__}: is the LLM API up, whose fault is it, where did the time go?", ""]
    found = entries_from_environment(os.environ)
    try:
        path = find_config(None, os.environ)
        loaded = load(path) if path else None
        lines.append(f"configuration  {_configuration(loaded)}")
        has_anything = bool(loaded or found)
    except LlmprobeError as exc:
        lines.append(f"configuration  {exc.message}")
        loaded, has_anything = None, True
    names = [entry.name for entry in found]
    lines.append(f"keys           {_some(names) if names else 'none in the environment'}")
    lines += _lately(loaded)
    lines += ["", *(_WITH_TARGETS if has_anything else _WITHOUT), "", "llmprobe --help lists all commands"]
    screen.write("\n".join(lines) + "\n")
    return 0


def _configuration(loaded: Loaded | None) -> str:
    if loaded is None:
        return "none (not needed: keys in the environment are enough)"
    return f"{loaded.path}: {_some([entry.name for entry in entries_of(loaded)])}"


def _lately(loaded: Loaded | None) -> list[str]:
    """The last verdict of each target that was recorded."""
    settings = history_settings(loaded.history) if loaded else HistorySettings()
    path = history_path(None, settings, os.environ)
    if not path.exists():
        return []
    try:
        past = _last_results(path)
    except LlmprobeError as exc:
        return [f"history        {exc.message}"]
    return [f"{'last verdicts' if not n else '':<15}{_verdict(one)}" for n, one in enumerate(past)]


_WITHOUT = (
    "llmprobe demo              see it work, without a key and without a network",
    "llmprobe init --local      find keys and servers, write a configuration",
    "llmprobe check openai      probe one provider (its key: OPENAI_API_KEY)",
)
_WITH_TARGETS = (
    "llmprobe check             is everything up?",
    "llmprobe diagnose TARGET   one target, rung by rung: where does it break?",
    "llmprobe status            what do the vendors' own pages say?",
)
"""The three commands that one would want, given what is there."""


def _last_results(path: Path) -> Sequence[PastResult]:
    from llmprobe.history import open_history
    from llmprobe.history.queries import recent, targets

    with open_history(path, create=False) as history:
        return [recent(history, name, 1)[0] for name in targets(history)[:_MOST]]


def _verdict(past: PastResult) -> str:
    ago = format_duration(max(0.0, time.time() - past.at_utc))
    return f"{past.target}: {past.status}, {CATEGORY_WORDS[past.category]}, {ago} ago"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more if names else "nothing"
