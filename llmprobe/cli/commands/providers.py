"""`llmprobe providers`: the catalogue."""

from __future__ import annotations

from typing import Annotated

import typer

from llmprobe.cli.options import ListFormatOption, NoColorOption, TableOrJson, completing


def providers(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            autocompletion=completing("providers"), help="Only these providers.", show_default=False
        ),
    ] = None,
    format: ListFormatOption = TableOrJson.TABLE,
    no_color: NoColorOption = False,
) -> None:
    """
    List the known providers.

    Address, key variables, default model, and where the facts come from.

    Example: llmprobe providers anthropic -f json
    """
    from llmprobe.cli.screen import Screen
    from llmprobe.config.convert import require_known
    from llmprobe.providers import providers as catalogue
    from llmprobe.reports.documents import providers as report

    for name in names or []:
        require_known("provider", name, list(catalogue()))
    chosen = [p for p in catalogue().values() if not names or p.id in names]
    Screen(no_color=no_color).answer(
        as_json=format is TableOrJson.JSON,
        document=lambda: report.document(chosen),
        text=lambda look: report.text(chosen, look),
    )
