"""`llmprobe providers`: the catalogue."""

from __future__ import annotations

from typing import Annotated

import typer

from llmprobe.cli.options import ListFormatOption, NoColorOption, TableOrJson


def providers(
    names: Annotated[list[str] | None, typer.Argument(help="Only these.", show_default=False)] = None,
    format: ListFormatOption = TableOrJson.TABLE,
    no_color: NoColorOption = False,
) -> None:
    """
    List the known providers: address, key variables, default model, and where the facts come from.

    Example: llmprobe providers anthropic -f json
    """
    from llmprobe.cli.listing import show_providers

    show_providers(names or [], str(format), no_color=no_color)
