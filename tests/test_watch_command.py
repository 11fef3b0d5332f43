"""The command `watch`: what it prints, what signals and keys mean to it, and what systemd is told."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from llmprobe.reports.schemas import schema_of
from tests.hooks import hook_server
from tests.support import ROOT, Served, clean_env, llmprobe, started


def config(tmp_path: Path, sim: Served, extra: str = "", **behaviours: str) -> Path:
    path = tmp_path / "llmprobe.toml"
    path.write_text(
        '[defaults]\ntimeout = "5s"\nretries = 0\nproxy = ""\nprobes = ["chat"]\n'
        + "".join(
            f'[targets.{name}]\nprovider = "simulator"\nbase_url = "{sim.at(behaviour)}"\n'
            for name, behaviour in behaviours.items()
        )
        + extra
    )
    return path


def watch(path: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return llmprobe("watch", "-c", str(path), *args)


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


# In a pipe


def test_in_a_pipe_a_change_is_a_line_and_the_end_a_summary(sim: Served, tmp_path: Path) -> None:
    done = watch(config(tmp_path, sim, claude="ok", gpt="overloaded"), "--every", "0.3s", "--count", "2")
    first, *rest = done.stdout.splitlines()
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT[\d:]{8}Z gpt is failing since .*: overloaded \(theirs\): .+", first
    )
    assert done.stdout.count("is failing since") == 1
    assert "1 of 2 healthy." in rest[0]
    assert rest[-1].endswith("4 probes, 1 incident, 17 tokens") or "4 probes, 1 incident" in rest[-1]
    assert done.returncode == 1
    assert "\x1b" not in done.stdout


def test_ndjson_has_a_line_for_each_result_and_each_change_with_its_schema(
    sim: Served, tmp_path: Path
) -> None:
    import jsonschema

    path = config(tmp_path, sim, claude="ok", gpt="overloaded")
    done = watch(path, "--every", "0.3s", "--count", "2", "-f", "ndjson")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    by_schema = {
        name: [line for line in lines if line["schema"] == f"llmprobe.{name}/1"]
        for name in ("result", "change")
    }
    assert sorted(line["target"] for line in by_schema["result"]) == ["claude", "claude", "gpt", "gpt"]
    assert [(line["change"], line["targets"]) for line in by_schema["change"]] == [("opened", ["gpt"])]
    assert len(lines) == 5
    for name, found in by_schema.items():
        for line in found:
            jsonschema.validate(line, schema_of(name))


@pytest.mark.parametrize(
    ("behaviour", "code"), [("ok", 0), ("overloaded", 1), ("auth", 4), ("other_model", 0)]
)
def test_it_ends_with_the_code_of_the_worst_round(
    sim: Served, tmp_path: Path, behaviour: str, code: int
) -> None:
    assert watch(config(tmp_path, sim, a="ok", b=behaviour), "--count", "1", "-q").returncode == code


def test_degraded_counts_where_it_is_asked_for(sim: Served, tmp_path: Path) -> None:
    path = config(tmp_path, sim, a="buffered:1s")
    args = ["-p", "stream", "--count", "1", "-q"]
    assert watch(path, *args, "--fail-on", "degraded").returncode == 3
    assert watch(path, *args).returncode == 0


def test_quiet_prints_changes_alone(sim: Served, tmp_path: Path) -> None:
    done = watch(config(tmp_path, sim, a="ok", b="overloaded"), "--every", "0.3s", "--count", "2", "-q")
    assert len(done.stdout.splitlines()) == 1
    assert watch(config(tmp_path, sim, a="ok"), "--count", "1", "-q").stdout == ""


def test_it_ends_after_the_time_that_was_asked_for(sim: Served, tmp_path: Path) -> None:
    began = time.monotonic()
    assert watch(config(tmp_path, sim, a="ok"), "--every", "0.2s", "--for", "1s").returncode == 0
    assert 1.0 <= time.monotonic() - began < 15


@pytest.mark.parametrize(
    "args",
    [
        ["--every", "soon"],
        ["--every", "0s"],
        ["--every", "1ms"],
        ["--for", "x"],
        ["-f", "junit"],
        ["--count", "0"],
    ],
)
def test_a_flag_that_makes_no_sense_is_refused(sim: Served, tmp_path: Path, args: list[str]) -> None:
    done = watch(config(tmp_path, sim, a="ok"), *args)
    assert done.returncode == 2
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_dry_run_says_what_an_hour_costs_and_sends_nothing(
    serve: Callable[..., Served], tmp_path: Path
) -> None:
    served = serve()
    path = config(tmp_path, served, a="ok", b="ok")
    plain = watch(path, "--every", "60s", "--dry-run")
    document = json.loads(watch(path, "--every", "60s", "--dry-run", "-f", "ndjson").stdout)
    assert document["schema"] == "llmprobe.hour/1"
    assert document["requests"] == 120
    assert (
        f"an hour: 120 requests, at most {document['max_tokens']:,} tokens; nothing was sent" in plain.stdout
    )
    assert served.simulator.requests == 0


def test_a_dry_run_with_a_budget_shows_the_interval_that_it_allows(sim: Served, tmp_path: Path) -> None:
    path = config(tmp_path, sim, a="ok")
    free = json.loads(watch(path, "--every", "60s", "--dry-run", "-f", "ndjson").stdout)
    tight = json.loads(
        watch(
            path,
            "--every",
            "60s",
            "--dry-run",
            "-f",
            "ndjson",
            "--tokens-per-hour",
            str(free["max_tokens"] // 2),
        ).stdout
    )
    assert tight["targets"][0]["every_s"] == 180.0
    assert tight["max_tokens"] <= free["max_tokens"] // 2


def test_every_listed_model_is_watched(sim: Served, tmp_path: Path) -> None:
    done = watch(config(tmp_path, sim, gw="ok"), "-m", "sim-*", "--count", "1", "-f", "ndjson")
    assert done.returncode == 0, done.stderr
    assert len({json.loads(line)["target"] for line in done.stdout.splitlines()}) > 1


def test_a_list_of_models_that_does_not_come_is_said_at_once(sim: Served, tmp_path: Path) -> None:
    done = watch(config(tmp_path, sim, gw="server_error"), "-m", "sim-*", "--count", "1")
    assert done.returncode == 2
    assert 'the models of "gw" are not known' in done.stderr


def test_a_reader_that_goes_away_ends_it_quietly(sim: Served, tmp_path: Path) -> None:
    process = started("watch", "-c", str(config(tmp_path, sim, a="ok")), "--every", "0.3s", "-f", "ndjson")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    with process.stderr as stderr:
        assert process.wait(20) == 0
        assert stderr.read() == ""


def test_a_target_that_does_not_exist_is_refused(sim: Served, tmp_path: Path) -> None:
    done = watch(config(tmp_path, sim, claude="ok"), "clod")
    assert (done.returncode, done.stdout) == (2, "")
    assert 'no target matches "clod"' in done.stderr


def test_the_history_knows_what_was_watched(sim: Served, tmp_path: Path) -> None:
    db = str(tmp_path / "h.db")
    watch(config(tmp_path, sim, a="ok"), "--every", "0.3s", "--count", "3", "--record", "--db", db)
    done = llmprobe("history", "a", "--db", db, "-f", "json")
    assert len(json.loads(done.stdout)["targets"][0]["results"]) == 3


def test_a_second_watch_that_alerts_says_that_one_is_running(sim: Served, tmp_path: Path) -> None:
    path = config(tmp_path, sim, a="ok")
    args = ["watch", "-c", str(path), "--exec", "true", "--db", str(tmp_path / "h.db"), "--every", "0.3s"]
    first = started(*args, "-f", "ndjson")
    try:
        assert first.stdout is not None
        first.stdout.readline()
        second = llmprobe(*args, "--count", "1")
    finally:
        first.terminate()
        first.communicate(timeout=20)
    assert second.returncode == 75
    assert "still running" in second.stderr


# Signals


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_cleanly_with_a_summary(sim: Served, tmp_path: Path, signum: int, code: int) -> None:
    path = config(tmp_path, sim, a="ok", b="overloaded")
    process = started("watch", "-c", str(path), "--every", "0.3s")
    assert process.stdout is not None
    process.stdout.readline()  # the change of b
    process.send_signal(signum)
    stdout, stderr = process.communicate(timeout=20)
    assert process.returncode == code
    assert "watched for" in stdout
    assert "Traceback" not in stderr


def test_sighup_reads_the_configuration_again(serve: Callable[..., Served], tmp_path: Path) -> None:
    served = serve()
    path = config(tmp_path, served, a="ok")
    process = started("watch", "-c", str(path), "--every", "0.3s", "-f", "ndjson")
    assert process.stdout is not None
    targets: list[str] = [json.loads(process.stdout.readline())["target"]]
    config(tmp_path, served, b="ok")
    process.send_signal(signal.SIGHUP)
    while targets[-1] != "b":
        targets.append(json.loads(process.stdout.readline())["target"])
        assert len(targets) < 100
    path.write_text("[targets.b]\nprovider = 3\n")
    process.send_signal(signal.SIGHUP)
    for _ in range(5):
        assert json.loads(process.stdout.readline())["target"] == "b"
    process.terminate()
    _, stderr = process.communicate(timeout=20)
    assert "configuration reloaded: 1 target\n" in stderr
    assert re.search(r"error: .*; going on with the configuration as it was", stderr)
    assert process.returncode == 143


def test_nohup_keeps_it_from_ending_and_from_reloading(sim: Served, tmp_path: Path) -> None:
    path = config(tmp_path, sim, a="ok")
    code = (
        "import signal, os, sys\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        f"os.execv(sys.executable, [sys.executable, '-m', 'llmprobe', 'watch', '-c', {str(path)!r}, '--every', '0.3s', '-f', 'ndjson'])\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**clean_env(), "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    assert [bool(process.stdout.readline()) for _ in range(3)] == [True] * 3
    process.terminate()
    _, stderr = process.communicate(timeout=20)
    assert "reloaded" not in stderr


# systemd


@contextmanager
def service_manager(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        manager.settimeout(20)
        yield manager


@pytest.mark.skipif(sys.platform != "linux", reason="abstract addresses are Linux's")
@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_is_told_ready_alive_reloading_and_stopping(
    sim: Served, tmp_path: Path, abstract: bool
) -> None:
    address = f"@llmprobe-{os.getpid()}-{time.monotonic_ns()}" if abstract else str(tmp_path / "notify")
    path = config(tmp_path, sim, a="ok")
    with service_manager(address) as manager:
        env = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "200000"}
        process = started("watch", "-c", str(path), "--every", "0.3s", env=env)
        heard: list[str] = []

        def hear(wanted: str) -> None:
            while not any(wanted in text for text in heard):
                heard.append(manager.recv(4096).decode())

        hear("WATCHDOG=1")
        hear("READY=1")
        process.send_signal(signal.SIGHUP)
        hear("RELOADING=1\nMONOTONIC_USEC=")
        after = len(heard)
        while not any("READY=1" in text for text in heard[after:]):
            heard.append(manager.recv(4096).decode())
        process.terminate()
        hear("STOPPING=1")
        process.communicate(timeout=20)
    assert process.returncode == 143


def test_without_a_service_manager_nobody_is_told(sim: Served, tmp_path: Path) -> None:
    env = {"NOTIFY_SOCKET": str(tmp_path / "nobody"), "WATCHDOG_USEC": "junk"}
    done = llmprobe("watch", "-c", str(config(tmp_path, sim, a="ok")), "--count", "1", env=env)
    assert (done.returncode, done.stderr) == (0, "")


UNIT = ROOT / "examples" / "llmprobe-watch.service"


def test_the_command_of_the_unit_and_of_its_credential_are_ours(
    serve: Callable[..., Served], tmp_path: Path
) -> None:
    """The unit's own command line, with its paths in a folder of the test and the key from a credential."""
    served = serve(key="sk-from-a-credential")
    text = UNIT.read_text()
    command = re.search(r"^ExecStart=\S+ (.+)$", text, re.M)
    place = re.search(r'api_key = \{ file = "(.+)" \}', text)
    assert command is not None
    assert place is not None
    assert Path(place[1]).parent == Path("/run/credentials") / UNIT.name
    (tmp_path / "anthropic").write_text("sk-from-a-credential\n")
    config(tmp_path, served, a="ok")
    path = tmp_path / "llmprobe.toml"
    path.write_text(f'{path.read_text()}api_key = {{ file = "{tmp_path / "anthropic"}" }}\n')
    args = command[1].replace("/etc/", f"{tmp_path}/").replace("/var/lib/llmprobe/", f"{tmp_path}/").split()
    with service_manager(str(tmp_path / "notify")) as manager:
        env = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "60000000"}
        done = llmprobe(*args, "--count", "1", env=env)
        heard = manager.recv(4096)
    assert (done.returncode, done.stderr) == (0, "")
    assert b"WATCHDOG=1" in heard or b"READY=1" in heard
    assert (tmp_path / "history.db").exists()
    for line in ("Type=notify", "WatchdogSec=60s", "Restart=on-failure"):
        assert line in text.splitlines()


# A terminal


class Terminal:
    """The command on a terminal of its own: what it has written, and keys to type."""

    def __init__(self, *args: str, columns: int = 80, **env: str) -> None:
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.environ.clear()
            os.environ.update(
                clean_env(
                    {"TERM": "xterm", "PYTHONPATH": str(ROOT), "COLUMNS": str(columns), "LINES": "24", **env}
                )
            )
            os.execv(sys.executable, [sys.executable, "-m", "llmprobe", *args])
        self.text = ""

    def read_until(self, wanted: str, seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while wanted not in self.text:
            assert time.monotonic() < end, self.text[-2000:]
            self._read(0.2)

    def type(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def end(self) -> int:
        """The exit code, once it has ended."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            self._read(0.1)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._read(0.1)
                os.close(self._fd)
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGKILL)
        raise AssertionError(f"it did not end: {self.text[-2000:]}")

    def _read(self, seconds: float) -> None:
        if select.select([self._fd], [], [], seconds)[0]:
            with suppress(OSError):
                self.text += os.read(self._fd, 65536).decode("utf-8", "replace")


ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"


def test_on_a_terminal_one_screen_is_redrawn_and_q_leaves_a_summary(sim: Served, tmp_path: Path) -> None:
    path = config(tmp_path, sim, claude="ok", gpt="overloaded")
    terminal = Terminal("watch", "-c", str(path), "--every", "0.5s")
    terminal.read_until("gpt is failing")
    terminal.read_until("q quits")
    terminal.type("q")
    code = terminal.end()
    drawn, _, left = terminal.text.partition(LEAVE)
    assert code == 1
    assert ENTER in drawn
    assert drawn.count("claude") > 1
    assert "watched for" in left
    assert "\x1b[?25h" in terminal.text, "the cursor is back"


def test_ctrl_c_leaves_the_terminal_as_it_was(sim: Served, tmp_path: Path) -> None:
    terminal = Terminal("watch", "-c", str(config(tmp_path, sim, claude="ok")), "--every", "0.5s")
    terminal.read_until("q quits")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert terminal.text.rindex(LEAVE) < terminal.text.rindex("watched for")


def test_no_color_draws_the_same_without_colour(sim: Served, tmp_path: Path) -> None:
    path = config(tmp_path, sim, claude="ok", gpt="overloaded")
    terminal = Terminal("watch", "-c", str(path), "--every", "0.5s", "--count", "2", NO_COLOR="1")
    assert terminal.end() == 1
    assert ENTER in terminal.text
    assert not re.search(r"\x1b\[[\d;]*3[0-7][\d;]*m", terminal.text)
    assert "✗" in terminal.text


def test_a_dumb_terminal_gets_lines(sim: Served, tmp_path: Path) -> None:
    path = config(tmp_path, sim, claude="ok", gpt="overloaded")
    terminal = Terminal("watch", "-c", str(path), "--every", "0.5s", "--count", "1", TERM="dumb")
    assert terminal.end() == 1
    assert "\x1b" not in terminal.text
    assert "gpt is failing since" in terminal.text


# Secrets


CANARY = "sk-canary-7f3a9c2b5e8d1f60"


@pytest.mark.parametrize("args", [[], ["-f", "ndjson"], ["-q"], ["--dry-run"], ["--debug"]])
def test_no_output_of_a_watch_shows_a_key(
    serve: Callable[..., Served], tmp_path: Path, args: list[str]
) -> None:
    """The server wants another key, and the name of the webhook holds one, too."""
    served = serve(key="sk-another")
    db = tmp_path / "h.db"
    with hook_server() as hook:
        path = config(
            tmp_path,
            served,
            '[alerts]\nwebhook = { env = "HOOK" }\n',
            a="ok",
        )
        text = path.read_text().replace(
            'provider = "simulator"\n', 'provider = "simulator"\napi_key = { env = "CANARY_KEY" }\n'
        )
        path.write_text(text)
        env = {"CANARY_KEY": CANARY, "HOOK": f"{hook.url}/{CANARY}", "LLMPROBE_DB": str(db)}
        done = llmprobe("watch", "-c", str(path), "--every", "0.3s", "--count", "2", *args, env=env)
        told = json.dumps([call[2] for call in hook.calls])
    assert "canary" not in done.stdout + done.stderr + told
    if "--dry-run" not in args:
        assert done.returncode == 4
        assert "auth" in told
        assert b"canary" not in db.read_bytes()


def test_the_screen_of_a_watch_shows_no_key(serve: Callable[..., Served], tmp_path: Path) -> None:
    served = serve(key="sk-another")
    path = config(tmp_path, served, a="ok")
    path.write_text(
        path.read_text().replace('"simulator"\n', '"simulator"\napi_key = { env = "CANARY_KEY" }\n')
    )
    terminal = Terminal("watch", "-c", str(path), "--every", "0.3s", "--count", "3", CANARY_KEY=CANARY)
    assert terminal.end() == 4
    assert "key rejected" in terminal.text
    assert "canary" not in terminal.text
