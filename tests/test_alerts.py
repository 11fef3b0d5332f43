"""Runs that follow each other, as from cron: what is told, to whom, how often, and what is not sent."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hooks import Hook, hook_server
from tests.support import Served, clean_env, llmprobe


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hook_server() as served:
        yield served


@pytest.fixture
def cron(sim: Served, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """One run of a target that behaves as told, with a history of the test's own."""

    def run(behaviour: str, *args: str, extra: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "llmprobe.toml"
        path.write_text(
            f'[targets.a]\nprovider = "simulator"\nbase_url = "{sim.at(behaviour)}"\nretries = 0\n{extra}\n'
        )
        return llmprobe("check", "-c", str(path), "--db", str(tmp_path / "h.db"), *args, env=more)

    return run


Cron = Callable[..., subprocess.CompletedProcess[str]]


def test_cron_mails_only_news(cron: Cron) -> None:
    """Nothing, one message, nothing, one message, nothing; the exit code tells each run's own verdict."""
    runs = [cron(b, "--on-change") for b in ("ok", "overloaded", "overloaded", "ok", "ok")]

    assert [run.returncode for run in runs] == [0, 1, 1, 0, 0]
    assert [bool(run.stdout) for run in runs] == [False, True, False, True, False]
    assert runs[1].stdout.startswith("a is failing since ")
    assert "overloaded (theirs)" in runs[1].stdout
    assert "-> wait and retry" in runs[1].stdout
    assert runs[3].stdout.startswith("a works again after ")
    assert all(run.stderr == "" for run in runs)


def test_confirm_waits_for_the_second_failure(cron: Cron) -> None:
    runs = [
        cron(b, "--on-change", "--confirm", "2") for b in ("overloaded", "ok", "overloaded", "overloaded")
    ]
    assert [bool(run.stdout) for run in runs] == [False, False, False, True]


def test_a_failure_that_lasts_is_told_again(cron: Cron) -> None:
    cron("overloaded", "--on-change")
    time.sleep(0.6)
    again = cron("overloaded", "--on-change", "--remind", "500ms")
    assert again.stdout.startswith("a still failing, ")


def test_the_configuration_can_say_it_all(cron: Cron, hook: Hook) -> None:
    extra = f'[history]\nrecord = true\n[alerts]\nconfirm = 2\nwebhook = "{hook.url}/x"\n'
    cron("overloaded", "-q", extra=extra)
    assert hook.calls == []
    cron("overloaded", "-q", extra=extra)
    assert [call[2]["change"] for call in hook.calls] == ["opened"]


def test_a_webhook_gets_the_verdict_once(cron: Cron, hook: Hook) -> None:
    """Text for chat systems, facts for programs; the address comes from a variable."""
    for behaviour in ("auth", "auth", "ok"):
        cron(behaviour, "-q", "--webhook", "env:HOOK", HOOK=f"{hook.url}/T0/secret-path")

    opened, closed = [call[2] for call in hook.calls]
    assert [call[:2] for call in hook.calls] == [("POST", "/T0/secret-path")] * 2
    assert (opened["schema"], opened["change"], opened["category"], opened["fault"]) == (
        "llmprobe.change/1",
        "opened",
        "auth",
        "client",
    )
    assert opened["text"].startswith("llmprobe: a is failing since ")
    assert (closed["change"], closed["failures"]) == ("closed", 2)
    assert closed["closed_at"] is not None


def test_an_address_may_stand_in_the_env_file(cron: Cron, hook: Hook, tmp_path: Path) -> None:
    """Cron has no environment to speak of: keys and addresses come from one file."""
    env_file = tmp_path / ".env"
    env_file.write_text(f"HOOK={hook.url}/secret-path\n")
    run = cron(
        "overloaded", "-q", "--env-file", str(env_file), "--webhook", "env:HOOK", "--heartbeat", "env:HOOK"
    )

    assert run.returncode == 1
    assert sorted(call[1] for call in hook.calls) == ["/secret-path", "/secret-path/fail"]


def test_what_could_not_be_delivered_is_told_with_the_next_run(cron: Cron, hook: Hook) -> None:
    """Two tries at once, then the next run; the probe's own result is printed all the same."""
    hook.answers = [500, 500]
    first = cron("overloaded", "-q", "--webhook", f"{hook.url}/secret-path")
    second = cron("overloaded", "-q", "--webhook", f"{hook.url}/secret-path")

    assert (first.returncode, len(hook.calls)) == (1, 3)
    assert "was not reached: HTTP 500; it will be told again" in first.stderr
    assert "secret-path" not in first.stderr
    assert "overloaded" in first.stdout
    assert second.stderr == ""


def test_a_command_gets_json_on_its_standard_input(cron: Cron, tmp_path: Path) -> None:
    script = tmp_path / "tell.sh"
    script.write_text(
        f'#!/bin/sh\ncat > "{tmp_path}/told.json"\necho "told $LLMPROBE_CHANGE of $LLMPROBE_TARGET"\n'
    )
    script.chmod(0o700)
    done = cron("overloaded", "-f", "json", "--exec", str(script))

    assert json.loads((tmp_path / "told.json").read_text())["target"] == "a"
    assert json.loads(done.stdout)["exit_code"] == 1, "standard output is the document alone"
    assert done.stderr == "told opened of a\n"


@pytest.mark.parametrize("command", ["/nonexistent/program", "false"])
def test_a_command_that_fails_is_said(cron: Cron, command: str) -> None:
    done = cron("overloaded", "-q", "--exec", command)
    assert f'the command "{command}"' in done.stderr
    assert done.returncode == 1


def test_a_heartbeat_tells_success_and_failure(cron: Cron, hook: Hook) -> None:
    cron("ok", "-q", "--heartbeat", f"{hook.url}/ping/1?rid=7")
    cron("quota", "-q", "--heartbeat", f"{hook.url}/ping/1?rid=7")

    assert hook.calls[0] == ("GET", "/ping/1?rid=7", None)
    method, path, body = hook.calls[1]
    assert (method, path) == ("POST", "/ping/1/fail?rid=7")
    assert (body["category"], body["exit_code"]) == (["quota_exhausted"], 4)


def test_a_second_run_of_one_configuration_says_still_running(
    cron: Cron, sim: Served, tmp_path: Path
) -> None:
    """With an exit code of its own; another configuration is not held up."""
    path = tmp_path / "slow.toml"
    path.write_text(f'[targets.a]\nprovider = "simulator"\nbase_url = "{sim.at("slow_headers:3s")}"\n')
    command = [
        sys.executable,
        "-m",
        "llmprobe",
        "check",
        "-c",
        str(path),
        "--db",
        str(tmp_path / "h.db"),
        "--on-change",
    ]
    first = subprocess.Popen(command, env=clean_env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    lock = tmp_path / "locks"
    for _ in range(100):
        if lock.exists() and any(p.stat().st_size for p in lock.iterdir()):
            break
        time.sleep(0.05)
    second = llmprobe(*command[3:])
    other = cron("ok", "--on-change")
    first.communicate(timeout=10)

    assert (second.returncode, first.returncode, other.returncode) == (75, 0, 0)
    assert "still running" in second.stderr
    assert str(first.pid) in second.stderr
    path.write_text(path.read_text().replace("slow_headers:3s", "ok"))
    assert llmprobe(*command[3:]).returncode == 0, "the lock ends with its process"


def test_a_pause_that_a_server_asked_for_is_kept_by_the_next_run(cron: Cron, sim: Served) -> None:
    """The server is not hit again, and the result says so; by hand one may ask all the same."""
    first = cron("rate_limited:600", "-f", "json", "--record")
    before = sim.simulator.requests
    second = cron("rate_limited:600", "-f", "json", "--record")
    kept = json.loads(second.stdout)["results"][0]

    assert first.returncode == 4
    assert (kept["status"], kept["category"]) == ("skipped", "backoff")
    assert "asked for a pause of 10 min (rate limited)" in kept["reason"]
    assert sim.simulator.requests == before
    assert second.returncode == 2, "all were skipped: nothing was probed"
    assert cron("rate_limited:600").returncode == 4
    assert sim.simulator.requests == before + 1


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (lambda p: p.write_bytes(b"garbage" * 1000), "damaged, or is no history"),
        (lambda p: p.mkdir(), "it is a folder"),
    ],
    ids=["damaged", "folder"],
)
def test_a_broken_history_does_not_touch_the_verdict(
    cron: Cron, tmp_path: Path, break_it: Callable[[Path], None], says: str
) -> None:
    break_it(tmp_path / "h.db")
    done = cron("overloaded", "-f", "json", "--record")

    assert (done.returncode, json.loads(done.stdout)["results"][0]["category"]) == (1, "overloaded")
    assert says in done.stderr
    assert "this run is not recorded" in done.stderr


def test_on_change_without_a_usable_history_tells_each_failure(cron: Cron, tmp_path: Path) -> None:
    """Better twice than never: nobody knows any more what is news."""
    (tmp_path / "h.db").write_bytes(b"garbage" * 1000)
    done = cron("overloaded", "--on-change")
    assert done.stdout.startswith("a stream: failed overloaded (provider): ")
    assert "this run is not recorded" in done.stderr
    assert cron("ok", "--on-change").stdout == ""


def test_without_memory_nothing_is_written(cron: Cron, tmp_path: Path) -> None:
    cron("ok")
    cron("auth")
    assert not (tmp_path / "h.db").exists()


def test_history_is_evidence_for_auth(cron: Cron) -> None:
    cron("ok", "--record", "-q")
    done = json.loads(cron("auth", "-f", "json").stdout)
    assert done["results"][0]["notes"][0].startswith("this target's key worked ")
    assert done["exit_code"] == 4


def test_a_limit_by_baseline_waits_for_its_n(cron: Cron) -> None:
    extra = 'thresholds = { ttft = "2x baseline", total = { warn = "2x baseline", crit = "30s" } }'
    for _ in range(2):
        done = json.loads(cron("ok", "-f", "json", "--record", extra=extra).stdout)
    assert (
        done["results"][0]["notes"][0] == "ttft: 2 x baseline is not judged yet: 1 of 20 results at this hour"
    )
    assert done["results"][0]["limits_ms"] == {"total": {"warn": None, "crit": 30000}}


def test_recorded_files_are_the_users_alone(cron: Cron, tmp_path: Path) -> None:
    cron("ok", "--on-change")
    files = [p for p in tmp_path.rglob("*") if p.is_file() and p.suffix != ".toml"]
    assert {stat.S_IMODE(p.stat().st_mode) for p in files} == {0o600}
    assert len(files) == 2


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--webhook", "ftp://x"], "--webhook: expected an http:// or https:// URL"),
        (["--webhook", "env:NO_SUCH"], '"NO_SUCH" is not set'),
        (["--remind", "soon"], "--remind: expected a duration"),
        (["--confirm", "0"], "confirm"),
        (["--exec", "'"], "--exec"),
    ],
)
def test_wrong_flags_are_2(cron: Cron, args: list[str], says: str) -> None:
    done = cron("ok", *args)
    assert done.returncode == 2
    assert says in done.stderr
