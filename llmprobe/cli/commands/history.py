"""`llmprobe history`, `incidents`, `report` and `baseline`: signatures only; the work is in `recalling`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from llmprobe.cli.options import ConfigOption, DbOption, ListFormatOption, NoColorOption, TableOrJson

TargetArgument = Annotated[
    str | None, typer.Argument(help="One target; else all that were recorded.", show_default=False)
]
SinceOption = Annotated[
    str, typer.Option("--since", metavar="DURATION", help="How far back, such as 24h or 7d.")
]


class ReportFormat(StrEnum):
    """Formats of the report over a time."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


def history(
    target: TargetArgument = None,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="Results of each target.")] = 40,
    config: ConfigOption = None,
    db: DbOption = None,
    format: ListFormatOption = TableOrJson.TABLE,
    no_color: NoColorOption = False,
) -> None:
    """
    Show recent results, and a line of how each target went.

    Example: llmprobe history claude -n 100
    """
    from llmprobe.cli.recalling import Recall

    Recall(config, db, no_color=no_color).history(target, limit, str(format))


def incidents(
    target: TargetArgument = None,
    since: SinceOption = "30d",
    config: ConfigOption = None,
    db: DbOption = None,
    format: ListFormatOption = TableOrJson.TABLE,
    no_color: NoColorOption = False,
) -> None:
    """
    List incidents: from the first failure to the first success that held.

    Example: llmprobe incidents --since 7d
    """
    from llmprobe.cli.recalling import Recall

    Recall(config, db, no_color=no_color).incidents(target, since, str(format))


def report(
    targets: Annotated[
        list[str] | None, typer.Argument(help="Targets; else all.", show_default=False)
    ] = None,
    since: SinceOption = "7d",
    config: ConfigOption = None,
    db: DbOption = None,
    format: Annotated[
        ReportFormat, typer.Option("-f", "--format", help="table, json, markdown or html.")
    ] = ReportFormat.TABLE,
    no_color: NoColorOption = False,
) -> None:
    """
    Report uptime, incidents by cause, time to recover, percentiles and worst hours.

    Example: llmprobe report --since 30d -f html > report.html
    """
    from llmprobe.cli.recalling import Recall

    Recall(config, db, no_color=no_color).report(targets or [], since, str(format))


def baseline(
    target: TargetArgument = None,
    config: ConfigOption = None,
    db: DbOption = None,
    format: ListFormatOption = TableOrJson.TABLE,
    no_color: NoColorOption = False,
) -> None:
    """
    Show what is usual for each target at this hour of the day, over the last 28 days.

    Example: llmprobe baseline claude
    """
    from llmprobe.cli.recalling import Recall

    Recall(config, db, no_color=no_color).baseline(target, str(format))
