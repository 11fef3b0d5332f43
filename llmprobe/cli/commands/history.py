"""`llmprobe history`, `incidents`, `report` and `baseline`: what the history answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmprobe.cli.options import (
    ConfigOption,
    DbOption,
    ListFormatOption,
    NoColorOption,
    TableOrJson,
    completing,
)
from llmprobe.reports.past import ReportFormat

TargetArgument = Annotated[
    str | None,
    typer.Argument(
        autocompletion=completing("past"),
        help="One target (default: all that were recorded).",
        show_default=False,
    ),
]
SinceOption = Annotated[
    str, typer.Option("--since", metavar="DURATION", help="How far back, such as 24h or 7d.")
]


def history(
    target: TargetArgument = None,
    limit: Annotated[
        int, typer.Option("-n", "--limit", min=1, help="Number of results for each target.")
    ] = 40,
    config: ConfigOption = None,
    db: DbOption = None,
    format: ListFormatOption = TableOrJson.TABLE,
    no_color: NoColorOption = False,
) -> None:
    """
    Show recent results of each target.

    A line tells how it went.

    Example: llmprobe history claude -n 100
    """
    from llmprobe.cli.screen import Screen
    from llmprobe.monitor.past import Past
    from llmprobe.reports.past import as_json

    screen, past = Screen(no_color=no_color), Past(config, db)
    found = past.results(target, limit)
    if format is TableOrJson.JSON:
        screen.write(as_json.history_json(found))
        return
    from llmprobe.reports.past import text

    if target:
        screen.write(text.results_of(found[target], screen.look))
    elif found:
        screen.write(text.overview(found, screen.look, past.now_utc))
    else:
        screen.note("nothing was recorded yet")


def incidents(
    target: TargetArgument = None,
    since: SinceOption = "30d",
    config: ConfigOption = None,
    db: DbOption = None,
    format: ListFormatOption = TableOrJson.TABLE,
    no_color: NoColorOption = False,
) -> None:
    """
    List incidents, open and closed.

    Each lasts from the first failure to the first success that held.

    Example: llmprobe incidents --since 7d
    """
    from llmprobe.cli.durations import parse_duration_flag
    from llmprobe.cli.screen import Screen
    from llmprobe.monitor.past import Past
    from llmprobe.reports.past import as_json

    screen, past = Screen(no_color=no_color), Past(config, db)
    found = past.incidents(target, parse_duration_flag("--since", since))
    if format is TableOrJson.JSON:
        screen.write(as_json.incidents_json(found, past.now_utc))
    elif found:
        from llmprobe.reports.past.text import incident_table

        screen.write(incident_table(found, screen.look, past.now_utc))
    else:
        screen.note(f"no incident in the last {since}")


def report(
    targets: Annotated[
        list[str] | None,
        typer.Argument(autocompletion=completing("past"), help="Targets (default: all).", show_default=False),
    ] = None,
    since: SinceOption = "7d",
    config: ConfigOption = None,
    db: DbOption = None,
    format: Annotated[
        ReportFormat | None,
        typer.Option(
            "-f",
            "--format",
            help="table, json, markdown or html; else by the ending of --output, else table.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write to this file instead of standard output."),
    ] = None,
    no_color: NoColorOption = False,
) -> None:
    """
    Report uptime, incidents and percentiles.

    By cause, with the time to recover and the worst hours.

    Example: llmprobe report --since 30d -f html -o report.html
    """
    from llmprobe.cli.durations import parse_duration_flag
    from llmprobe.cli.screen import FILE_WIDTH, Screen, place_for, save
    from llmprobe.monitor.past import Past
    from llmprobe.redact import SCRUB
    from llmprobe.reports import Look
    from llmprobe.reports.past import format_of, render

    screen = Screen(no_color=no_color)
    place = None if output is None else place_for("--output", output)
    format = format or format_of(output)
    found = Past(config, db).report(
        targets or [], parse_duration_flag("--since", since), with_cells=format is ReportFormat.HTML
    )
    if place is None:
        screen.write(render(found, format, screen.look))
    else:
        save(place, SCRUB(render(found, format, Look(width=FILE_WIDTH))))


def baseline(
    target: TargetArgument = None,
    config: ConfigOption = None,
    db: DbOption = None,
    format: ListFormatOption = TableOrJson.TABLE,
    no_color: NoColorOption = False,
) -> None:
    """
    Show what is usual at this hour of the day.

    For each target, over the last 28 days.

    Example: llmprobe baseline claude
    """
    from llmprobe.cli.screen import Screen
    from llmprobe.monitor.past import Past
    from llmprobe.reports.past import as_json

    screen = Screen(no_color=no_color)
    found = Past(config, db).baselines(target)
    if format is TableOrJson.JSON:
        screen.write(as_json.baselines_json(found))
    elif found:
        from llmprobe.reports.past.text import baseline_table

        screen.write(baseline_table(found, screen.look))
    else:
        screen.note("no results at this hour of the day yet")
