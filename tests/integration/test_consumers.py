"""Reports, read by the programs that people read them with: schemas, promtool, a TAP parser, a browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from llmprobe.config.schema import config_schema
from llmprobe.config.writing import SCHEMA_FILE, NewTarget, new_file
from llmprobe.model import Run
from llmprobe.reports import Look, renderer
from tests.integration.browser import browse
from tests.integration.servers import npm_package, source_package
from tests.runs import EMPTY, EVERYTHING, MIXED

pytestmark = pytest.mark.integration
RUNS = {"everything": EVERYTHING, "mixed": MIXED, "empty": EMPTY}
every_run = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)


def text_of(format: str, run: Run) -> str:
    return renderer(format)(run, Look())


@cache
def debian(program: str, package: str) -> str:
    """The program, installed from Debian where that is possible; else skips."""
    if shutil.which(program) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], capture_output=True, timeout=120)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
        subprocess.run(
            command, capture_output=True, timeout=400, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        )
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed, and cannot be here")
    return found


@every_run
def test_junit_fits_the_schema_of_jenkins(run: Run, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The schema of Jenkins' xunit plugin, as pytest's source package ships it for its own report."""
    package = source_package(tmp_path_factory, "pytest==8.4.2")
    schema = etree.XMLSchema(etree.parse(str(package / "testing" / "example_scripts" / "junit-10.xsd")))
    assert schema.validate(etree.fromstring(text_of("junit", run).encode())), schema.error_log


@every_run
def test_promtool_has_nothing_to_say(run: Run) -> None:
    done = subprocess.run(
        [debian("promtool", "prometheus"), "check", "metrics"],
        input=text_of("prometheus", run),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@every_run
def test_a_tap_14_parser_agrees(run: Run, tmp_path_factory: pytest.TempPathFactory) -> None:
    """node-tap's own parser, in its strictest mode."""
    package = npm_package(tmp_path_factory, "tap-parser@18")
    parser = json.dumps(str(package / "dist" / "esm" / "index.js"))
    script = f"import {{Parser}} from {parser};" + (
        "const p = new Parser({strict: true}, r => console.log(JSON.stringify("
        "{count: r.count, fail: r.fail, skip: r.skip, todo: r.todo,"
        " broken: r.failures.filter(f => f.tapError).map(f => f.tapError)})));"
        "process.stdin.pipe(p);"
    )
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script],
        input=text_of("tap", run),
        capture_output=True,
        text=True,
    )
    result = json.loads(done.stdout)
    skipped = {"everything": 1, "mixed": 0, "empty": 0}[next(n for n, r in RUNS.items() if r is run)]
    assert result["count"] == len(run.results)
    assert result["broken"] == [], "no failure of the format itself"
    assert (result["skip"], result["todo"]) == (skipped, 1 if run is MIXED else 0)
    assert result["fail"] == (3 if run is EVERYTHING else 1 if run is MIXED else 0)


@pytest.mark.parametrize("width", [360, 1100])
def test_a_browser_shows_the_page(width: int, tmp_path: Path) -> None:
    """No console error, nothing fetched, no sideways scrolling on a phone; the screenshot is not blank."""
    chromium = debian("chromium", "chromium")
    page, picture = tmp_path / "report.html", tmp_path / "shot.png"
    page.write_text(text_of("html", EVERYTHING), encoding="utf-8")
    flags = f"--window-size={width},1600", f"--screenshot={picture}"
    shot = browse(chromium, tmp_path, page.as_uri(), *flags)
    assert picture.stat().st_size > 20_000, shot.stderr
    assert "CONSOLE" not in shot.stderr
    assert "Refused to" not in shot.stderr


def test_an_editor_s_toml_support_reads_our_schema(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Taplo, which editors use: the `#:schema` line of `init` is followed, a typing error underlined."""
    taplo = npm_package(tmp_path_factory, "@taplo/cli@0.7.0").parents[1] / ".bin" / "taplo"
    (tmp_path / SCHEMA_FILE).write_text(json.dumps(config_schema()))
    good, wrong = tmp_path / "llmprobe.toml", tmp_path / "wrong.toml"
    good.write_text(
        new_file([NewTarget("a", {"provider": "openai", "thresholds": {"ttft": {"warn": "2s"}}})], ["a", "a"])
    )
    wrong.write_text(f'#:schema ./{SCHEMA_FILE}\n[targets.a]\nprovidr = "openai"\n')

    def lint(path: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(taplo), "lint", path.name], capture_output=True, text=True, cwd=tmp_path)

    assert lint(good).returncode == 0, lint(good).stderr
    assert lint(wrong).returncode == 1
    assert "'providr' was unexpected" in lint(wrong).stderr
