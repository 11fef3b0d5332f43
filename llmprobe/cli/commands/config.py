"""`llmprobe config`: check a file, show its effective values, add and remove targets."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
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
    completing,
)

app = typer.Typer(
    help="Check, show or change the configuration.",
    no_args_is_help=True,
    rich_markup_mode="rich" if sys.stdout.isatty() else None,
)


@app.command("check")
def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Files; default: the one that --config or discovery finds.", show_default=False),
    ] = None,
    config: ConfigOption = None,
    env_file: EnvFileOption = None,
) -> None:
    """
    Check the file and tell every mistake at once.

    Exit code 2 if there is one. No key is read, nothing is sent.

    Example: llmprobe config check -c llmprobe.toml
    """
    named: Sequence[Path | None] = files or [config]
    for path in named:
        _check(path, env_file)


def _check(named: Path | None, env_file: Path | None) -> None:
    """Raises ConfigError with all mistakes, or UsageError where there is no file."""
    from llmprobe.cli.screen import Screen
    from llmprobe.config import Selection, make_plan
    from llmprobe.config.files import find_config
    from llmprobe.counts import counted
    from llmprobe.errors import UsageError

    path = find_config(named, os.environ)
    if path is None:
        raise UsageError(
            "there is no configuration to check", "name one with --config, or write ./llmprobe.toml"
        )
    plan = make_plan(Selection(config=path, env_file=env_file, read_secrets=False), os.environ)
    screen = Screen()
    for warning in plan.warnings:
        screen.note(f"warning: {warning}")
    probes = sum(len(built.target.probes) for built in plan.built)
    counts = (
        counted(number, word)
        for word, number in (("target", len(plan.built)), ("probe", probes), ("group", len(plan.groups)))
    )
    screen.write(f"{path}: {', '.join(counts)}, no mistakes\n")


@app.command("show")
def show(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            autocompletion=complete_target, help="Names, globs, @tag or group:NAME.", show_default=False
        ),
    ] = None,
    config: ConfigOption = None,
    env_file: EnvFileOption = None,
    format: ListFormatOption = TableOrJson.TABLE,
    no_color: NoColorOption = False,
) -> None:
    """
    Show the effective values of each target.

    And where each came from; secrets as ***.

    Example: llmprobe config show claude
    """
    from llmprobe.cli.screen import Screen
    from llmprobe.config.effective import effective_settings
    from llmprobe.reports.documents.settings import document, text

    found = effective_settings(targets or [], config, env_file)
    Screen(no_color=no_color).answer(
        as_json=format == TableOrJson.JSON,
        document=lambda: document(found),
        text=lambda look: text(found, look),
    )


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
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="Address, if no provider implies it.")
    ] = None,
    dialect: Annotated[
        str | None,
        typer.Option("--dialect", autocompletion=completing("dialects"), help="Wire format of --base-url."),
    ] = None,
    api_key_env: Annotated[
        str | None, typer.Option("--api-key-env", metavar="NAME", help="Variable that holds the key.")
    ] = None,
    probe: Annotated[
        list[str] | None,
        typer.Option("-p", "--probe", autocompletion=completing("probes"), help="Repeatable."),
    ] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="Repeatable.")] = None,
    config: ConfigOption = None,
) -> None:
    """
    Add a target to the file.

    Comments and everything else in it stay.

    Example: llmprobe config add backup --provider openai -m gpt-6-luna
    """
    from llmprobe.cli.screen import Screen, save
    from llmprobe.config.files import FILE_NAME, find_config, read_text
    from llmprobe.config.writing import NewTarget, new_file, with_target

    given = {
        "provider": provider,
        "dialect": dialect,
        "base_url": base_url,
        "model": model,
        "api_key": {"env": api_key_env} if api_key_env else None,
        "probes": probe,
        "tags": tag,
    }
    path = config or find_config(None, os.environ) or Path(FILE_NAME)
    new = NewTarget(name, {key: value for key, value in given.items() if value})
    text = with_target(read_text(path), path, new) if path.exists() else new_file([new], at=path)
    save(path, text, private=not path.exists())
    Screen().note(f"added {name} to {path}")


@app.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="The target's name.", autocompletion=completing("configured"))],
    config: ConfigOption = None,
) -> None:
    """
    Remove a target from the file.

    Comments and everything else in it stay.

    Example: llmprobe config remove backup
    """
    from llmprobe.cli.screen import Screen, save
    from llmprobe.config.files import find_config, read_text
    from llmprobe.config.writing import without_target
    from llmprobe.errors import UsageError

    path = find_config(config, os.environ)
    if path is None:
        raise UsageError("there is no configuration", "name one with --config")
    save(path, without_target(read_text(path), path, name))
    Screen().note(f"removed {name} from {path}")
