"""Flags that several commands share, declared once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

PROBING = "Probing"
OUTPUT = "Output"
SOURCES = "Where targets come from"
MEMORY = "History and alerts"


class Format(StrEnum):
    """Formats for standard output."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    JUNIT = "junit"
    TAP = "tap"
    GITHUB = "github"
    MARKDOWN = "markdown"
    CSV = "csv"
    PROMETHEUS = "prometheus"
    NAGIOS = "nagios"
    HTML = "html"


class TableOrJson(StrEnum):
    """Formats of commands that list things."""

    TABLE = "table"
    JSON = "json"


ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "-c",
        "--config",
        envvar="LLMPROBE_CONFIG",
        show_envvar=True,
        help="Configuration file; default ./llmprobe.toml, then the user's configuration folder.",
        rich_help_panel=SOURCES,
    ),
]
EnvFileOption = Annotated[
    Path | None,
    typer.Option("--env-file", help="Read variables from a .env file first.", rich_help_panel=SOURCES),
]
FormatOption = Annotated[
    Format, typer.Option("-f", "--format", help="What standard output gets.", rich_help_panel=OUTPUT)
]
ListFormatOption = Annotated[TableOrJson, typer.Option("-f", "--format", help="table or json.")]
NoColorOption = Annotated[
    bool, typer.Option("--no-color", help="No colour; NO_COLOR does the same.", rich_help_panel=OUTPUT)
]
DbOption = Annotated[
    Path | None,
    typer.Option(
        "--db",
        envvar="LLMPROBE_DB",
        show_envvar=True,
        help="The history; default in your state folder.",
        rich_help_panel=MEMORY,
    ),
]
DebugOption = Annotated[
    bool, typer.Option("--debug", help="Show tracebacks of llmprobe's own failures.", rich_help_panel=OUTPUT)
]
