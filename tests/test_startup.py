"""A quick start: each command imports what it uses, and nothing else by accident."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support import Served, clean_env


def modules_after(*args: str) -> set[str]:
    """The top-level modules that are loaded when the command ends."""
    code = (
        "import sys, io\n"
        f"sys.argv = ['llmprobe', *{list(args)!r}]\n"
        "import llmprobe.__main__ as entry\n"
        "entry._leave = lambda code, *_: sys.exit(code)\n"
        "out, sys.stdout = sys.stdout, io.StringIO()\n"
        "try: entry.main()\n"
        "except SystemExit: pass\n"
        "sys.stdout = out\n"
        "print(' '.join(sorted(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=clean_env())
    assert done.stdout, done.stderr
    return set(done.stdout.split())


def test_the_version_needs_nothing() -> None:
    """Answered before Typer is imported."""
    assert not modules_after("--version") & {
        "typer",
        "click",
        "rich",
        "httpx",
        "pydantic",
        "msgspec",
        "asyncio",
        "llmprobe.model",
    }


def test_help_into_a_pipe_needs_no_rich_and_no_network() -> None:
    assert not modules_after("--help") & {
        "rich",
        "httpx",
        "httpcore",
        "pydantic",
        "click",
        "msgspec",
        "asyncio",
    }


@pytest.mark.parametrize("format", [["-f", "json"], ["-f", "ndjson"], ["-q"]])
def test_machine_formats_need_no_rich(sim: Served, format: list[str]) -> None:
    loaded = modules_after("check", "--base-url", sim.url, "--model", "sim-1", *format)

    assert "httpx" in loaded
    assert not loaded & {
        "rich",
        "pydantic",
        "click",
        "jsonschema",
        "sqlite3",
        "keyring",
        "llmprobe.simulator",
        "uvloop",
        "truststore",
        "anyio._backends",
    }


def test_the_table_is_drawn_with_rich(sim: Served) -> None:
    loaded = modules_after("check", "--base-url", sim.url, "--model", "sim-1")
    assert "rich" in loaded
    assert not loaded & {"pydantic", "click", "rich.markdown", "pygments"}


def test_importing_the_package_imports_nothing_else() -> None:
    done = subprocess.run([sys.executable, "-c", "import sys, llmprobe; print('httpx' in sys.modules, 'asyncio' in sys.modules)"],
                          capture_output=True, text=True, env=clean_env())  # fmt: skip
    assert done.stdout == "False False\n"
