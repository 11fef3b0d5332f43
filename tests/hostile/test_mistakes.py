"""Whatever a user writes into a file, a flag or a variable: a verdict or exit 2 in words, never a bug of ours."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.hostile import mistakes
from tests.hostile.mistakes import CANARY, outcome

CODES = (0, 1, 2, 3, 4, 5, 75)
SETTINGS = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""The same examples each time; a wider search is one number away."""

READS_THE_FILE = [
    ["config", "check"],
    ["config", "show"],
    ["check", "--dry-run"],
    ["check", "--timeout", "200ms"],
    ["diagnose", "a", "--no-status"],
    ["pick", "a"],
    ["models", "a"],
    ["history"],
]
READS_THE_ENVIRONMENT = [
    ["check", "--dry-run"],
    ["check", "--timeout", "200ms"],
    ["models", "openai"],
    ["init", "--offline", "--print"],
    ["check", "openai", "-f", "github", "--timeout", "200ms"],
    ["check", "--base-url", "http://127.0.0.1:9", "-m", "m", "--record"],
]


def judge(argv: Sequence[str], env: Mapping[str, str], document: str | None = None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if document is not None:
            (Path(folder) / "llmprobe.toml").write_text(document, "utf-8", "surrogatepass")
        done = outcome(argv, env, Path(folder))
    assert done.code in CODES, (argv, env, document, done.err[-600:])
    assert "Traceback" not in done.out + done.err
    if done.code == 2:
        assert done.err.strip(), "a mistake is told on standard error"
        assert len(done.err) < 100_000, "and not by repeating it"
    if document is not None and f"targets.{CANARY}" not in document:
        assert CANARY not in done.err, (argv, document, done.err)


@SETTINGS
@given(st.sampled_from(READS_THE_FILE), mistakes.documents())
def test_no_file_makes_it_fail_or_repeat_a_secret(argv: list[str], document: str) -> None:
    judge(argv, {}, document)


@SETTINGS
@given(mistakes.command_lines())
def test_no_command_line_makes_it_fail(argv: list[str]) -> None:
    judge(argv, {"OPENAI_API_KEY": "k" * 20})


@SETTINGS
@given(st.sampled_from(READS_THE_ENVIRONMENT), mistakes.environments())
def test_no_environment_makes_it_fail(argv: list[str], env: dict[str, str]) -> None:
    judge(argv, env)


@pytest.mark.parametrize("url", [url for url in mistakes.URLS if url])
def test_each_address_is_probed_or_refused(url: str) -> None:
    argument = mistakes.argument(url)
    judge(["check", "--base-url", argument, "-m", "m", "--timeout", "200ms"], {})


@pytest.mark.parametrize("proxy", mistakes.PROXIES)
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "all_proxy"])
def test_each_proxy_is_used_or_refused(name: str, proxy: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        line = ["check", "--base-url", "https://127.0.0.1:9", "-m", "m", "--timeout", "200ms"]
        done = outcome(line, {name: proxy}, Path(folder))
    assert done.code in CODES, done.err
    assert CANARY not in done.err + done.out
    if done.code == 2:
        assert name in done.err, "which variable it is"


@pytest.mark.parametrize("document", mistakes.RAWS)
def test_each_value_that_no_key_takes_is_a_mistake(document: str) -> None:
    judge(["config", "check"], {}, f'[defaults]\nretries = {document}\n[targets.a]\nprovider = "openai"\n')


@pytest.mark.parametrize("flag", ["--config", "--env-file", "--db", "--bundle", "--output"])
@pytest.mark.parametrize("path", mistakes.PATHS)
def test_each_path_is_used_or_refused(flag: str, path: str) -> None:
    value = mistakes.argument(path)
    prefix = "json:" if flag == "--output" else ""
    judge(["check", "openai", "--timeout", "200ms", flag, prefix + value], {"OPENAI_API_KEY": "k" * 20})


@pytest.mark.parametrize("path", [path for path in mistakes.PATHS if path])
@pytest.mark.parametrize("key", ["api_key = { file = %s }", "ca_bundle = %s"])
def test_each_path_in_a_file_is_used_or_refused(key: str, path: str) -> None:
    import json

    line = f'[targets.a]\nprovider = "openai"\n{key % json.dumps(path)}\n'
    judge(["check", "--timeout", "200ms"], {"OPENAI_API_KEY": "k" * 20}, line)
