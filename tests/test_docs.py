"""The documentation is part of the program: its tables come from the code, its files and commands work."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
import yaml
from typer.main import get_command

from llmprobe.cli.app import app_for, whole_app
from llmprobe.config import Selection, make_plan
from llmprobe.errors import SecretError
from llmprobe.model import ExitCode
from llmprobe.reports import FORMATS
from tests.docs import CATEGORIES, CONFIGURATION, EXAMPLES, README, categories_page, configuration_page
from tests.support import ROOT, Served, clean_env

app = whole_app()
TEXT = README.read_text(encoding="utf-8")


def test_the_page_of_categories_is_the_classifiers() -> None:
    """`python -m tests.docs` brings it up to date."""
    assert CATEGORIES.read_text(encoding="utf-8") == categories_page()


def test_the_page_of_the_configuration_is_the_schemas() -> None:
    assert CONFIGURATION.read_text(encoding="utf-8") == configuration_page()


def test_the_readme_is_at_most_twelve_kilobytes() -> None:
    assert len(TEXT.encode()) <= 12_000


def test_each_file_that_a_document_links_to_is_there() -> None:
    for page in (README, EXAMPLES / "README.md", EXAMPLES / "monitoring.md"):
        for link in re.findall(r"\]\((?!http)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), (page.name, link)


def test_the_picture_is_the_programs_and_fetches_nothing() -> None:
    """An SVG of this version's own words, with no font or image from elsewhere."""
    picture = (EXAMPLES / "demo.svg").read_text(encoding="utf-8")
    assert "examples/demo.svg" in TEXT
    assert "quota&#160;exhausted" in picture
    assert not re.search(r"@font-face|@import|<image|href=", picture)


def test_every_command_is_in_the_readme() -> None:
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        for sub in getattr(command, "commands", None) or [""]:
            assert f"llmprobe {name} {sub}".strip() in TEXT or f"`{name}` " in TEXT or name in ("config",), (
                name
            )


def test_every_format_is_in_the_readme() -> None:
    for name in FORMATS:
        assert f"`{name}`" in TEXT, name


def test_the_exit_codes_are_the_programs() -> None:
    section = TEXT.split("<!-- exit codes -->")[1].split("Where several")[0]
    documented = {
        int(code) for row in re.findall(r"^\| ([\d /]+) \|", section, re.M) for code in row.split("/")
    }
    assert documented == {int(code) for code in ExitCode}


def test_help_names_the_same_exit_codes() -> None:
    epilog = app.info.epilog or ""
    assert set(map(int, re.findall(r"\b(\d+)\b", epilog))) == {int(code) for code in ExitCode}


def test_the_list_of_commands_is_the_same_with_and_without_their_parameters() -> None:
    """The short way to the list must not forget one, nor say something else of it."""

    def listed(tree: typer.Typer) -> dict[str, str]:
        commands = get_command(tree).commands  # type: ignore[attr-defined]
        return {name: command.get_short_help_str(200) for name, command in commands.items()}

    assert listed(app_for([])) == listed(app)
    assert list(listed(app_for(["check", "-v"]))) == ["check"]
    assert listed(app_for(["chekc"])) == listed(app)


def test_each_command_s_help_has_an_example() -> None:
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        assert re.search("Example: .*llmprobe", command.help or "") or getattr(command, "commands", None), (
            name
        )


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
    assert make_plan(Selection(config=file, read_secrets=False), {}).built


@pytest.mark.parametrize(
    "path", [p for p in sorted(EXAMPLES.glob("*.toml")) if p.name != "outage.toml"], ids=lambda p: p.name
)
def test_each_example_configuration_is_valid(path: Path) -> None:
    assert make_plan(Selection(config=path, read_secrets=False), {}).built
    try:
        make_plan(Selection(config=path), {})
    except SecretError as error:
        assert path.name == "secrets.toml", error


def test_the_index_of_the_examples_names_each_file() -> None:
    index = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for path in (p for p in EXAMPLES.iterdir() if p.is_file() and p.name != "README.md"):
        assert f"]({path.name})" in index, path


def test_the_library_example_runs(sim: Served) -> None:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "library.py"), sim.url],
        capture_output=True,
        text=True,
        env=clean_env({"PYTHONPATH": str(ROOT)}),
    )
    assert done.returncode == 0, done.stderr
    assert "healthy ok answered" in done.stdout


def commands_in(text: str) -> list[list[str]]:
    """Every `llmprobe COMMAND …` of a text, as arguments; shell operators end one."""
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        for match in re.finditer(
            r"(?:^|[\s(/\"=])llmprobe ((?:check|watch|serve|wait|pick|report|history|incidents|baseline|simulate|demo)\b[^#]*)",
            line,
        ):
            command = re.split(r"\|\||&&|\)\"?|;| \|| > |`|,? \{", match[1])[0]
            if command.count('"') % 2:  # the end of the text that it stands in
                command = command.rpartition('"')[0]
            words = shlex.split(command)
            found.append([w.replace("$ARG1$", "claude") for w in words])
    return found


EVERY_COMMAND = [
    pytest.param(words, id=f"{path.name}: {' '.join(words)[:60]}")
    for path in [README, *sorted(p for p in EXAMPLES.iterdir() if p.is_file())]
    if path.suffix not in (".svg", ".png", ".py")
    for words in commands_in(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("words", EVERY_COMMAND)
def test_each_command_that_is_shown_parses(words: list[str]) -> None:
    """Flags that do not exist, or that miss a value, would raise."""
    group = get_command(app)
    sub = group.commands[words[0]]  # type: ignore[attr-defined]
    assert sub.make_context(words[0], words[1:]).info_name == words[0]


def test_the_kubernetes_job_s_command_parses() -> None:
    job = yaml.safe_load((EXAMPLES / "kubernetes-cronjob.yaml").read_text())
    [container] = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    group = get_command(app)
    assert container["command"][0] == "llmprobe"
    group.commands["check"].make_context("check", container["command"][2:])  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["github-actions.yml", "gitlab-ci.yml", "kubernetes-cronjob.yaml"])
def test_each_yaml_example_loads(name: str) -> None:
    assert isinstance(yaml.safe_load((EXAMPLES / name).read_text()), dict)


def test_the_systemd_units_are_what_systemd_reads() -> None:
    for name in ("llmprobe.service", "llmprobe.timer"):
        unit = configparser.ConfigParser(strict=True, interpolation=None)
        unit.optionxform = str  # type: ignore[method-assign, assignment]
        unit.read(EXAMPLES / name)
        assert "Unit" in unit
    assert set(unit["Timer"]) == {"OnBootSec", "OnUnitActiveSec", "RandomizedDelaySec"}


def test_the_pre_deploy_gate_runs(sim: Served, tmp_path: Path) -> None:
    """With the real command: one member down, the other is picked."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "llmprobe").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m llmprobe "$@"\n')
    (tmp_path / "bin" / "llmprobe").chmod(0o755)
    config = tmp_path / "gate.toml"
    config.write_text(
        f'[targets.down]\nprovider = "simulator"\nbase_url = "{sim.at("overloaded")}"\nretries = 0\n'
        f'[targets.up]\nprovider = "simulator"\nbase_url = "{sim.url}"\n[groups.chat]\nmembers = ["down", "up"]\n'
    )
    env = clean_env(
        {
            "PATH": f"{tmp_path}/bin:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "LLMPROBE_DB": str(tmp_path / "no.db"),
        }
    )
    done = subprocess.run(
        [str(EXAMPLES / "pre-deploy.sh"), str(config)], capture_output=True, text=True, env=env
    )
    assert (done.returncode, done.stdout.split(" (")[0]) == (0, "deploying with up"), done.stderr


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
