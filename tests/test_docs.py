"""The documentation is part of the program: its tables come from the code, its files and commands work."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from llmprobe.cli.app import app
from llmprobe.config import Wanted, make_plan
from llmprobe.errors import SecretError
from llmprobe.model import ExitCode
from tests.docs import README, between, category_table, config_table
from tests.support import ROOT, Served, clean_env

TEXT = README.read_text(encoding="utf-8")
EXAMPLES = ROOT / "examples"


def test_the_category_table_is_the_classifiers() -> None:
    """`python -m tests.docs` brings it up to date."""
    assert between(TEXT, "categories") == category_table()


def test_the_configuration_reference_is_the_schemas() -> None:
    assert between(TEXT, "config reference") == config_table()


def test_the_exit_codes_are_the_programs() -> None:
    section = TEXT.split("<!-- exit codes -->")[1].split("Where several")[0]
    documented = {
        int(code) for row in re.findall(r"^\| ([\d /]+) \|", section, re.M) for code in row.split("/")
    }
    assert documented == {int(code) for code in ExitCode}


def test_help_names_the_same_exit_codes() -> None:
    epilog = app.info.epilog or ""
    assert set(map(int, re.findall(r"\b(\d+)\b", epilog))) == {int(code) for code in ExitCode}


def test_every_flag_in_the_readme_exists() -> None:
    command = get_command(app)
    known = {"--help"} | {opt for param in command.params for opt in param.opts}
    for sub in command.commands.values():  # type: ignore[attr-defined]
        for child in [sub, *getattr(sub, "commands", {}).values()]:
            known |= {opt for param in child.params for opt in param.opts}
    prose = TEXT.replace("pip install --quiet", "")
    for flag in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", prose)):
        assert flag in known, flag


@pytest.mark.parametrize("block", re.findall(r"```toml\n(.*?)```", TEXT, re.S))
def test_each_configuration_in_the_readme_is_valid(block: str, tmp_path: Path) -> None:
    """A block that shows groups alone is completed with their members."""
    if "[targets" not in block:
        block += '[targets.claude]\nprovider = "anthropic"\n[targets.gpt]\nprovider = "openai"\n'
        block += '[targets.gateway]\nprovider = "openai"\nmodels = ["a"]\n'
    file = tmp_path / "llmprobe.toml"
    file.write_text(block, encoding="utf-8")
    assert make_plan(Wanted(config=file, read_secrets=False), {}).built


@pytest.mark.parametrize(
    "path", [p for p in sorted(EXAMPLES.glob("*.toml")) if p.name != "outage.toml"], ids=lambda p: p.name
)
def test_each_example_configuration_is_valid(path: Path) -> None:
    assert make_plan(Wanted(config=path, read_secrets=False), {}).built
    try:
        make_plan(Wanted(config=path), {})
    except SecretError as error:
        assert path.name == "secrets.toml", error


def test_every_example_is_named_in_the_readme_or_loaded_here() -> None:
    for path in EXAMPLES.iterdir():
        assert path.name in TEXT or path.name == "llmprobe.toml", path


def test_the_library_example_runs(sim: Served) -> None:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "library.py"), sim.url],
        capture_output=True,
        text=True,
        env=clean_env({"PYTHONPATH": str(ROOT)}),
    )
    assert done.returncode == 0, done.stderr
    assert "healthy ok answered" in done.stdout


def test_the_crontab_s_commands_parse() -> None:
    for line in (EXAMPLES / "crontab").read_text().splitlines():
        if not line.startswith("#"):
            words = line.split()[5:]
            assert words[:2] == ["llmprobe", "check"]
            assert {w for w in words if w.startswith("--")} <= {
                "--config",
                "--env-file",
                "--quiet",
                "--output",
            }


def test_the_changelog_and_the_version_agree() -> None:
    import llmprobe

    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert version == llmprobe.__version__
    assert (
        "## Unreleased" in (ROOT / "CHANGELOG.md").read_text()
        or f"## {version}" in (ROOT / "CHANGELOG.md").read_text()
    )


def test_the_readme_has_one_test_command() -> None:
    """`.ci/run` takes it from here, so that the two cannot part."""
    assert len(re.findall(r"<!-- test command -->\n```sh\n(.+)\n```", TEXT)) == 1


def test_public_names_are_documented() -> None:
    """Every public module, class and function of the package says what it is for."""
    import ast

    missing = []
    for path in sorted((ROOT / "llmprobe").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not ast.get_docstring(tree):
            missing.append(str(path))
        for node in tree.body:
            if (
                isinstance(node, ast.ClassDef)
                and not node.name.startswith("_")
                and not ast.get_docstring(node)
            ):
                missing.append(f"{path}:{node.name}")
    assert missing == [m for m in missing if "/providers/" in m and "Reader" not in m], missing


def test_the_outermost_codes_are_the_contracts() -> None:
    """`cli.main` names them as numbers, so that help need not import the model."""
    from llmprobe.cli import main

    named = (main._OK, main._INTERNAL, main._INTERRUPTED)
    assert named == (ExitCode.OK, ExitCode.INTERNAL, ExitCode.INTERRUPTED)
