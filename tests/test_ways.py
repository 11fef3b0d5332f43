"""Finding one's way: completion for every argument, near names, and help that fits a narrow terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from llmprobe.cli.app import _COMMANDS, app_for, whole_app
from llmprobe.cli.completion import names
from llmprobe.errors import UsageError
from llmprobe.model import Category
from llmprobe.monitor.job import parse_fail_on
from tests.support import ROOT, Served, clean_env, llmprobe

CONFIG = """
[targets.claude]
provider = "anthropic"
tags = ["cloud"]
[targets.gateway]
provider = "openai-compatible"
base_url = "http://127.0.0.1:9"
models = ["small", "large"]
[groups.chat]
members = ["claude"]
"""
FREE_TEXT = {
    "--base-url", "--api-key-env", "--config", "--env-file", "--db", "--bundle", "--output", "--timeout", "--deadline",
    "--remind", "--exec", "--webhook", "--heartbeat", "--for", "--every", "--since", "--scenario", "--host", "--key",
    "--tls-delay", "--tag", "--listen", "--min-interval", "path", "files", "target_name", "name",
}  # fmt: skip
"""Options whose values are addresses, paths, times or new names: nothing is there to complete."""


def completed(cwd: Path, *words: str) -> tuple[list[str], float]:
    """What bash would be told, and the CPU seconds that it took."""
    import resource

    env = {
        "_LLMPROBE_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(["llmprobe", *words]),
        "COMP_CWORD": str(len(words)),
        "PYTHONPATH": str(ROOT),
    }
    code = "import sys; sys.argv=['llmprobe']; from llmprobe.__main__ import main; main()"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=clean_env(env), cwd=cwd
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert not done.stderr
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout.split(), spent


@pytest.mark.parametrize(
    ("words", "some"),
    [
        (["check", "cl"], ["claude"]),
        (["check", "group"], ["group:chat"]),
        (["check", "--not", "@"], ["@cloud"]),
        (["check", "-p", "chat,emb"], ["chat,embeddings"]),
        (["check", "--fail-on", "provider,rate"], ["provider,rate_limited"]),
        (["check", "--dialect", "cohere"], ["cohere-v2"]),
        (["check", "-f", "nag"], ["nagios"]),
        (["check", "-o", "jun"], ["junit:"]),
        (["explain", "stream_s"], ["stream_stalled"]),
        (["explain", "-p", "anth"], ["anthropic"]),
        (["status", "gate"], ["gateway/small", "gateway/large"]),
        (["config", "remove", "g"], ["gateway"]),
        (["pick", "ch"], ["chat"]),
        (["providers", "mist"], ["mistral"]),
        (["schema", "conf"], ["config"]),
        (["simulate", "-b", "overl"], ["overloaded"]),
        (["simulate", "--tls", "self"], ["self-signed"]),
        (["wai"], ["wait"]),
    ],
)
def test_the_shell_completes_every_kind_of_argument(
    tmp_path: Path, words: list[str], some: list[str]
) -> None:
    (tmp_path / "llmprobe.toml").write_text(CONFIG)
    found, _ = completed(tmp_path, *words)
    assert found == some


def test_targets_of_the_history_are_completed(
    sim: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = tmp_path / "h.db"
    url = ["--base-url", sim.url, "-m", "sim-1"]
    assert llmprobe("check", *url, "--record", "--db", str(db)).returncode == 0
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LLMPROBE_DB", str(db))
    assert names("past", "127") == [sim.url.removeprefix("http://").split("/")[0]]
    monkeypatch.setenv("LLMPROBE_DB", str(tmp_path / "none.db"))
    assert names("past", "") == []


@pytest.mark.parametrize("content", ["[broken", "targets = 3", "\x00", "[targets.a]\nmodels = 3\ntags = 1\n"])
def test_a_broken_file_completes_nothing_and_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    (tmp_path / "llmprobe.toml").write_text(content)
    monkeypatch.chdir(tmp_path)
    for kind in ("targets", "configured", "groups", "pages", "past"):
        assert isinstance(names(kind, ""), list)


def test_completion_builds_one_command_and_costs_little(tmp_path: Path) -> None:
    """Against a bare interpreter of the same moment, so that a busy machine breaks nothing."""

    def bare() -> float:
        import resource

        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", "import typer"], env=clean_env({}))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    typer_alone = min(bare() for _ in range(3))
    ours = min(completed(tmp_path, "check", "anth")[1] for _ in range(3))
    assert ours < 4 * typer_alone


def commands(group: Any) -> list[Any]:
    found = []
    for command in group.commands.values():
        found += commands(command) if hasattr(command, "commands") else [command]
    return found


def test_every_argument_that_has_names_is_completed() -> None:
    """A new argument either completes, or is listed here as one that has no names."""
    missing = []
    for command in commands(typer.main.get_command(whole_app())):
        for param in command.params:
            label = " ".join([*param.opts, param.name])
            is_named = hasattr(param.type, "choices") or param._custom_shell_complete is not None
            is_text = param.type.name in ("text", "str", "path", "file", "filename")
            if is_text and not is_named and FREE_TEXT.isdisjoint(label.split()):
                missing.append(f"{command.name} {label}")
    assert not missing


def test_every_summary_fits_fifty_characters() -> None:
    """So the list of commands is cut nowhere at 80 columns, and reads through a pipe."""
    summaries = {}
    for name, entry in _COMMANDS.items():
        found = entry.load()
        is_group = isinstance(found, typer.Typer)
        texts = [(name, found.info.help)] if is_group else [(name, found.__doc__)]
        if is_group:
            texts += [(f"{name} {c.name}", c.callback.__doc__) for c in found.registered_commands]
        for label, text in texts:
            summaries[label] = " ".join(str(text).strip().split("\n\n")[0].split())
    assert {label: text for label, text in summaries.items() if len(text) > 50} == {}


def test_help_is_cut_nowhere_at_80_columns() -> None:
    for words in ([], ["config"]):
        text = llmprobe(*words, "--help", env={"COLUMNS": "80"}).stdout
        assert "..." not in text.replace("ARGS]...", "")
        assert "…" not in text
        assert all(len(line) <= 80 for line in text.splitlines())


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (["check", "-f", "jsn"], 'did you mean "json"?'),
        (["chekc"], "Did you mean 'check'?"),
        (["explain", "rate_limted"], 'did you mean "rate_limited"?'),
        (["providers", "antropic"], 'did you mean "anthropic"?'),
        (["simulate", "-b", "overlod"], 'did you mean "overloaded"?'),
        (["check", "openai", "-p", "strem"], 'did you mean "stream"?'),
        (["check", "openai", "--fail-on", "autj"], 'did you mean "auth"?'),
        (["check", "openai", "--fail-on", "foo"], "known: failed, degraded, never; sides: provider"),
        (["check", "openai", "--dialect", "cohere"], 'did you mean "cohere-v2"?'),
        (["schema", "rum"], 'did you mean "run"?'),
    ],
)
def test_a_name_that_is_nearly_right_is_told(args: list[str], hint: str) -> None:
    done = llmprobe(*args)
    assert (done.returncode, hint in done.stderr) == (2, True), done.stderr


def test_a_target_that_is_not_there_gets_a_hint_however_many_there_are(tmp_path: Path) -> None:
    many = "".join(f'[targets.t{n}]\nprovider = "openai"\n' for n in range(60))
    (tmp_path / "llmprobe.toml").write_text(many)
    done = llmprobe("check", "nosuch", "-c", str(tmp_path / "llmprobe.toml"))
    assert "hint: known: t0, t1, " in done.stderr
    assert "and 48 more" in done.stderr


def test_every_word_of_fail_on_is_understood() -> None:
    for word in ("failed", "degraded", "never", "provider", "timeout", *set(Category) - {Category.OK}):
        assert parse_fail_on(word)
    with pytest.raises(UsageError):
        parse_fail_on("never,failed")


def test_wait_says_why_it_stops(sim: Served) -> None:
    args = ["wait", "--base-url", sim.at("auth"), "-m", "sim-1", "--every", "1s"]
    hopeless = llmprobe(*args, "--for", "60s")
    assert hopeless.stderr.splitlines()[-1] == "stopped waiting: what is wrong does not pass by itself"
    over = llmprobe("wait", "--base-url", sim.at("overloaded"), "-m", "sim-1", "--for", "1s", "--every", "1s")
    assert over.stderr.splitlines()[-1].startswith("stopped waiting after ")
    fine = llmprobe("wait", "--base-url", sim.url, "-m", "sim-1", "--for", "5s")
    assert "stopped" not in fine.stderr


def test_a_command_line_builds_the_command_that_it_names() -> None:
    assert [command.name for command in app_for(["check", "x"]).registered_commands] == ["check"]
