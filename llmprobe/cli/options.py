"""Flags that several commands share, declared once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


def complete_target(incomplete: str) -> list[str]:
    """Names for the shell's completion: targets, groups, tags, providers."""
    from llmprobe.cli.completion import target_names

    return target_names(incomplete)


def complete_model(incomplete: str) -> list[str]:
    """Models that the catalogue or the configuration names."""
    from llmprobe.cli.completion import model_names

    return model_names(incomplete)


def complete_provider(incomplete: str) -> list[str]:
    """Providers of the catalogue."""
    from llmprobe.cli.completion import provider_names

    return provider_names(incomplete)


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


TargetsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        help="Names, globs, @tag or group:NAME of the configuration; else PROVIDER or PROVIDER/MODEL.",
        show_default=False,
        autocompletion=complete_target,
    ),
]
BaseUrlOption = Annotated[
    str | None, typer.Option("--base-url", help="Probe this URL.", rich_help_panel=SOURCES)
]
DialectOption = Annotated[
    str | None,
    typer.Option(
        "--dialect", help="Wire format of --base-url; default openai-chat.", rich_help_panel=SOURCES
    ),
]
ApiKeyEnvOption = Annotated[
    str | None,
    typer.Option(
        "--api-key-env", metavar="NAME", help="Variable that holds the key.", rich_help_panel=SOURCES
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        help="Instead of the target's own.",
        autocompletion=complete_model,
        rich_help_panel=PROBING,
    ),
]
ProbeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--probe",
        "-p",
        help="edge, models, chat, stream, embeddings, json or tools; repeatable; default stream.",
        rich_help_panel=PROBING,
    ),
]
TimeoutOption = Annotated[
    str | None,
    typer.Option("--timeout", "-t", help="Of a whole attempt; default 30s.", rich_help_panel=PROBING),
]
FailOnOption = Annotated[
    str,
    typer.Option(
        "--fail-on",
        help="failed, degraded, never, or categories, families and faults such as provider,auth.",
        rich_help_panel=OUTPUT,
    ),
]
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
BundleOption = Annotated[
    Path | None,
    typer.Option(
        "--bundle",
        metavar="FILE.zip",
        help="Write the redacted exchanges and a summary, for the provider's support.",
        rich_help_panel=OUTPUT,
    ),
]
DebugOption = Annotated[
    bool, typer.Option("--debug", help="Show tracebacks of llmprobe's own failures.", rich_help_panel=OUTPUT)
]
