"""`llmprobe config`: check a file, show what it comes to."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from llmprobe.cli.options import (
    ConfigOption,
    EnvFileOption,
    ListFormatOption,
    NoColorOption,
    TableOrJson,
    complete_model,
    complete_provider,
    complete_target,
)

app = typer.Typer(
    help="Check the configuration, show its effective values, add and remove targets.",
    no_args_is_help=True,
    rich_markup_mode="rich" if sys.stdout.isatty() else None,
)


@app.command("check")
def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Files; else the one that --config or discovery names.", show_default=False),
    ] = None,
    config: ConfigOption = None,
    env_file: EnvFileOption = None,
) -> None:
    """
    Check the file: every mistake at once, exit code 2 if there is one. No key is read, nothing is sent.

    Example: llmprobe config check -c llmprobe.toml
    """
    from llmprobe.cli.configuring import check_config

    paths: list[Path | None] = [*files] if files else [config]
    for path in paths:
        check_config(path, env_file)


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


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The new target's name.")],
    provider: Annotated[
        str | None,
        typer.Option("--provider", help="A provider of the catalogue.", autocompletion=complete_provider),
    ] = None,
    model: Annotated[
        str | None, typer.Option("-m", "--model", help="The model to ask.", autocompletion=complete_model)
    ] = None,
    base_url: Annotated[str | None, typer.Option("--base-url", help="Where no provider implies it.")] = None,
    dialect: Annotated[str | None, typer.Option("--dialect", help="Wire format of --base-url.")] = None,
    api_key_env: Annotated[
        str | None, typer.Option("--api-key-env", metavar="NAME", help="Variable that holds the key.")
    ] = None,
    probe: Annotated[list[str] | None, typer.Option("-p", "--probe", help="Repeatable.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="Repeatable.")] = None,
    config: ConfigOption = None,
) -> None:
    """
    Add a target to the file; comments and everything else in it stay.

    Example: llmprobe config add backup --provider openai -m gpt-6-luna
    """
    from llmprobe.cli.configuring import Addition, add_target

    add_target(
        name, Addition(provider, model, base_url, dialect, api_key_env, probe or [], tag or []), config
    )


@app.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="The target's name.", autocompletion=complete_target)],
    config: ConfigOption = None,
) -> None:
    """
    Remove a target from the file; comments and everything else in it stay.

    Example: llmprobe config remove backup
    """
    from llmprobe.cli.configuring import remove_target

    remove_target(name, config)
