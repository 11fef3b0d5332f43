"""`llmprobe models`: the signature only; the work is in `modelling`."""

from __future__ import annotations

from typing import Annotated

import typer

from llmprobe.cli.options import (
    ApiKeyEnvOption,
    BaseUrlOption,
    ConfigOption,
    DebugOption,
    DialectOption,
    EnvFileOption,
    ListFormatOption,
    NoColorOption,
    TableOrJson,
    TimeoutOption,
    complete_target,
)


def models(
    target: Annotated[
        str | None,
        typer.Argument(
            help="A provider, or a target of the configuration.",
            show_default=False,
            autocompletion=complete_target,
        ),
    ] = None,
    config: ConfigOption = None,
    env_file: EnvFileOption = None,
    base_url: BaseUrlOption = None,
    dialect: DialectOption = None,
    api_key_env: ApiKeyEnvOption = None,
    timeout: TimeoutOption = None,
    format: ListFormatOption = TableOrJson.TABLE,
    no_color: NoColorOption = False,
    debug: DebugOption = False,
) -> None:
    """
    List the models that a key can use, with the day on which each one ends.

    Example: llmprobe models anthropic
    """
    from llmprobe.cli.job import Flags
    from llmprobe.cli.modelling import run_models

    flags = Flags(
        targets=[target] if target else [],
        config=config,
        env_file=env_file,
        base_url=base_url,
        dialect=dialect,
        api_key_env=api_key_env,
        timeout=timeout,
        format=str(format),
        no_color=no_color,
        debug=debug,
    )
    raise typer.Exit(run_models(flags))
