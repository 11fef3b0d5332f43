"""`llmprobe init`: the signature only; the work is in `beginning`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmprobe.cli.options import NoColorOption


def init(
    path: Annotated[Path, typer.Option("-c", "--config", help="The file to write.")] = Path("llmprobe.toml"),
    env_file: Annotated[
        Path | None,
        typer.Option("--env-file", help="Look for keys here, too; default ./.env where there is one."),
    ] = None,
    local: Annotated[
        bool, typer.Option("--local", help="Look for servers on the usual ports of this machine, too.")
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no provider for its models.")] = False,
    show: Annotated[bool, typer.Option("--print", help="Print the file instead of writing it.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
    no_color: NoColorOption = False,
) -> None:
    """
    Write a first llmprobe.toml from the keys and servers that are found.

    Example: llmprobe init --local
    """
    from llmprobe.cli.beginning import Beginning, run_init

    about = Beginning(path, env_file, local, offline, show, force, no_color)
    raise typer.Exit(run_init(about))
