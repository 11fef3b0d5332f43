"""Runs that follow each other, as from cron: what is told, to whom, how often, and what is not sent."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llmprobe.errors import BusyError
from llmprobe.history.lock import only_one
from tests.hooks import Hook, hook_server
from tests.support import ROOT, Served, clean_env, llmprobe, started


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
    assert again.stdout.startswith("a is still failing after ")


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
    assert "was not reached: HTTP 500; trying again with the next run" in first.stderr
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
    assert (kept["fault"], kept["paused_by"]) == ("client", "rate_limited")
    assert second.returncode == 4, "a pause counts as the failure that caused it"
    assert json.loads(second.stdout)["exit_code"] == 4
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


# Sinks that cannot be reached, groups, and what a message says


def test_a_dead_webhook_does_not_turn_cron_into_a_mail_storm(cron: Cron, hook: Hook) -> None:
    """
    Standard output tells each change once, standard error the dead webhook once; revived, the webhook
    gets the newest state alone.
    """
    hook.answers = [500] * 9
    args = ("--on-change", "--webhook", f"{hook.url}/secret-path")
    runs = [cron(b, *args) for b in ("overloaded", "overloaded", "ok", "ok", "ok", "overloaded", "ok", "ok")]

    assert [bool(run.stdout) for run in runs] == [True, False, True, False, False, True, True, False]
    assert [bool(run.stderr) for run in runs] == [True] + [False] * 7
    assert len(hook.calls) == 9, "one try for each run after the first, which tries twice"
    hook.calls.clear()
    assert [cron("ok", *args).stdout for _ in range(3)] == ["", "", ""]
    assert [call[2]["change"] for call in hook.calls] == ["closed"]


def test_a_dead_heartbeat_is_mentioned_once(cron: Cron) -> None:
    runs = [cron("ok", "-q", "--heartbeat", "http://127.0.0.1:9/ping") for _ in range(3)]
    assert [bool(run.stderr) for run in runs] == [True, False, False]
    assert "the heartbeat at 127.0.0.1:9 was not reached: connect" in runs[0].stderr


def group_of(sim: Served, tmp_path: Path, **behaviours: str) -> list[str]:
    """The arguments of a run over a group of targets, of which one is enough."""
    tables = [
        f'[targets.{name}]\nprovider = "simulator"\nbase_url = "{sim.at(behaviour)}"\nretries = 0\n'
        for name, behaviour in behaviours.items()
    ]
    path = tmp_path / "group.toml"
    path.write_text("".join(tables) + '[groups.g]\nmembers = ["*"]\nneed = 1\n')
    return ["check", "-c", str(path), "--db", str(tmp_path / "h.db")]


@pytest.mark.parametrize("fail_on", ["failed", "auth", "client"])
def test_a_rejected_key_counts_and_is_told_although_its_group_works(
    sim: Served, tmp_path: Path, fail_on: str
) -> None:
    args = group_of(sim, tmp_path, prod="auth", batch="ok")
    done = llmprobe(*args, "--on-change", "--fail-on", fail_on)
    assert done.returncode == 4
    assert done.stdout.startswith("prod is failing since ")
    assert "key rejected (yours)" in done.stdout


def test_an_outage_of_theirs_is_excused_by_a_group_that_works(sim: Served, tmp_path: Path) -> None:
    done = llmprobe(*group_of(sim, tmp_path, prod="overloaded", batch="ok"), "--on-change")
    assert (done.returncode, done.stdout) == (0, "")


def test_one_outage_is_one_block(sim: Served, tmp_path: Path, hook: Hook) -> None:
    """Who saw it, when, how many of how many, the cause once, the side and what to do; the webhook too."""
    path = tmp_path / "several.toml"
    behaviours = {"prod": "overloaded", "batch": "overloaded", "spare": "ok"}
    path.write_text("".join(
        f'[targets.{name}]\nprovider = "simulator"\nbase_url = "{sim.at(behaviour)}"\nretries = 0\n'
        for name, behaviour in behaviours.items()
    ))  # fmt: skip
    args = ["check", "-c", str(path), "--db", str(tmp_path / "h.db"), "--on-change", "--webhook", hook.url]
    head, names, reason, hint, footer = llmprobe(*args).stdout.splitlines()

    moment = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"
    assert re.fullmatch(
        rf"2 of 3 targets at Simulator are failing since {moment}: overloaded \(theirs\)", head
    )
    assert names == "  prod, batch"
    assert "overloaded" in reason
    assert hint.startswith("  -> ")
    assert re.fullmatch(rf"seen from {re.escape(os.uname().nodename)} at {moment}", footer)
    [(_, _, body)] = hook.calls
    assert body["targets"] == ["prod", "batch"]
    assert [i["target"] for i in body["incidents"]] == ["prod", "batch"]
    for part in (body["reason"], body["hint"], "2 of 3 targets at Simulator", "prod, batch", body["host"]):
        assert part in body["text"]


def test_a_reminder_carries_the_figures_of_today(cron: Cron) -> None:
    cron("overloaded", "--on-change")
    time.sleep(0.3)
    again = cron("auth", "--on-change", "--remind", "200ms").stdout.splitlines()
    assert again[0].startswith("a is still failing after ")
    assert again[0].endswith(": key rejected (yours)")
    assert "key" in again[1]
    assert "2 failed runs since " in again[3]
    assert again[3].endswith("; it began with: overloaded (theirs)")


# Programs that are run


def test_a_command_gets_no_credential_but_those_that_are_named(cron: Cron, tmp_path: Path) -> None:
    env = {"OPENAI_API_KEY": "sk-0123456789abcdef", "SLACK_TOKEN": "xoxb-0123456789", "PLAIN": "stays",
           "HOOK_ADDRESS": "http://127.0.0.1:9/secret-path-0123456789"}  # fmt: skip
    script = tmp_path / "env.sh"
    script.write_text(f'#!/bin/sh\nenv > "{tmp_path}/env"\n')
    script.chmod(0o700)
    extra = (
        f'[alerts]\nexec = ["{script}"]\npass_env = ["SLACK_TOKEN"]\nheartbeat = {{ env = "HOOK_ADDRESS" }}'
    )
    cron("overloaded", "-q", extra=extra, **env)
    given = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())

    assert (given["PLAIN"], given["SLACK_TOKEN"]) == ("stays", "xoxb-0123456789")
    assert not {"OPENAI_API_KEY", "HOOK_ADDRESS"} & set(given)


@pytest.mark.parametrize("signal_name", ["SIGTERM", "SIGKILL"])
def test_a_command_dies_with_its_run(sim: Served, tmp_path: Path, signal_name: str) -> None:
    path, script, pid = tmp_path / "c.toml", tmp_path / "hang.sh", tmp_path / "pid"
    path.write_text(
        f'[targets.a]\nprovider = "simulator"\nbase_url = "{sim.at("overloaded")}"\nretries = 0\n'
    )
    script.write_text(f'#!/bin/sh\necho $$ > "{pid}"\nexec sleep 60\n')
    script.chmod(0o700)
    run = started("check", "-c", str(path), "--db", str(tmp_path / "h.db"), "--exec", str(script), "-q")
    child = _number(pid)
    run.send_signal(getattr(signal, signal_name))
    run.communicate(timeout=20)
    assert _within(10, lambda: not _is_alive(child))


def test_what_a_command_leaves_behind_ends_with_it(cron: Cron, tmp_path: Path) -> None:
    script = tmp_path / "fork.sh"
    script.write_text(f'#!/bin/sh\nsleep 60 &\necho $! > "{tmp_path}/pid"\n')
    script.chmod(0o700)
    cron("overloaded", "-q", "--exec", str(script))
    assert _within(10, lambda: not _is_alive(_number(tmp_path / "pid")))


def _number(path: Path) -> int:
    assert _within(20, lambda: path.exists() and path.read_text().strip().isdigit())
    return int(path.read_text())


def _within(seconds: float, condition: Callable[[], bool]) -> bool:
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            return False
        time.sleep(0.02)
    return True


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat_file = Path(f"/proc/{pid}/stat")
    return not stat_file.exists() or ") Z " not in stat_file.read_text()


# State that cannot be written, and locks


def test_a_state_folder_that_cannot_be_written_degrades_to_told_and_not_remembered(
    cron: Cron, hook: Hook
) -> None:
    """Never to "not probed": the exit code, the output and the sinks tell the failure all the same."""
    for _ in range(2):
        done = cron("auth", "--on-change", "--db", "/dev/null/x/h.db", "--webhook", hook.url)
        assert done.returncode == 4
        assert "a stream: failed auth" in done.stdout
        assert "going on without it" in done.stderr
        assert "this run is not recorded" in done.stderr
    assert [call[2]["category"] for call in hook.calls] == ["auth", "auth"]
    assert cron("ok", "--on-change", "--db", "/dev/null/x/h.db").returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no flock")
def test_a_lock_whose_owner_hangs_is_taken_over_after_its_deadline(tmp_path: Path) -> None:
    """Held by a process that never ends, but only until the deadline that it wrote down."""
    hang = "import sys, time, pathlib; from llmprobe.history.lock import only_one\n" \
        "with only_one(pathlib.Path(sys.argv[1]), 'c', float(sys.argv[2])):\n print('held', flush=True); time.sleep(60)"  # fmt: skip
    for lasts, free in (("600", False), ("-1", True)):
        folder = tmp_path / lasts
        owner = subprocess.Popen(
            [sys.executable, "-c", hang, str(folder), lasts], stdout=subprocess.PIPE, cwd=ROOT
        )
        assert owner.stdout is not None
        owner.stdout.readline()
        try:
            with only_one(folder, "c"):
                assert free
                with pytest.raises(BusyError), only_one(folder, "c"):
                    pytest.fail("two hold it")
        except BusyError as busy:
            assert not free
            assert str(owner.pid) in busy.message
        finally:
            owner.kill()
            owner.communicate()
        with only_one(folder, "c"):
            pass


def test_a_database_that_others_could_read_is_made_private(cron: Cron, tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    path.touch()
    path.chmod(0o666)
    cron("ok", "--record", "-q")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# One story in every output


def test_lines_say_what_the_document_says(sim: Served, tmp_path: Path) -> None:
    """Two keys that are rejected at once are perhaps theirs: the line waits until that is known."""
    path = tmp_path / "c.toml"
    path.write_text("".join(
        f'[targets.{name}]\nprovider = "simulator"\nbase_url = "{sim.at(behaviour)}"\nretries = 0\napi_key = {{ env = "KEY_{name}" }}\n'
        for name, behaviour in (("a", "auth"), ("b", "auth"), ("c", "overloaded"))
    ))  # fmt: skip
    env = {f"KEY_{name}": f"sk-{name}-0123456789" for name in "abc"}
    lines = llmprobe("check", "-c", str(path), "-f", "ndjson", env=env).stdout.splitlines()
    whole = json.loads(llmprobe("check", "-c", str(path), "-f", "json", env=env).stdout)

    def verdicts(results: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
        return {r["target"]: (r["category"], r["fault"], r["notes"]) for r in results}

    assert len(lines) == 3
    assert verdicts([json.loads(line) for line in lines]) == verdicts(whole["results"])


def test_a_document_says_the_exit_code_of_an_interrupted_run(sim: Served) -> None:
    url = sim.at("slow_headers:30s")
    for format in ("json", "ndjson"):
        before = sim.simulator.requests
        run = started("check", "--base-url", url, "--dialect", "openai-chat", "-m", "m", "-f", format)
        assert _within(20, lambda before=before: sim.simulator.requests > before)  # type: ignore[misc]
        run.send_signal(signal.SIGTERM)
        out, _ = run.communicate(timeout=20)
        assert run.returncode == 143
        document = json.loads(out)
        if format == "json":
            assert document["exit_code"] == 143
        else:
            assert document["category"] == "cancelled"
