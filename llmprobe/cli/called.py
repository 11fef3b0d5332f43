"""How this program was called: what we print as a command runs as printed, where it is printed."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path


def as_called() -> str:
    """`llmprobe` where the shell finds it by that name, else `.venv/bin/llmprobe` or `PYTHON -m llmprobe`."""
    script = Path(sys.argv[0])
    if script.name == "__main__.py":
        return f"{shlex.quote(_shortest(Path(sys.executable)))} -m llmprobe"
    if not script.is_file():
        return "llmprobe"
    return shlex.quote(_shortest(script))


def _shortest(program: Path) -> str:
    """Its name where PATH leads to it, its path from here where it is below, else its whole path."""
    found, whole = shutil.which(program.name), program.absolute()
    if found is not None and Path(found).absolute() == whole:
        return program.name
    return str(whole.relative_to(Path.cwd())) if whole.is_relative_to(Path.cwd()) else str(whole)
