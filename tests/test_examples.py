"""The examples for programs run as they stand: a health endpoint, a test that skips, a notebook."""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import inspect
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from tests.support import ROOT, Served, clean_env

EXAMPLES = ROOT / "examples"


@pytest.fixture
def folder(tmp_path: Path, sim: Served, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration: one member works, one has an overload."""
    write(tmp_path, sim, "ok", "overloaded")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, sim: Served, *behaviours: str) -> None:
    lines = ["[defaults]", 'timeout = "5s"', "retries = 0", 'proxy = ""']
    for behaviour in behaviours:
        lines += [f"[targets.{behaviour}]", 'provider = "simulator"', f'base_url = "{sim.at(behaviour)}"']
    lines += ["[groups.chat]", f"members = {json.dumps(behaviours)}", "need = 1"]
    (folder / "llmprobe.toml").write_text("\n".join(lines))


def loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "dont_write_bytecode", True)
        spec.loader.exec_module(module)
    return module


def asked(module: ModuleType) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=module.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.get("/health/llm")

    return asyncio.run(ask())


def test_the_health_endpoint_answers_with_the_run(folder: Path) -> None:
    """200 while the group works; the body is `llmprobe.run/1`, and a second question costs no probe."""
    module = loaded("fastapi_health")
    first, second = asked(module), asked(module)

    assert first.status_code == 200
    assert first.json()["schema"] == "llmprobe.run/1"
    assert {r["category"] for r in first.json()["results"]} == {"ok", "overloaded"}
    assert second.json() == first.json()


def test_the_health_endpoint_is_red_when_no_member_works(folder: Path, sim: Served) -> None:
    write(folder, sim, "overloaded", "auth")
    assert asked(loaded("fastapi_health")).status_code == 503


@pytest.mark.parametrize(
    ("behaviour", "outcome"), [("ok", "1 passed"), ("overloaded", "1 skipped"), ("auth", "1 error")]
)
def test_live_tests_skip_while_only_the_provider_is_down(
    folder: Path, sim: Served, behaviour: str, outcome: str
) -> None:
    """A rejected key is our own: that is an error."""
    write(folder, sim, behaviour)
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", str(folder),
         str(EXAMPLES / "test_llm_available.py")],
        cwd=folder, env=clean_env({"PYTHONPATH": str(ROOT)}), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert outcome in done.stdout, done.stdout + done.stderr


def test_the_notebook_runs(folder: Path) -> None:
    """Cell by cell, with `await` at the top as in Jupyter."""
    cells = json.loads((EXAMPLES / "notebook.ipynb").read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {}

    async def run() -> None:
        for cell in cells:
            if cell["cell_type"] == "code":
                code = compile("".join(cell["source"]), "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
                waiting = eval(code, names)
                if inspect.iscoroutine(waiting):
                    await waiting

    asyncio.run(run())
    assert names["run"].results[0].stats.n == 3
    assert names["broken"].target == "overloaded"
