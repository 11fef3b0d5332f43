"""`llmprobe init`: write a first configuration."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from llmprobe.cli.options import NoColorOption

_NOTHING = (
    "export a provider's key (for example ANTHROPIC_API_KEY) or put it into .env; "
    "--local looks for servers on this machine"
)


def init(
    path: Annotated[Path, typer.Option("-c", "--config", help="The file to write.")] = Path("llmprobe.toml"),
    env_file: Annotated[
        Path | None,
        typer.Option("--env-file", help="File to look for keys, too (default: ./.env if it exists)."),
    ] = None,
    local: Annotated[
        bool, typer.Option("--local", help="Look for servers on the usual ports of this machine, too.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Do not ask providers for their models.")
    ] = False,
    show: Annotated[bool, typer.Option("--print", help="Print the file instead of writing it.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
    no_color: NoColorOption = False,
) -> None:
    """
    Write a first llmprobe.toml.

    From the keys and servers that are found.

    Example: llmprobe init --local
    """
    from llmprobe.cli.event_loop import in_loop
    from llmprobe.cli.screen import Screen
    from llmprobe.config.writing import SCHEMA_FILE
    from llmprobe.errors import UsageError
    from llmprobe.monitor.discovery import describe, discover, first_configuration

    screen = Screen(no_color=no_color)
    if not show:
        _check_place(path, force=force)
    env, env_name = _environment(env_file)
    found = in_loop(discover(env, screen.note, local=local, offline=offline))
    if not found:
        raise UsageError("found no key and no server", _NOTHING)
    for one in found:
        screen.note(describe(one))
    text = first_configuration(found)
    if show:
        screen.write(text)
    elif not force and not _agreed(path, len(found)):
        raise typer.Exit(1)
    else:
        _write(path, text)
        screen.note(f"wrote {path} and {path.with_name(SCHEMA_FILE)} (for your editor)")
        screen.note(f"next: llmprobe check{f' --env-file {env_name}' if env_name else ''}")


def _check_place(path: Path, *, force: bool) -> None:
    from llmprobe.errors import UsageError

    if not path.parent.is_dir():
        raise UsageError(f'there is no folder "{path.parent}"')
    if path.exists() and not force and not _can_ask():
        raise UsageError(
            f'"{path}" is there already', "--force overwrites it, --print shows what would be written"
        )


def _agreed(path: Path, count: int) -> bool:
    """Questions only on a terminal; without one the flags have said all."""
    from llmprobe.counts import counted

    if not _can_ask():
        return True
    verb = "overwrite" if path.exists() else "write"
    default = "y/N" if path.exists() else "Y/n"
    sys.stderr.write(f"{verb} {path} with {counted(count, 'target')}? [{default}] ")
    sys.stderr.flush()
    answer = sys.stdin.readline().strip().lower()
    return answer in ("y", "yes") or (answer == "" and default == "Y/n")


def _can_ask() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def _environment(env_file: Path | None) -> tuple[Mapping[str, str], str | None]:
    """Variables with those of a .env file below them, and that file's name where it was read."""
    from llmprobe.config.files import with_env_file

    path = env_file or Path(".env")
    if env_file is None and not path.is_file():
        return os.environ, None
    return with_env_file(path, os.environ), str(path)


def _write(path: Path, text: str) -> None:
    """Raises UsageError; an old file is untouched then."""
    from llmprobe.cli.screen import save
    from llmprobe.config.schema import config_schema
    from llmprobe.config.writing import SCHEMA_FILE
    from llmprobe.json_text import readable

    save(path, text, private=not path.exists())  # somebody may come to write a key into it
    save(path.with_name(SCHEMA_FILE), readable(config_schema()))
