"""The command tree: names, help and groups. Each command's work is imported inside it."""

from __future__ import annotations

import sys

import typer

from llmprobe.cli import check, config, demo, explain, history, pick, providers, schema, simulate, wait

_EPILOG = (
    "Exit codes: 0 fine · 1 failed on the provider's side or unknown · 2 usage or configuration · "
    "3 degraded (with --fail-on degraded) · 4 yours to fix (key, quota, model, request) · 5 network · "
    "70 bug in llmprobe · 75 still running · 130/143 interrupted"
)

app = typer.Typer(
    name="llmprobe",
    help="Is the LLM API up, whose fault is it, where did the time go, and what do I do now?",
    epilog=_EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich" if sys.stdout.isatty() else None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", "-V", help="Show the version and exit.", is_eager=True),
) -> None:
    if version:
        from llmprobe.version import __version__

        typer.echo(f"llmprobe {__version__}")
        raise typer.Exit


app.command("check", rich_help_panel="Probing", epilog=_EPILOG)(check.check)
app.command("wait", rich_help_panel="Probing", epilog=_EPILOG)(wait.wait)
app.command("pick", rich_help_panel="Probing")(pick.pick)
app.command("demo", rich_help_panel="Probing")(demo.demo)
for command in (history.history, history.incidents, history.report, history.baseline):
    app.command(command.__name__, rich_help_panel="History")(command)
app.command("explain", rich_help_panel="Reference")(explain.explain)
app.command("providers", rich_help_panel="Reference")(providers.providers)
app.command("schema", rich_help_panel="Reference")(schema.schema)
app.command("simulate", rich_help_panel="Rehearsing")(simulate.simulate)
app.add_typer(config.app, name="config", rich_help_panel="Configuration")
