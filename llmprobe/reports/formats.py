"""
The output formats and what each can do. A format's module is imported when it is used: JSON needs no rich.

A module offers `render(run, look)`; one that `streams` also `Lines`, one that `owns_exit_code`
also `exit_code(run)` and `refusal(message)`, and one that is written in parts `pieces(run, look)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from llmprobe.model import Result, Run
    from llmprobe.reports.interface import Lines, Look


class Abilities(NamedTuple):
    """
    What a format can do beyond rendering a run.

    Attributes:
        for_people: Sentences may stand beside it, or instead of it.
        streams: Each result is written as it arrives.
        owns_exit_code: The process ends as the format's readers expect, also where nothing could be sent.
        summary: The format of a page that the CI system offers, and the variable that names its file.
    """

    for_people: bool = False
    streams: bool = False
    owns_exit_code: bool = False
    summary: tuple[str, str] | None = None


NO_MORE = Abilities()


class Format(StrEnum):
    """A format by its name, with its module in this package and its abilities."""

    def __new__(cls, name: str, module: str, can: Abilities = NO_MORE) -> Format:
        member = str.__new__(cls, name)
        member._value_ = name
        member._module, member._can = module, can  # type: ignore[attr-defined]
        return member

    TABLE = "table", "table", Abilities(for_people=True)
    JSON = "json", "json_report"
    NDJSON = "ndjson", "ndjson", Abilities(streams=True)
    QUIET = "quiet", "quiet", Abilities(for_people=True)
    JUNIT = "junit", "junit"
    TAP = "tap", "tap"
    GITHUB = "github", "github", Abilities(summary=("markdown", "GITHUB_STEP_SUMMARY"))
    MARKDOWN = "markdown", "markdown"
    CSV = "csv", "csv_report"
    PROMETHEUS = "prometheus", "prometheus"
    CLOUDPROBER = "cloudprober", "cloudprober"
    NAGIOS = "nagios", "nagios", Abilities(owns_exit_code=True)
    HTML = "html", "html"

    @property
    def can(self) -> Abilities:
        can: Abilities = self._can  # type: ignore[attr-defined]
        return can

    def render(self, run: Run, look: Look) -> str:
        return "".join(self.pieces(run, look))

    def pieces(self, run: Run, look: Look) -> Iterator[str]:
        """The report as it is written: in parts where its module makes it so, else whole."""
        module = self._loaded()
        if hasattr(module, "pieces"):
            yield from module.pieces(run, look)
        else:
            yield module.render(run, look)

    def lines(self, write: Callable[[str], None], may_amend: Callable[[Result], bool]) -> Lines:
        """Writes each result as it arrives; one that may still be amended waits for the end."""
        lines: Lines = self._loaded().Lines(write, may_amend)
        return lines

    def exit_code(self, run: Run, interrupted: int | None = None) -> int:
        """What the process ends with; `interrupted` is the code of the signal that ended the run early."""
        if not self.can.owns_exit_code:
            return interrupted or int(run.exit_code)
        code: int = self._loaded().exit_code(run, interrupted=interrupted is not None)
        return code

    def refusal(self, message: str) -> tuple[str, int]:
        """What is printed where nothing could be sent, and the exit code."""
        told: tuple[str, int] = self._loaded().refusal(message)
        return told

    def _loaded(self) -> Any:
        return import_module(f"llmprobe.reports.{self._module}")  # type: ignore[attr-defined]


FORMATS = {format.value: format for format in Format}
"""Every format by its name."""
