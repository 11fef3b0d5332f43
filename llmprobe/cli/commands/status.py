"""`llmprobe status`: the signature only; the work is in `paging`."""

from __future__ import annotations

from typing import Annotated

import typer

from llmprobe.cli.options import ConfigOption, ListFormatOption, NoColorOption, TableOrJson


def status(
    providers: Annotated[
        list[str] | None,
        typer.Argument(
            help="Providers, or targets of the configuration; else those of the configuration, else all.",
            show_default=False,
        ),
    ] = None,
    config: ConfigOption = None,
    format: ListFormatOption = TableOrJson.TABLE,
    no_color: NoColorOption = False,
) -> None:
    """
    Read the vendors' own status pages: what they say of the API, and how fresh that is.

    Exit code 1 when a page tells of trouble with its API, else 0; a page that cannot be read says so.

    Example: llmprobe status anthropic openai
    """
    from llmprobe.cli.paging import run_status

    raise typer.Exit(run_status(providers or [], config, str(format), no_color=no_color))
