"""`llmprobe explain`: what a category means, or an error that someone has in hand."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from llmprobe.cli.options import (
    ListFormatOption,
    NoColorOption,
    TableOrJson,
    complete_category,
    complete_provider,
)

_LONGEST_INPUT = 4 << 20


def explain(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CATEGORY|ERROR|-]",
            help="A category or an error; - reads standard input. Without one: all categories.",
            autocompletion=complete_category,
            show_default=False,
        ),
    ] = None,
    provider: Annotated[
        str | None,
        typer.Option("-p", "--provider", help="Whose error it is.", autocompletion=complete_provider),
    ] = None,
    format: ListFormatOption = TableOrJson.TABLE,
    no_color: NoColorOption = False,
) -> None:
    """
    Explain a category, or an error that you have.

    An error is a status, a code, a message, a JSON body, an HTTP dump or a traceback. Nothing is sent.

    Example: llmprobe explain 529 -p anthropic
    """
    from llmprobe.cli.explaining import show_categories, show_error
    from llmprobe.config.known_secrets import remember_environment
    from llmprobe.model import Category

    remember_environment(os.environ)
    asked = " ".join(what or ())
    if asked == "" or asked in set(Category):
        show_categories(Category(asked) if asked else None, str(format), no_color=no_color)
    else:
        error = sys.stdin.buffer.read(_LONGEST_INPUT) if asked == "-" else asked
        show_error(error, provider, str(format), no_color=no_color)
