"""`llmprobe demo`: see it work, without a key and without a network."""

from __future__ import annotations

import typer

from llmprobe.cli.options import DebugOption, Format, FormatOption, NoColorOption


def demo(
    format: FormatOption = Format.TABLE, no_color: NoColorOption = False, debug: DebugOption = False
) -> None:
    """
    Probe a dozen simulated targets, each with another trouble, and show the result.

    Example: llmprobe demo
    """
    from llmprobe.cli.demoing import run_demo

    raise typer.Exit(run_demo(str(format), no_color=no_color, debug=debug))
