"""
The command tree: names, help and groups. Each command's work is imported inside it.

Turning a signature into parameters takes Typer half a millisecond a command. So a
command line builds the command it names alone; the list of commands needs no parameters.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import typer

from llmprobe.cli.help import Command, CommandGroup

_EPILOG = (
    "Exit codes: 0 fine · 1 failed on the provider's side or unknown · 2 usage or configuration · "
    "3 degraded (with --fail-on degraded) · 4 yours to fix (key, quota, model, request) · 5 network · "
    "70 bug in llmprobe · 75 still running · 130/143 interrupted"
)


class _Entry(NamedTuple):
    """Where a command is (`module`, and its function or Typer group), and in which part of the help."""

    module: str
    attribute: str
    panel: str
    epilog: str | None = None

    def load(self) -> Any:
        return getattr(import_module(f"llmprobe.cli.commands.{self.module}"), self.attribute)


_COMMANDS = {
    "check": _Entry("check", "check", "Probing", _EPILOG),
    "wait": _Entry("wait", "wait", "Probing", _EPILOG),
    "watch": _Entry("watch", "watch", "Probing", _EPILOG),
    "pick": _Entry("pick", "pick", "Probing"),
    "demo": _Entry("demo", "demo", "Probing"),
    "serve": _Entry("serve", "serve", "Probing"),
    "history": _Entry("history", "history", "History"),
    "incidents": _Entry("history", "incidents", "History"),
    "report": _Entry("history", "report", "History"),
    "baseline": _Entry("history", "baseline", "History"),
    "diagnose": _Entry("diagnose", "diagnose", "In an outage", _EPILOG),
    "status": _Entry("status", "status", "In an outage"),
    "init": _Entry("init", "init", "Configuration"),
    "config": _Entry("config", "app", "Configuration"),
    "explain": _Entry("explain", "explain", "Reference"),
    "models": _Entry("models", "models", "Reference"),
    "providers": _Entry("providers", "providers", "Reference"),
    "schema": _Entry("schema", "schema", "Reference"),
    "simulate": _Entry("simulate", "simulate", "Rehearsing"),
}


def app_for(argv: Sequence[str]) -> typer.Typer:
    """What this command line needs: one command, the list of them, or (for completion) everything."""
    if any(name.startswith("_LLMPROBE_COMPLETE") or name == "_TYPER_COMPLETE_ARGS" for name in os.environ):
        argv = _words_to_complete(os.environ)
    named = next((word for word in argv if not word.startswith("-")), None)
    if named is None:
        return _app(_listed)
    return _app(_whole, [named]) if named in _COMMANDS else whole_app()


def _words_to_complete(env: Mapping[str, str]) -> list[str]:
    """The words behind the program's name that are finished; a command that is still being typed is none."""
    words = env.get("COMP_WORDS", env.get("_TYPER_COMPLETE_ARGS", "")).split()[1:]
    place = env.get("COMP_CWORD", "")
    finished = words[: int(place) - 1] if place.isdigit() else words
    return [] if finished and finished[0] not in _COMMANDS else finished


def whole_app() -> typer.Typer:
    """Every command with its parameters."""
    return _app(_whole)


def _app(
    add: Callable[[typer.Typer, str, _Entry], None], names: Sequence[str] = tuple(_COMMANDS)
) -> typer.Typer:
    app = typer.Typer(
        name="llmprobe",
        help="Is the LLM API up, whose fault is it, where did the time go, and what do I do now?",
        epilog=_EPILOG,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        cls=CommandGroup,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for name in names:
        add(app, name, _COMMANDS[name])
    return app


def _whole(app: typer.Typer, name: str, entry: _Entry) -> None:
    found = entry.load()
    if isinstance(found, typer.Typer):
        for command in found.registered_commands:
            command.cls = Command
        app.add_typer(found, name=name, cls=CommandGroup, rich_help_panel=entry.panel)
    else:
        app.command(name, cls=Command, rich_help_panel=entry.panel, epilog=entry.epilog)(found)


def _listed(app: typer.Typer, name: str, entry: _Entry) -> None:
    """A name with its help, without parameters."""
    found = entry.load()
    about = found.info.help if isinstance(found, typer.Typer) else found.__doc__
    app.command(name, cls=Command, rich_help_panel=entry.panel, help=about)(lambda: None)


def _root(
    version: bool = typer.Option(False, "--version", "-V", help="Show the version and exit.", is_eager=True),
) -> None:
    if version:
        from llmprobe.version import __version__

        typer.echo(f"llmprobe {__version__}")
        raise typer.Exit
