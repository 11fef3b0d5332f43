"""`llmprobe config`: check a file, show what it comes to."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from llmprobe.cli.options import ConfigOption, EnvFileOption, ListFormatOption, NoColorOption, TableOrJson

app = typer.Typer(
    help="Check the configuration, and show its effective values.",
    no_args_is_help=True,
    rich_markup_mode="rich" if sys.stdout.isatty() else None,
)


@app.command("check")
def check(config: ConfigOption = None, env_file: EnvFileOption = None) -> None:
    """
    Check the file: every mistake at once, exit code 2 if there is one. No key is read, nothing is sent.

    Example: llmprobe config check -c llmprobe.toml
    """
    from llmprobe.cli.configuring import check_config

    check_config(config, env_file)


@app.command("show")
def show(
    targets: Annotated[
        list[str] | None, typer.Argument(help="Names, globs, @tag or group:NAME.", show_default=False)
    ] = None,
    config: ConfigOption = None,
    env_file: EnvFileOption = None,
    format: ListFormatOption = TableOrJson.TABLE,
    no_color: NoColorOption = False,
) -> None:
    """
    Show the effective values of each target and where each came from; secrets as ***.

    Example: llmprobe config show claude
    """
    from llmprobe.cli.configuring import show_config

    show_config(targets or [], config, env_file, str(format), no_color=no_color)
