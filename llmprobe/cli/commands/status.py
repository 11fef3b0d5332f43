"""`llmprobe status`: what the vendors' own status pages say."""

from __future__ import annotations

from typing import Annotated

import typer

from llmprobe.cli.options import ConfigOption, ListFormatOption, NoColorOption, TableOrJson, completing


def status(
    providers: Annotated[
        list[str] | None,
        typer.Argument(
            autocompletion=completing("pages"),
            help="Providers or targets (default: those of the configuration, else all).",
            show_default=False,
        ),
    ] = None,
    config: ConfigOption = None,
    format: ListFormatOption = TableOrJson.TABLE,
    no_color: NoColorOption = False,
) -> None:
    """
    Read the vendors' own status pages.

    Tells what they say of the API, and how fresh that is. Exit code 1 when a page tells of trouble with its
    API, 5 when no page can be reached, else 0; a page that cannot be read says so.

    Example: llmprobe status anthropic openai
    """
    from llmprobe.cli.event_loop import in_loop
    from llmprobe.cli.screen import Screen
    from llmprobe.model import ExitCode
    from llmprobe.monitor.pages import status as read
    from llmprobe.reports.documents import status as report

    pages = in_loop(read(providers or [], config))
    Screen(no_color=no_color).answer(
        as_json=format is TableOrJson.JSON,
        document=lambda: report.document(pages),
        text=lambda look: report.text(pages, look),
    )
    if any(page.state.is_trouble for page in pages):
        raise typer.Exit(int(ExitCode.FAILED))
    raise typer.Exit(int(ExitCode.NETWORK if report.none_reached(pages) else ExitCode.OK))
