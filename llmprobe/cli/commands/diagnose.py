"""`llmprobe diagnose`: the signature only; the work is in `diagnosing`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from llmprobe.cli.options import (
    OUTPUT,
    ApiKeyEnvOption,
    BaseUrlOption,
    BundleOption,
    ConfigOption,
    DebugOption,
    DialectOption,
    EnvFileOption,
    ModelOption,
    NoColorOption,
    TimeoutOption,
    complete_target,
)


class DiagnosisFormat(StrEnum):
    """Formats of a diagnosis."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


def diagnose(
    target: Annotated[
        str | None,
        typer.Argument(
            help="A target of the configuration, or PROVIDER or PROVIDER/MODEL.",
            show_default=False,
            autocompletion=complete_target,
        ),
    ] = None,
    config: ConfigOption = None,
    env_file: EnvFileOption = None,
    base_url: BaseUrlOption = None,
    dialect: DialectOption = None,
    api_key_env: ApiKeyEnvOption = None,
    model: ModelOption = None,
    timeout: TimeoutOption = None,
    with_status: Annotated[
        bool,
        typer.Option(
            "--status/--no-status", help="Read the provider's own page, too.", rich_help_panel=OUTPUT
        ),
    ] = True,
    bundle: BundleOption = None,
    format: Annotated[
        DiagnosisFormat,
        typer.Option("-f", "--format", help="table, json or markdown.", rich_help_panel=OUTPUT),
    ] = DiagnosisFormat.TABLE,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Details of each rung.", rich_help_panel=OUTPUT)
    ] = False,
    no_color: NoColorOption = False,
    debug: DebugOption = False,
) -> None:
    """
    Climb from this machine to the model, rung by rung, and say where it breaks and what to do.

    Example: llmprobe diagnose anthropic
    """
    from llmprobe.cli.diagnosing import run_diagnose
    from llmprobe.cli.job import Flags

    flags = Flags(
        targets=[target] if target else [],
        config=config,
        env_file=env_file,
        base_url=base_url,
        dialect=dialect,
        api_key_env=api_key_env,
        model=model,
        timeout=timeout,
        with_status=with_status,
        bundle=bundle,
        format=str(format),
        verbose=verbose,
        no_color=no_color,
        debug=debug,
    )
    raise typer.Exit(run_diagnose(flags))
