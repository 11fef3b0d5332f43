"""`llmprobe schema`: the published JSON Schemas."""

from __future__ import annotations

from typing import Annotated

import typer

from llmprobe.cli.options import completing


def schema(
    name: Annotated[
        str | None,
        typer.Argument(
            autocompletion=completing("schemas"),
            help="run, config, or another name; without one, all names.",
            show_default=False,
            metavar="[NAME]",
        ),
    ] = None,
) -> None:
    """
    Print the JSON Schema of a document.

    Or of the configuration file.

    Example: llmprobe schema config > llmprobe.schema.json
    """
    from llmprobe.cli.screen import Screen
    from llmprobe.config.convert import require_known
    from llmprobe.config.schema import config_schema
    from llmprobe.json_text import readable
    from llmprobe.reports.schemas import NAMES, schema_of

    names = ("config", *NAMES)
    if name is None:
        Screen().write("".join(f"{known}\n" for known in names))
        return
    require_known("schema", name, names)
    Screen().write(readable(config_schema() if name == "config" else schema_of(name)))
