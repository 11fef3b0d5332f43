"""One JSON object a line: each result as it arrives, once nothing can change it any more."""

from __future__ import annotations

from collections.abc import Callable

from llmprobe.json_text import compact
from llmprobe.model import ProbeKind, Result, Run
from llmprobe.reports.interface import Look
from llmprobe.reports.json_report import LINE_SCHEMA, result_json


class Lines:
    """
    Writes the lines of a run while it goes on.

    A result that the other results or the past may still amend (a rejected key, a slow answer) waits
    for the end of the run, so that every line says what the JSON of the run says.
    """

    def __init__(self, write: Callable[[str], None], may_amend: Callable[[Result], bool]) -> None:
        self._write = write
        self._may_amend = may_amend
        self._written: set[tuple[str, ProbeKind]] = set()

    def add(self, result: Result) -> None:
        if not self._may_amend(result):
            self._written.add((result.target, result.probe))
            self._write(line(result))

    def end(self, run: Run) -> None:
        """The results that had to wait, and those that never came to an end."""
        for result in run.results:
            if (result.target, result.probe) not in self._written:
                self._write(line(result))


def line(result: Result) -> str:
    """One result, with its line end."""
    return compact({"schema": LINE_SCHEMA, **result_json(result)}) + "\n"


def render(run: Run, look: Look) -> str:
    """All results, for a file that is written at the end."""
    return "".join(line(result) for result in run.results)
