"""The first five minutes: what is found, what is written, what is asked, and what is never overwritten."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from llmprobe.cli.completion import model_names, provider_names, target_names
from llmprobe.config.load import load
from llmprobe.config.writing import NewTarget, new_file, with_target, without_target
from llmprobe.errors import ConfigError, UsageError
from llmprobe.monitor.discovery import local_servers
from tests.support import ROOT, Served, clean_env, llmprobe

KEY = "sk-" + "a1b2c3d4" * 5


def on_a_terminal(*args: str, cwd: Path, answer: str = "", **env: str) -> tuple[int, str]:
    """The real command with a terminal for all three streams; what it printed."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "llmprobe", *args], stdin=child, stdout=child, stderr=child, cwd=cwd,
        env=clean_env({"TERM": "dumb", "COLUMNS": "100", "PYTHONPATH": str(ROOT), **env}),
    )  # fmt: skip
    os.close(child)
    os.write(parent, answer.encode())
    seen = b""
    while True:
        try:
            piece = os.read(parent, 4096)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    os.close(parent)
    return process.wait(20), seen.decode().replace("\r\n", "\n")


# init


def test_init_writes_what_it_finds(tmp_path: Path) -> None:
    """A key in .env, one in the environment; the file is valid, commented, and holds no key."""
    (tmp_path / ".env").write_text(f"OPENAI_API_KEY={KEY}\n")
    done = llmprobe("init", "--offline", cwd=tmp_path, env={"ANTHROPIC_API_KEY": "sk-ant-" + KEY})
    text = (tmp_path / "llmprobe.toml").read_text()

    assert done.returncode == 0, done.stderr
    assert text.startswith("#:schema ./.llmprobe.schema.json\n# ")
    assert set(load(tmp_path / "llmprobe.toml").targets) == {"openai", "anthropic"}
    assert "groups" not in tomllib.loads(text), (
        "a group is the user's decision: it stands there as an example"
    )
    example = text[text.index("# [groups.chat]") :].replace("# ", "")
    assert tomllib.loads(example)["groups"]["chat"] == {"members": ["openai", "anthropic"], "need": 1}
    assert json.loads((tmp_path / ".llmprobe.schema.json").read_text())["title"] == "llmprobe.toml"
    assert "next: llmprobe check --env-file .env" in done.stderr
    assert KEY not in text + done.stderr + done.stdout
    assert llmprobe("config", "check", cwd=tmp_path).returncode == 0


def test_init_never_overwrites_without_being_told(tmp_path: Path) -> None:
    (tmp_path / "llmprobe.toml").write_text("# mine\n")
    env = {"OPENAI_API_KEY": KEY}
    refused = llmprobe("init", "--offline", cwd=tmp_path, env=env)
    shown = llmprobe("init", "--offline", "--print", cwd=tmp_path, env=env)

    assert refused.returncode == 2
    assert "is there already" in refused.stderr
    assert "[targets.openai]" in shown.stdout
    assert (tmp_path / "llmprobe.toml").read_text() == "# mine\n"
    assert llmprobe("init", "--offline", "--force", cwd=tmp_path, env=env).returncode == 0
    assert "[targets.openai]" in (tmp_path / "llmprobe.toml").read_text()


@pytest.mark.parametrize(
    ("answer", "code", "changed"), [("n\n", 1, False), ("\n", 1, False), ("y\n", 0, True)]
)
def test_init_asks_on_a_terminal(tmp_path: Path, answer: str, code: int, changed: bool) -> None:
    """To overwrite, the answer must be yes."""
    (tmp_path / "llmprobe.toml").write_text("# mine\n")
    done, seen = on_a_terminal("init", "--offline", cwd=tmp_path, answer=answer, OPENAI_API_KEY=KEY)

    assert done == code, seen
    assert "overwrite llmprobe.toml with 1 target? [y/N]" in seen
    assert ((tmp_path / "llmprobe.toml").read_text() != "# mine\n") is changed


def test_init_with_nothing_to_find_says_how_to_go_on(tmp_path: Path) -> None:
    done = llmprobe("init", cwd=tmp_path)
    assert done.returncode == 2
    assert "found no key and no server" in done.stderr
    assert "ANTHROPIC_API_KEY" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_local_servers_are_those_that_answer(sim: Served) -> None:
    found = asyncio.run(
        local_servers(
            {
                "ollama": sim.url,
                "vllm": sim.at("ok"),
                "sglang": "http://127.0.0.1:9/v1",
                "tgi": sim.at("server_error"),
            }
        )
    )
    assert [(one.target.provider, len(one.models)) for one in found] == [("ollama", 3), ("vllm", 3)]


def test_a_key_that_does_not_work_is_written_with_the_reason(tmp_path: Path) -> None:
    """Tests reach nobody: the comment says so, and the target is there all the same."""
    done = llmprobe(
        "init", cwd=tmp_path, env={"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    )
    text = (tmp_path / "llmprobe.toml").read_text()
    assert "but connect: " in done.stderr
    assert "# OpenAI answered: 127.0.0.1:9 refused the connection\n[targets.openai]" in text


# config add, config remove

FILE = """\
# my file
[defaults]
timeout = "5s"

# the first one
[targets.a]
provider = "openai"  # a comment
[targets.a.thresholds]
ttft = "2s"

[targets."b c"]
provider = "mistral"

# a group
[groups.g]
members = ["b c"]
"""


def test_a_target_is_removed_and_everything_else_stays() -> None:
    text = without_target(FILE, Path("x.toml"), "a")
    assert text == FILE.replace(
        '# the first one\n[targets.a]\nprovider = "openai"  # a comment\n[targets.a.thresholds]\nttft = "2s"\n\n',
        "",
    )


def test_a_target_is_added_at_the_end_and_everything_else_stays() -> None:
    text = with_target(FILE, Path("x.toml"), NewTarget("d", {"provider": "groq", "model": "m"}, "why"))
    assert text == FILE + '\n# why\n[targets.d]\nprovider = "groq"\nmodel = "m"\n'


def test_what_would_break_the_file_is_refused() -> None:
    with pytest.raises(ConfigError, match='no target matches "b c"'):
        without_target(FILE, Path("x.toml"), "b c")
    with pytest.raises(UsageError, match="already"):
        with_target(FILE, Path("x.toml"), NewTarget("a", {"provider": "groq"}))
    with pytest.raises(ConfigError, match="unknown provider"):
        with_target(FILE, Path("x.toml"), NewTarget("d", {"provider": "grok-ish"}))


INLINE = '# mine\n[targets]  # all\na = { provider = "openai" } # one\nb = { provider = "groq" }  # two\n'
DOTTED = 'targets.a.provider = "openai" # one\ntargets.a.model = "m"\ntargets.b.provider = "groq"  # two\n'


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (INLINE, '# mine\n[targets]  # all\nb = { provider = "groq" }  # two\n'),
        (DOTTED, 'targets.b.provider = "groq"  # two\n'),
    ],
)
def test_a_target_is_removed_however_it_is_written(text: str, kept: str) -> None:
    """As an inline table, or with dotted keys; the comments of the others stay."""
    assert without_target(text, Path("x.toml"), "a") == kept


@pytest.mark.parametrize("text", [INLINE, DOTTED, 'targets = { a = { provider = "openai" } }  # one\n'])
def test_a_target_is_added_however_the_others_are_written(text: str) -> None:
    added = with_target(text, Path("x.toml"), NewTarget("d", {"provider": "groq", "model": "m"}))
    before, after = tomllib.loads(text)["targets"], tomllib.loads(added)["targets"]
    assert after == {**before, "d": {"provider": "groq", "model": "m"}}
    assert "# one" in added


def test_text_that_looks_like_a_header_stays(tmp_path: Path) -> None:
    text = '[targets.a]\nprovider = "openai"\n[targets.b]\nprovider = "openai"\nexpect.contains = """\n[targets.a]\n"""\n'
    kept = tomllib.loads(without_target(text, Path("x.toml"), "a"))
    assert kept == {"targets": {"b": tomllib.loads(text)["targets"]["b"]}}


def test_a_new_file_is_valid_whatever_the_names() -> None:
    text = new_file(
        [NewTarget("with space", {"provider": "openai"}, "c"), NewTarget("x.y", {"provider": "groq"})],
        ["with space", "x.y"],
    )
    assert list(tomllib.loads(text)["targets"]) == ["with space", "x.y"]


def test_the_commands_add_and_remove(tmp_path: Path) -> None:
    """Beginning with no file at all; a mistake leaves the file as it was."""
    added = llmprobe(
        "config",
        "add",
        "one",
        "--provider",
        "openai",
        "-m",
        "gpt-x",
        "--tag",
        "t",
        "-p",
        "models",
        cwd=tmp_path,
    )
    assert added.returncode == 0, added.stderr
    before = (tmp_path / "llmprobe.toml").read_text()
    wrong = llmprobe("config", "add", "two", "--provider", "opnai", cwd=tmp_path)
    assert (wrong.returncode, 'did you mean "openai"?' in wrong.stderr) == (2, True)
    assert (tmp_path / "llmprobe.toml").read_text() == before
    assert llmprobe("config", "remove", "one", cwd=tmp_path).returncode == 0
    assert "[targets" not in (tmp_path / "llmprobe.toml").read_text()
    assert llmprobe("config", "remove", "one", cwd=tmp_path).returncode == 2


# models


def test_models_lists_what_a_key_can_use(sim: Served) -> None:
    done = llmprobe(
        "models", "--base-url", sim.at("retiring"), "--dialect", "anthropic-messages", "-f", "json"
    )
    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert document["schema"] == "llmprobe.models/1"
    assert {model["id"] for model in document["models"]} >= {"sim-1"}
    assert "3 models of" in llmprobe("models", "--base-url", sim.url).stdout


@pytest.mark.parametrize(("behaviour", "code"), [("auth", 4), ("overloaded", 1), ("reset", 5)])
def test_models_without_a_list_says_why(sim: Served, behaviour: str, code: int) -> None:
    done = llmprobe("models", "--base-url", sim.at(behaviour))
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr


# The first screen


def test_the_first_screen_without_anything(tmp_path: Path) -> None:
    code, seen = on_a_terminal(cwd=tmp_path)
    assert code == 0
    assert "configuration  none" in seen
    assert [line.split("  ")[0] for line in seen.splitlines() if line.startswith("llmprobe ") and "  " in line] == [
        "llmprobe demo", "llmprobe init --local", "llmprobe check openai",
    ]  # fmt: skip
    assert max(map(len, seen.splitlines())) <= 80


def test_the_first_screen_with_a_configuration_and_a_past(sim: Served, tmp_path: Path) -> None:
    db = tmp_path / "h.db"
    (tmp_path / "llmprobe.toml").write_text(
        f'[history]\nrecord = true\npath = "{db}"\n[targets.a]\nprovider = "simulator"\nbase_url = "{sim.at("quota")}"\n'
    )
    llmprobe("check", "-q", cwd=tmp_path, env={"PYTHONPATH": str(ROOT)})
    code, seen = on_a_terminal(cwd=tmp_path, GROQ_API_KEY=KEY)
    assert code == 0
    assert "configuration  llmprobe.toml: a" in seen
    assert "keys           groq" in seen
    assert "last verdicts  a: failed, quota exhausted, " in seen
    assert "llmprobe diagnose TARGET" in seen


def test_the_first_screen_survives_a_broken_configuration(tmp_path: Path) -> None:
    (tmp_path / "llmprobe.toml").write_text("[targets")
    code, seen = on_a_terminal(cwd=tmp_path)
    assert code == 0
    assert "not valid TOML" in seen


def test_without_a_terminal_it_is_help_and_2() -> None:
    done = llmprobe()
    assert done.returncode == 2
    assert "Usage: llmprobe" in done.stdout + done.stderr


# Completion


def test_names_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert target_names("anth") == ["anthropic"]
    (tmp_path / "llmprobe.toml").write_text(
        '[targets.a]\nprovider = "openai"\ntags = ["t"]\nmodels = ["x", "y"]\n[groups.g]\nmembers = ["a"]\n'
    )
    assert target_names("") == ["a/x", "a/y", "group:g", "@t"]
    assert provider_names("mist") == ["mistral"]
    assert "claude-haiku-5-5" in model_names("claude")
    (tmp_path / "llmprobe.toml").write_text("[broken")
    assert target_names("open")[0].startswith("open")


def test_the_shell_is_told(tmp_path: Path) -> None:
    """As bash asks: the words so far and the place of the cursor, in variables."""
    env = {
        "_LLMPROBE_COMPLETE": "complete_bash",
        "COMP_WORDS": "llmprobe check anth",
        "COMP_CWORD": "2",
        "PYTHONPATH": str(ROOT),
    }
    code = "import sys; sys.argv=['llmprobe']; from llmprobe.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=clean_env(env), cwd=tmp_path
    )
    assert done.stdout.split() == ["anthropic"], done.stderr
