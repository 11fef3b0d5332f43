"""`llmprobe schema`: the published JSON Schemas."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Which(StrEnum):
    """What there is a schema of."""

    RUN = "run"
    CONFIG = "config"


def schema(
    which: Annotated[Which, typer.Argument(help="run: the JSON output; config: llmprobe.toml.")],
) -> None:
    """
    Print the JSON Schema of the output or of the configuration file.

    Example: llmprobe schema config > llmprobe.schema.json
    """
    from llmprobe.json_text import readable

    if which is Which.RUN:
        from llmprobe.reports.schema import run_schema

        typer.echo(readable(run_schema()), nl=False)
    else:
        from llmprobe.config.schema import config_schema

        typer.echo(readable(config_schema()), nl=False)
