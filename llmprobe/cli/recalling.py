"""What `history`, `incidents`, `report` and `baseline` do: ask the history, and show its answer."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from llmprobe.cli.durations import parse_duration_flag
from llmprobe.cli.output import Screen
from llmprobe.config.convert import require_known
from llmprobe.config.files import find_config
from llmprobe.config.history import history_path, memory_settings
from llmprobe.config.load import Loaded, load
from llmprobe.history import History, open_history, queries
from llmprobe.history.baseline import baselines


class Recall:
    """
    The history that `--db`, the configuration or the environment names.

    Raises:
        HistoryError, ConfigError, UsageError: It cannot be read, or a target is not in it.
    """

    def __init__(self, config: Path | None, db: Path | None, *, no_color: bool) -> None:
        found = find_config(config, os.environ)
        loaded = load(found) if found else Loaded()
        self._path = history_path(db, memory_settings(loaded.history), os.environ)
        self._screen = Screen(no_color=no_color)
        self._now = time.time()

    def history(self, target: str | None, limit: int, format: str) -> None:
        from llmprobe.reports.past import as_json as past_json

        with self._open() as history:
            names = [self._known(history, target)] if target else queries.targets(history)
            results = {name: queries.recent(history, name, limit) for name in names}
        if format == "json":
            self._screen.write(past_json.history_json(results))
            return
        from llmprobe.reports.past import text as past_text

        look = self._screen.look
        if target:
            self._screen.write(past_text.results_of(results[target], look))
        elif results:
            self._screen.write(past_text.overview(results, look, self._now))
        else:
            self._screen.note("nothing was recorded yet")

    def incidents(self, target: str | None, since: str, format: str) -> None:
        from llmprobe.reports.past import as_json as past_json

        with self._open() as history:
            name = self._known(history, target, groups=True) if target else None
            found = queries.incidents(history, self._since(since), name)
        if format == "json":
            self._screen.write(past_json.incidents_json(found, self._now))
        elif found:
            from llmprobe.reports.past import text as past_text

            self._screen.write(past_text.incident_table(found, self._screen.look, self._now))
        else:
            self._screen.note(f"no incident in the last {since}")

    def report(self, targets: Sequence[str], since: str, format: str) -> None:
        from llmprobe.reports.past import as_json as past_json
        from llmprobe.reports.past import html as past_html
        from llmprobe.reports.past import markdown as past_markdown

        with self._open() as history:
            names = [self._known(history, target) for target in targets]
            found = queries.report(history, self._since(since), self._now, names)
        if format == "table":
            from llmprobe.reports.past import text as past_text

            self._screen.write(past_text.report_table(found, self._screen.look))
            return
        render = {
            "json": past_json.report_json,
            "markdown": past_markdown.render,
            "html": past_html.render,
        }[format]
        self._screen.write(render(found))

    def baseline(self, target: str | None, format: str) -> None:
        from llmprobe.reports.past import as_json as past_json

        with self._open() as history:
            name = self._known(history, target) if target else None
            found = baselines(history, self._now, name)
        if format == "json":
            self._screen.write(past_json.baselines_json(found))
        elif found:
            from llmprobe.reports.past import text as past_text

            self._screen.write(past_text.baseline_table(found, self._screen.look))
        else:
            self._screen.note("no results at this hour of the day yet")

    def _open(self) -> History:
        return open_history(self._path, create=False)

    def _known(self, history: History, target: str, *, groups: bool = False) -> str:
        """The name, if anything was recorded of it; incidents are of groups, too."""
        known = queries.targets(history)
        if groups:
            known += sorted({i.target for i in queries.incidents(history, 0.0)} - set(known))
        require_known("target", target, known)
        return target

    def _since(self, text: str) -> float:
        return self._now - parse_duration_flag("--since", text)
