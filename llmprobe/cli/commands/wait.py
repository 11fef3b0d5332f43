"""`llmprobe wait`: the signature only; the work is in `waiting`."""

from __future__ import annotations

from typing import Annotated

import typer

from llmprobe.cli.options import (
    OUTPUT,
    PROBING,
    ApiKeyEnvOption,
    BaseUrlOption,
    ConfigOption,
    DebugOption,
    DialectOption,
    EnvFileOption,
    FailOnOption,
    Format,
    FormatOption,
    ModelOption,
    NoColorOption,
    ProbeOption,
    TargetsArgument,
    TimeoutOption,
)


def wait(
    targets: TargetsArgument = None,
    for_: Annotated[
        str, typer.Option("--for", metavar="DURATION", help="How long at most.", rich_help_panel=PROBING)
    ] = "10m",
    every: Annotated[
        str,
        typer.Option(
            "--every",
            metavar="DURATION",
            help="Longest pause between two looks; the first ones are shorter.",
            rich_help_panel=PROBING,
        ),
    ] = "15s",
    config: ConfigOption = None,
    env_file: EnvFileOption = None,
    base_url: BaseUrlOption = None,
    dialect: DialectOption = None,
    api_key_env: ApiKeyEnvOption = None,
    model: ModelOption = None,
    probe: ProbeOption = None,
    timeout: TimeoutOption = None,
    fail_on: FailOnOption = "failed",
    format: FormatOption = Format.TABLE,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="No progress, no report.", rich_help_panel=OUTPUT)
    ] = False,
    no_color: NoColorOption = False,
    debug: DebugOption = False,
) -> None:
    """
    Wait until targets are healthy: then 0; at the deadline the code of the last verdict.

    Example: llmprobe wait --base-url http://127.0.0.1:8000 -m m --for 5m && start-my-program
    """
    from llmprobe.cli.job import Flags
    from llmprobe.cli.waiting import run_wait

    flags = Flags(
        targets=targets or [],
        config=config,
        env_file=env_file,
        base_url=base_url,
        dialect=dialect,
        api_key_env=api_key_env,
        model=model,
        probes=probe or [],
        timeout=timeout,
        fail_on=fail_on,
        format=str(format),
        quiet=quiet,
        no_color=no_color,
        debug=debug,
    )
    raise typer.Exit(run_wait(flags, for_, every))
