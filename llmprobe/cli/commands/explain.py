"""`llmprobe explain`: what a category means and what to do."""

from __future__ import annotations

from typing import Annotated

import typer

from llmprobe.cli.options import ListFormatOption, NoColorOption, TableOrJson


def explain(
    category: Annotated[
        str | None,
        typer.Argument(help="For example overloaded; all of them without one.", show_default=False),
    ] = None,
    format: ListFormatOption = TableOrJson.TABLE,
    no_color: NoColorOption = False,
) -> None:
    """
    Explain a category: what it means, whose side it is on, what to do, which signals lead to it.

    Example: llmprobe explain quota_exhausted
    """
    from llmprobe.cli.explaining import show

    show(category, str(format), no_color=no_color)
