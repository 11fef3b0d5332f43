"""`llmprobe pick`: the member of a group to use now."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from llmprobe.cli.options import (
    ConfigOption,
    DbOption,
    DebugOption,
    EnvFileOption,
    NoColorOption,
    TimeoutOption,
    completing,
)


def pick(
    group: Annotated[
        str,
        typer.Argument(
            autocompletion=completing("groups"), help="A group of the configuration; or a name, a glob, @tag."
        ),
    ],
    config: ConfigOption = None,
    env_file: EnvFileOption = None,
    db: DbOption = None,
    timeout: TimeoutOption = None,
    format: Annotated[
        str,
        typer.Option(
            "-f", "--format", help="text, json or shell.", autocompletion=completing("pick formats")
        ),
    ] = "text",
    no_color: NoColorOption = False,
    debug: DebugOption = False,
) -> None:
    """
    Name the member of a group to use now.

    The first that is healthy, steady in the last hour, then fastest.

    Example: eval "$(llmprobe pick chat -f shell)" && echo "$LLMPROBE_BASE_URL"
    """
    from llmprobe.cli.event_loop import in_loop
    from llmprobe.cli.job import overrides, plan_for
    from llmprobe.cli.screen import Screen
    from llmprobe.config.convert import require_known
    from llmprobe.config.history import history_path
    from llmprobe.json_text import readable
    from llmprobe.model import ExitCode
    from llmprobe.monitor.job import options_for
    from llmprobe.monitor.pick import pick as choose
    from llmprobe.reports.documents.pick import document, shell

    require_known("format", format, ("text", "json", "shell"), flag="--format")
    screen = Screen(no_color=no_color)
    plan = plan_for([group], config, env_file, overrides(timeout=timeout), screen=screen, group_first=True)
    options = options_for(plan, on_bug=screen.note if debug else None)
    picked = in_loop(choose(plan, options, history_path(db, plan.history, os.environ), screen.note))
    if picked.target is None:
        screen.note(picked.run.conclusion)
        raise typer.Exit(int(picked.run.exit_code) or int(ExitCode.FAILED))
    match format:
        case "text":
            screen.write(f"{picked.target.name}\n")
            screen.note(picked.ranked[0].reason)
        case "shell":
            screen.write(shell(picked.target))
        case _:
            screen.write(readable(document(picked.target, picked)))
