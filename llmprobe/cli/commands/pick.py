"""`llmprobe pick`: the signature only; the work is in `picking`."""

from __future__ import annotations

from typing import Annotated

import typer

from llmprobe.cli.options import (
    ConfigOption,
    DbOption,
    DebugOption,
    EnvFileOption,
    NoColorOption,
    TimeoutOption,
)


def pick(
    group: Annotated[str, typer.Argument(help="A group of the configuration; or a name, a glob, @tag.")],
    config: ConfigOption = None,
    env_file: EnvFileOption = None,
    db: DbOption = None,
    timeout: TimeoutOption = None,
    format: Annotated[str, typer.Option("-f", "--format", help="text, json or shell.")] = "text",
    no_color: NoColorOption = False,
    debug: DebugOption = False,
) -> None:
    """
    Name the member of a group to use now: healthy, steady in the last hour, then fastest.

    Example: eval "$(llmprobe pick chat -f shell)" && echo "$LLMPROBE_BASE_URL"
    """
    from llmprobe.cli.job import Flags
    from llmprobe.cli.picking import run_pick

    flags = Flags(config=config, env_file=env_file, db=db, timeout=timeout, no_color=no_color, debug=debug)
    raise typer.Exit(run_pick(group, format, flags))
