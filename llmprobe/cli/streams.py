"""Standard output and standard error where writing to them may fail."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

from llmprobe.errors import LlmprobeError


def unwritable(error: OSError) -> int:
    """The exit code where the help, an error of Typer's, or what was still buffered could not be written."""
    silence_stdout()
    tell(f"error: cannot write to standard output: {error.strerror}")
    return LlmprobeError.exit_code


def tell(text: str) -> None:
    """To standard error; where that cannot be written either, the exit code has to say it all."""
    from llmprobe.redact import SCRUB

    with suppress(OSError):
        lines = [line for part in SCRUB(text).split("\n") for line in wrapped(part, sys.stderr)]
        print("\n".join(lines), file=sys.stderr, flush=True)


def wrapped(text: str, stream: TextIO) -> list[str]:
    """Lines that a terminal does not break inside a word; one line where the stream is none."""
    if not stream.isatty():
        return [text]
    import re
    import shutil
    import textwrap

    label = re.match(r"(error|hint|warning|note): ", text)
    return textwrap.wrap(
        text,
        max(20, shutil.get_terminal_size().columns),
        subsequent_indent=" " * len(label[0]) if label else "",
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]


def silence_stdout() -> None:
    """Nothing can be written there: what is still buffered must not raise again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def use_color(no_color: bool) -> bool:
    """Only on a terminal, and not where NO_COLOR, TERM=dumb or the flag forbid it."""
    if no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))
