"""
Help in sections by topic, as text; on a terminal with colours.

Typer draws help with rich, and what that loads (Markdown, highlighting, tracebacks) takes longer than
all else that a short command does.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from typer.core import TyperCommand, TyperGroup

from llmprobe.cli.streams import use_color

_BOLD, _CYAN, _PLAIN = "\x1b[1m", "\x1b[36m", "\x1b[0m"
Row = tuple[str, tuple[str, str]]
"""A section, and what stands in it: (name, help)."""


class Command(TyperCommand):
    """A command whose options stand under their topics."""

    def get_help(self, ctx: Any) -> str:
        return _shown(super().get_help(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        _write_sections(_parameters(self, ctx), formatter)


class CommandGroup(TyperGroup):
    """A command with commands of its own, under their topics."""

    def get_help(self, ctx: Any) -> str:
        return _shown(super().get_help(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        _write_sections(_parameters(self, ctx), formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        shown = [(name, command) for name, command in commands if command is not None and not command.hidden]
        limit = formatter.width - 6 - max((len(name) for name, _ in shown), default=0)
        rows = (
            (_panel(command) or "Commands", (name, command.get_short_help_str(limit)))
            for name, command in shown
        )
        _write_sections(rows, formatter)


def _parameters(command: Any, ctx: Any) -> Iterator[Row]:
    for parameter in command.get_params(ctx):
        row = parameter.get_help_record(ctx)
        if row is not None:
            kind = "Arguments" if parameter.param_type_name == "argument" else "Options"
            yield _panel(parameter) or kind, row


def _panel(of: Any) -> str | None:
    panel = getattr(of, "rich_help_panel", None)
    return panel if isinstance(panel, str) else None


def _write_sections(rows: Iterable[Row], formatter: Any) -> None:
    sections = defaultdict(list)
    for section, row in rows:
        sections[section].append(row)
    for section, listed in sections.items():
        with formatter.section(section):
            formatter.write_dl(listed)


def _shown(text: str) -> str:
    return "\n".join(_colored(text.split("\n"))) if use_color(no_color=False) else text


def _colored(lines: Iterable[str]) -> Iterator[str]:
    """Headings bold, and in a section what stands in the first column cyan."""
    in_section = False
    for line in lines:
        if re.fullmatch(r"\S.*:", line):
            in_section = True
            yield f"{_BOLD}{line}{_PLAIN}"
        elif in_section and line:
            yield re.sub(r"^  (\S+( \S+)*)", rf"  {_CYAN}\1{_PLAIN}", line)
        else:
            in_section = False
            yield re.sub("^Usage:", f"{_BOLD}Usage:{_PLAIN}", line)
