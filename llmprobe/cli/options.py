"""Flags that several commands share, declared once."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from llmprobe.reports.formats import Format


def completing(kind: str) -> Callable[[str], list[str]]:
    """Names of a kind for the shell's completion, which is imported when a shell asks for it."""

    def complete(incomplete: str) -> list[str]:
        from llmprobe.cli.completion import names

        return names(kind, incomplete)

    return complete


complete_target, complete_provider, complete_model, complete_category = map(
    completing, ("targets", "providers", "models", "categories")
)


PROBING = "Probing"
OUTPUT = "Output"
SOURCES = "Where targets come from"
HISTORY = "History and alerts"


class TableOrJson(StrEnum):
    """Formats of commands that list things."""

    TABLE = "table"
    JSON = "json"


TargetsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        help="Names, globs, @tag or group:NAME of the configuration, '!' before one leaves it out; "
        "else PROVIDER or PROVIDER/MODEL.",
        show_default=False,
        autocompletion=complete_target,
    ),
]
NotOption = Annotated[
    list[str] | None,
    typer.Option(
        "--not",
        metavar="PATTERN",
        help="Leave out these targets (as '!PATTERN'); repeatable.",
        autocompletion=complete_target,
        rich_help_panel=SOURCES,
    ),
]
BaseUrlOption = Annotated[
    str | None, typer.Option("--base-url", help="Probe this URL.", rich_help_panel=SOURCES)
]
DialectOption = Annotated[
    str | None,
    typer.Option(
        "--dialect",
        autocompletion=completing("dialects"),
        help="Wire format of --base-url; default openai-chat.",
        rich_help_panel=SOURCES,
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
        help="Model to ask; '*' or 'gpt-*' means each listed model (check, watch).",
        autocompletion=complete_model,
        rich_help_panel=PROBING,
    ),
]
ProbeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--probe",
        "-p",
        autocompletion=completing("probes"),
        help="edge, models, chat, stream, embeddings, json or tools; repeatable; default stream.",
        rich_help_panel=PROBING,
    ),
]
TimeoutOption = Annotated[
    str | None,
    typer.Option(
        "--timeout", "-t", help="Time limit for each attempt (default 30s).", rich_help_panel=PROBING
    ),
]
FailOnOption = Annotated[
    str,
    typer.Option(
        "--fail-on",
        autocompletion=completing("fail-on"),
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
    Format, typer.Option("-f", "--format", help="Output format.", rich_help_panel=OUTPUT)
]
ListFormatOption = Annotated[TableOrJson, typer.Option("-f", "--format", help="table or json.")]
NoColorOption = Annotated[
    bool, typer.Option("--no-color", help="Use no colour, as NO_COLOR does.", rich_help_panel=OUTPUT)
]
DbOption = Annotated[
    Path | None,
    typer.Option(
        "--db",
        envvar="LLMPROBE_DB",
        show_envvar=True,
        help="Database of the history (default: in your state folder).",
        rich_help_panel=HISTORY,
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
RetriesOption = Annotated[
    int | None,
    typer.Option(
        "--retries",
        min=0,
        max=10,
        help="Retries after a transient failure (default 1).",
        rich_help_panel=PROBING,
    ),
]
SamplesOption = Annotated[
    int,
    typer.Option(
        "--samples", "-n", min=1, help="Repeat each probe, and report statistics.", rich_help_panel=PROBING
    ),
]
WarmOption = Annotated[
    bool,
    typer.Option(
        "--warm", help="Measure on an open connection instead of a new one.", rich_help_panel=PROBING
    ),
]
ConcurrencyOption = Annotated[
    int | None,
    typer.Option(
        "--concurrency",
        min=1,
        help="Probes at once; default: as many as this machine carries without distorting its clocks, "
        "at most 256, or 64 with streams.",
        rich_help_panel=PROBING,
    ),
]
RateOption = Annotated[
    float | None,
    typer.Option(
        "--rate", min=0.001, help="Start at most N attempts a second.", metavar="N", rich_help_panel=PROBING
    ),
]
MaxModelsOption = Annotated[
    int,
    typer.Option(
        "--max-models",
        min=1,
        metavar="N",
        help="Highest number of models that -m '*' may select.",
        rich_help_panel=PROBING,
    ),
]
MaxTokensOption = Annotated[
    int | None,
    typer.Option(
        "--max-tokens-total",
        min=1,
        metavar="N",
        help="Token budget of the run; probes that exceed it are skipped.",
        rich_help_panel=PROBING,
    ),
]
MaxCostOption = Annotated[
    float | None,
    typer.Option(
        "--max-cost",
        min=0.0,
        metavar="USD",
        help="Cost budget of the run at list prices; probes that exceed it are skipped.",
        rich_help_panel=PROBING,
    ),
]
DeadlineOption = Annotated[
    str | None,
    typer.Option(
        "--deadline",
        metavar="DURATION",
        help="Stop the whole run after this long; unfinished probes are reported as skipped.",
        rich_help_panel=PROBING,
    ),
]
WithStatusOption = Annotated[
    bool,
    typer.Option(
        "--with-status",
        help="Read the providers' status pages, too; they never overrule a result.",
        rich_help_panel=OUTPUT,
    ),
]
RecordOption = Annotated[
    bool | None,
    typer.Option("--record/--no-record", help="Write the results to the history.", rich_help_panel=HISTORY),
]
OnChangeOption = Annotated[
    bool,
    typer.Option(
        "--on-change",
        help="Print only when a target fails, recovers, or a reminder is due.",
        rich_help_panel=HISTORY,
    ),
]
ConfirmOption = Annotated[
    int | None,
    typer.Option(
        "--confirm",
        min=1,
        help="Alert after N consecutive failed runs (default 1).",
        metavar="N",
        rich_help_panel=HISTORY,
    ),
]
RecoverOption = Annotated[
    int | None,
    typer.Option(
        "--recover",
        min=1,
        help="Report the recovery after N consecutive good runs (default 1).",
        metavar="N",
        rich_help_panel=HISTORY,
    ),
]
RemindOption = Annotated[
    str | None,
    typer.Option(
        "--remind",
        metavar="DURATION",
        help="Repeat the alert after this long while the failure lasts.",
        rich_help_panel=HISTORY,
    ),
]
ExecOption = Annotated[
    str | None,
    typer.Option(
        "--exec",
        metavar="COMMAND",
        help="Run this program on a change, with JSON on its standard input (no shell).",
        rich_help_panel=HISTORY,
    ),
]
WebhookOption = Annotated[
    str | None,
    typer.Option(
        "--webhook",
        metavar="URL",
        help="Post each change as JSON to this URL, or env:NAME.",
        rich_help_panel=HISTORY,
    ),
]
WebhookFormatOption = Annotated[
    str | None,
    typer.Option(
        "--webhook-format",
        metavar="FORMAT",
        autocompletion=completing("webhook formats"),
        help="Document for the webhook: llmprobe (default) or alertmanager.",
        rich_help_panel=HISTORY,
    ),
]
HeartbeatOption = Annotated[
    str | None,
    typer.Option(
        "--heartbeat",
        metavar="URL",
        help="Call this URL (or env:NAME) after each run, and URL/fail after a failure.",
        rich_help_panel=HISTORY,
    ),
]
OtlpOption = Annotated[
    bool | None,
    typer.Option(
        "--otlp/--no-otlp",
        help="Export metrics by OTLP (extra otel); default if OTEL_EXPORTER_OTLP_ENDPOINT is set.",
        rich_help_panel=HISTORY,
    ),
]
OutputOption = Annotated[
    list[str] | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FORMAT:PATH",
        autocompletion=completing("files"),
        help="Also write a file; repeatable.",
        rich_help_panel=OUTPUT,
    ),
]
QuietOption = Annotated[
    bool,
    typer.Option(
        "-q", "--quiet", help="One line for each failure, nothing when all is well.", rich_help_panel=OUTPUT
    ),
]
VerboseOption = Annotated[
    bool,
    typer.Option("-v", "--verbose", help="Waterfall and facts of each probe.", rich_help_panel=OUTPUT),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Show what would be sent; send nothing.", rich_help_panel=OUTPUT)
]
TargetOption = Annotated[
    str | None,
    typer.Argument(
        help="A target of the configuration, or PROVIDER or PROVIDER/MODEL.",
        show_default=False,
        autocompletion=complete_target,
    ),
]
