"""What the history answers: results, incidents, the report over a time, and what is usual."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from llmprobe.config.convert import require_known
from llmprobe.config.files import find_config
from llmprobe.config.history import history_path, history_settings
from llmprobe.config.load import Loaded, load
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
        loaded = load(found) if found else Loaded()
        self._path = history_path(db, history_settings(loaded.history), os.environ)
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

    def report(self, targets: Sequence[str], since_s: float) -> PastReport:
        """Uptime, incidents by cause, time to recover and percentiles of the last `since_s` seconds."""
        with self._open() as history:
            names = [_known(history, target) for target in targets]
            return report(history, self.now_utc - since_s, self.now_utc, names)

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
