"""What the history answers: results, incidents, the report over a time, and what is usual."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from llmprobe.config.convert import require_known
from llmprobe.config.files import find_config
from llmprobe.config.history import history_path, history_settings
from llmprobe.config.load import Loaded, load
from llmprobe.config.rules import rules
from llmprobe.history import History, open_history, queries
from llmprobe.history.baseline import baselines
from llmprobe.history.report import report
from llmprobe.model.past import Baseline, Incident, PastReport, PastResult


class Past:
    """
    One history, asked. Instants are epoch seconds; every question opens the file anew.

    Args:
        config: The configuration that names the history; None follows the order of discovery.
        db: The history itself; stronger.

    Raises:
        HistoryError, ConfigError, UsageError: It cannot be read, or a target is not in it.
    """

    def __init__(self, config: Path | None = None, db: Path | None = None) -> None:
        found = find_config(config, os.environ)
        self._loaded = load(found) if found else Loaded()
        self._path = history_path(db, history_settings(self._loaded.history), os.environ)
        self.now_utc = time.time()

    def results(self, target: str | None, limit: int) -> Mapping[str, Sequence[PastResult]]:
        """The last `limit` results of one target, or of each; the newest first."""
        with self._open() as history:
            names = [_known(history, target)] if target else queries.targets(history)
            return {name: queries.recent(history, name, limit) for name in names}

    def incidents(self, target: str | None, since_s: float) -> Sequence[Incident]:
        """Those that were open at some time in the last `since_s` seconds; of groups, too."""
        with self._open() as history:
            name = _known(history, target, groups=True) if target else None
            return queries.incidents(history, self.now_utc - since_s, name)

    def report(self, targets: Sequence[str], since_s: float, *, with_cells: bool = False) -> PastReport:
        """
        Uptime, incidents by cause, time to recover and percentiles of the last `since_s` seconds.

        Args:
            with_cells: With what a page draws: cells, paces, and the headroom.
        """
        now = self.now_utc
        with self._open() as history:
            names = [_known(history, target) for target in targets]
            found = report(history, now - since_s, now, names, with_cells=with_cells)
        return replace(found, rules=rules(self._loaded, [row.target for row in found.targets]))

    def baselines(self, target: str | None) -> Sequence[Baseline]:
        """What is usual at this hour of the day, over the last 28 days."""
        with self._open() as history:
            name = _known(history, target) if target else None
            return baselines(history, self.now_utc, name)

    def _open(self) -> History:
        return open_history(self._path, create=False)


def _known(history: History, target: str, *, groups: bool = False) -> str:
    """The name, if anything was recorded of it; incidents are of groups, too."""
    known = queries.targets(history)
    if groups:
        known += sorted({i.target for i in queries.incidents(history, 0.0)} - set(known))
    require_known("target", target, known)
    return target
