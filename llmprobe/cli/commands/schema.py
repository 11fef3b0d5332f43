"""`llmprobe schema`: the published JSON Schemas."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Which(StrEnum):
    """What there is a schema of."""

    RUN = "run"
    CONFIG = "config"
    EXPLAIN = "explain"


def schema(
    which: Annotated[Which, typer.Argument(help="run or explain: their JSON; config: llmprobe.toml.")],
) -> None:
    """
    Print the JSON Schema of the output or of the configuration file.

    Example: llmprobe schema config > llmprobe.schema.json
    """
    from llmprobe.json_text import readable

    if which is Which.RUN:
        from llmprobe.reports.schema import run_schema

        typer.echo(readable(run_schema()), nl=False)
    elif which is Which.EXPLAIN:
        from msgspec.json import schema as schema_of

        from llmprobe.reports.documents.explanation import Explained

        typer.echo(readable(schema_of(Explained)), nl=False)
    else:
        from llmprobe.config.schema import config_schema

        typer.echo(readable(config_schema()), nl=False)
