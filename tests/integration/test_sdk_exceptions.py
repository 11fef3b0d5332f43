"""The example for exceptions of the openai and anthropic SDKs, run with those SDKs against a server that fails."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.servers import ROOT, free_port, sdk_python
from tests.support import Background, Served, clean_env

pytestmark = pytest.mark.integration
EXAMPLE = ROOT / "examples" / "sdk_errors.py"


@pytest.fixture(scope="module")
def python() -> Path:
    return sdk_python()


@pytest.fixture
def served(background: Background) -> Iterator[Served]:
    served = Served(background)
    yield served
    served.close()


def ask(python: Path, sdk: str, url: str) -> str:
    env = clean_env({"PYTHONWARNINGS": "ignore"})
    done = subprocess.run([python, EXAMPLE, sdk, url], capture_output=True, text=True, env=env, timeout=60)
    assert done.stderr == ""
    assert "0123456789" not in done.stdout
    return done.stdout.strip()


def base_url(served: Served, sdk: str, behaviour: str) -> str:
    return served.at(behaviour, "" if sdk == "anthropic" else "/v1")


@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
@pytest.mark.parametrize(
    ("behaviour", "step"),
    [
        ("auth", "fix it (auth)"),
        ("quota", "fix it (quota_exhausted)"),
        ("model_not_found", "fix it (model_not_found)"),
        ("rate_limited", "wait 12 s (rate_limited)"),
        ("overloaded", "fail over (overloaded)"),
        ("html_502", "fail over (gateway)"),
        ("hang_up", "fail over (reset)"),
        ("no_headers", "fail over (timeout_headers)"),
    ],
)
def test_a_program_knows_what_to_do(
    python: Path, served: Served, sdk: str, behaviour: str, step: str
) -> None:
    assert ask(python, sdk, base_url(served, sdk, behaviour)).startswith(step)


@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
def test_nobody_listening_is_a_matter_of_the_network(python: Path, sdk: str) -> None:
    assert ask(python, sdk, f"http://127.0.0.1:{free_port()}").startswith("fail over (connect)")


@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
def test_what_works_needs_no_explanation(python: Path, served: Served, sdk: str) -> None:
    assert ask(python, sdk, base_url(served, sdk, "ok"))
