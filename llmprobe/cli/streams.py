"""Standard output and standard error where writing to them may fail."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

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
        print(SCRUB(text), file=sys.stderr, flush=True)


def silence_stdout() -> None:
    """Nothing can be written there: what is still buffered must not raise again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
