"""The ladder while it is climbed: rungs as they pass, deadlines, the next step, and the last time."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import shlex
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from llmprobe.engine.ladder.climb import diagnose
from llmprobe.engine.ladder.patience import ANSWER, QUESTION, patient
from llmprobe.engine.ladder.repair import advice, next_command, repairs
from llmprobe.history.last_time import compared
from llmprobe.model import Category, Credential, Fault, Phase, Secret, Status, Target, Timeouts
from llmprobe.model.diagnosis import Diagnosis, Rung, RungName, RungState
from tests.runs import result
from tests.support import ROOT, Served, a_target, clean_env, llmprobe, started

FIRST = Rung(RungName.CONFIGURATION, RungState.HOLDS, "read", "fine")
KEY = {"K": "sk-canary-of-the-ladder-0123456789"}


@pytest.fixture
def mute() -> Iterator[int]:
    """The port of a server that accepts and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken: list[socket.socket] = []
        thread = threading.Thread(target=lambda: _accept(server, taken), daemon=True)
        thread.start()
        yield server.getsockname()[1]
        for connection in taken:
            connection.close()
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _accept(server: socket.socket, taken: list[socket.socket]) -> None:
    try:
        while True:
            taken.append(server.accept()[0])
    except OSError:
        return


def climb(target: Target, **env: str) -> Diagnosis:
    return asyncio.run(diagnose(target, FIRST, env))


# While it climbs


def test_a_rung_is_told_before_the_next_one_has_ended(mute: int) -> None:
    """TLS hangs: until it is given up, the rungs below it are on the screen already."""
    process = started("diagnose", "--base-url", f"https://127.0.0.1:{mute}/v1", "--model", "m", "--no-status")
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line.split()[1])
        if line.startswith("✓ tcp"):
            break
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=20)
    assert seen[1:] == ["configuration", "proxy", "dns", "tcp"]
    assert process.returncode == 130
    assert "Interrupted after “tcp”" in rest


def test_a_rung_is_given_up_by_its_own_deadline(mute: int) -> None:
    hanging = a_target(f"https://127.0.0.1:{mute}/v1", timeouts=Timeouts(total_s=5.0, connect_s=0.5))
    done = climb(hanging)
    assert (done.broken, done.category) == (RungName.TLS, Category.TIMEOUT_CONNECT)
    assert [rung.name for rung in done.rungs][-3:] == [RungName.DNS, RungName.TCP, RungName.TLS]


@pytest.mark.parametrize("own", [Timeouts(), Timeouts(headers_s=60.0, connect_s=None)])
def test_no_rung_takes_half_a_minute_unless_the_target_asks_for_it(own: Timeouts) -> None:
    target = a_target("http://127.0.0.1:9/v1", timeouts=own, retries=3)
    for most in (QUESTION, ANSWER):
        limits = patient(target, most).timeouts
        assert limits.total_s <= 20
        assert (limits.connect_s or 99) <= 8
    assert patient(target, ANSWER).retries == 0
    slow = replace(target, timeouts=replace(own, total_s=90.0))
    assert patient(slow, ANSWER).timeouts.total_s == 90
    assert patient(slow, QUESTION).timeouts.total_s == 12


def test_steps_are_told_in_the_order_of_the_ladder(sim: Served) -> None:
    steps: list[RungName] = []
    rungs: list[RungName] = []
    asyncio.run(
        diagnose(
            a_target(sim.url), FIRST, {}, on_step=steps.append, on_rung=lambda rung: rungs.append(rung.name)
        )
    )
    order = list(RungName)
    assert list(dict.fromkeys(steps)) == [
        RungName.DNS, RungName.TCP, RungName.EDGE, RungName.KEY, RungName.CHAT, RungName.STREAM,
    ]  # fmt: skip
    assert rungs == sorted(rungs, key=order.index)
    assert len(set(rungs)) == len(rungs)


def test_a_terminal_shows_what_is_climbed_with_its_seconds(mute: int) -> None:
    """On a terminal the line is drawn again and again; what is passed stays above it."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "llmprobe", "diagnose", "--base-url", f"https://127.0.0.1:{mute}/v1",
         "--model", "m", "--timeout", "1200ms", "--no-status", "--no-color"],
        stdout=terminal, stderr=terminal, stdin=subprocess.DEVNULL, cwd=ROOT,
        env=clean_env({"PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100"}),
    )  # fmt: skip
    os.close(terminal)
    shown = _all_of(controller)
    assert process.wait(20) == 5
    assert shown.index("✓ tcp") < shown.index("… tls  ") < shown.index("✗ tls")
    seconds = [float(s) for s in re.findall(r"… tls  (\d+\.\d) s", shown)]
    assert len(seconds) >= 3
    assert seconds == sorted(seconds)


def _all_of(descriptor: int) -> str:
    found = b""
    while True:
        try:
            piece = os.read(descriptor, 65536)
        except OSError:  # Linux says so when the last terminal is closed
            break
        if not piece:
            break
        found += piece
    os.close(descriptor)
    return found.decode(errors="replace")


# The next step


def test_the_next_step_runs_as_printed(sim: Served, tmp_path: Path) -> None:
    """What is printed after a rejected key is run by a shell, and asks the same server."""
    done = llmprobe(
        "diagnose", "--base-url", sim.at("auth"), "--model", "sim-1", "--api-key-env", "K", env=KEY
    )
    command = next(line for line in done.stdout.splitlines() if line.startswith("→ run: "))[7:]
    assert " models --base-url " in command
    assert "--model " not in command
    words = shlex.split(command)
    again = llmprobe(*words[words.index("models") :], env=KEY)
    assert again.returncode == 4
    assert "does not accept the key" in again.stdout + again.stderr


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("model:overloaded", "wait"),
        ("stream:stall", "wait"),
        ("model:model_not_found", "models"),
        ("ok", "check -v"),
    ],
)
def test_the_next_step_fits_the_rung(sim: Served, behaviour: str, words: str) -> None:
    command = climb(a_target(sim.at(behaviour))).command
    assert command == f"llmprobe {words} t"


def test_a_missing_key_is_asked_for(sim: Served) -> None:
    done = climb(a_target(sim.url, missing_keys=("SIM_API_KEY",)))
    assert done.command is not None
    asked = subprocess.run(
        ["sh", "-c", f"{done.command}; printenv SIM_API_KEY"],
        input="sk-typed\n",
        capture_output=True,
        text=True,
    )
    assert asked.stdout == "SIM_API_KEY: sk-typed\n"


def test_tools_of_the_network_are_named_where_they_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    target = a_target("https://api.example.com/v1", ca_bundle="/etc/own.pem", proxy=None)
    broken = result("t", Status.FAILED, Category.DNS, Fault.NETWORK)

    def own(words: str) -> str:
        return words

    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    assert next_command(RungName.DNS, broken, target, {}, own) == "getent hosts api.example.com"
    curl = next_command(RungName.TLS, broken, target, {}, own)
    assert curl == "curl -v --max-time 10 --cacert /etc/own.pem -o /dev/null https://api.example.com/v1"
    behind = next_command(RungName.WAY_OUT, broken, target, {"HTTPS_PROXY": "http://u:pw@px:3128"}, own)
    assert behind == "curl -v --max-time 10 --noproxy '*' http://px:3128"
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert next_command(RungName.DNS, broken, target, {}, own) is None
    assert next_command(RungName.TCP, broken, target, {}, own) is None


def test_advice_fits_the_rung() -> None:
    """A resolver that says nothing is no firewall; a proxy of the configuration is no HTTPS_PROXY."""
    target = a_target("https://api.example.com/v1", name="claude", proxy="http://u:pw@px:3128")
    late = result(
        "t", Status.FAILED, Category.TIMEOUT_CONNECT, Fault.NETWORK, phase=Phase.RESOLVE, hint="firewall"
    )
    said = advice(RungName.DNS, late, target, {}) or ""
    assert "name server" in said
    assert "firewall" not in said

    refused = result("t", Status.FAILED, Category.PROXY, Fault.NETWORK, phase=Phase.CONNECT, hint="check it")
    said = advice(RungName.WAY_OUT, refused, target, {"HTTPS_PROXY": "http://other:1"}) or ""
    assert 'check "proxy" of target "claude", which names http://***@px:3128' in said
    assert "HTTPS_PROXY" not in said
    said = (
        advice(RungName.WAY_OUT, refused, replace(target, proxy=None), {"HTTPS_PROXY": "http://other:1"})
        or ""
    )
    assert "check HTTPS_PROXY, which names http://other:1" in said

    known = replace(target, proxy="", ca_bundle="/etc/own.pem")
    untrusted = result("t", Status.FAILED, Category.TLS, Fault.CLIENT, hint="name the CA in `ca_bundle`")
    said = advice(RungName.TLS, untrusted, known, {}) or ""
    assert said.startswith('ca_bundle names "/etc/own.pem" already')


# --fix


def test_fix_says_what_would_be_done_and_does_nothing(sim: Served, tmp_path: Path) -> None:
    path = tmp_path / "llmprobe.toml"
    path.write_text(
        f'[targets.a]\nprovider = "simulator"\nbase_url = "{sim.at("model:model_not_found")}"\nmodel = "sim-11"\nretries = 0\n'
    )
    before = path.read_bytes(), path.stat().st_mtime_ns
    done = llmprobe("diagnose", "a", "-c", str(path), "--fix")
    fixes = [line for line in done.stdout.splitlines() if line.startswith("fix: ")]
    assert "would set model of" in fixes[0]
    assert fixes[-1] == "fix: nothing was changed"
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert "fix: " not in llmprobe("diagnose", "a", "-c", str(path)).stdout


@pytest.mark.parametrize("fault", [Fault.PROVIDER, Fault.UNKNOWN])
def test_what_is_theirs_is_not_fixed_here(fault: Fault) -> None:
    theirs = result("t", Status.FAILED, Category.OVERLOADED, fault)
    [words] = repairs(RungName.CHAT, theirs, a_target("http://x/v1"), {}, "file")
    assert words.startswith("nothing on this side would help")


# The last time


def test_after_a_repair_it_says_what_has_changed(sim: Served, tmp_path: Path) -> None:
    """The same command with another server behind it: from a rejected key to all that holds."""
    path = tmp_path / "llmprobe.toml"
    env = {**KEY, "XDG_STATE_HOME": str(tmp_path / "state")}

    def run(behaviour: str, *flags: str) -> str:
        path.write_text(
            f'[targets.a]\nprovider = "simulator"\nbase_url = "{sim.at(behaviour)}"\nretries = 0\napi_key = {{ env = "K" }}\n'
        )
        return llmprobe("diagnose", "a", "-c", str(path), *flags, env=env).stdout

    assert "since " not in run("auth"), "there was no last time"
    same = run("auth")
    assert "nothing has changed: “key” breaks as before (key rejected)" in same
    repaired = run("ok")
    assert re.search(r"since \S+ \w+ ago: “key” holds now; then it broke \(key rejected\)", repaired)
    assert "“configuration”: base_url" in repaired
    document = json.loads(run("model:overloaded", "-f", "json"))
    assert document["changes"][0] == "every rung held then; now “chat” breaks"
    assert document["last_at"].endswith("Z")

    kept = tmp_path / "state" / "llmprobe" / "diagnoses.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert KEY["K"] not in kept.read_text()


def test_a_proxy_s_password_is_not_remembered(tmp_path: Path, sim: Served) -> None:
    secret = Credential(Secret("sk-never-kept-0123456789"), "Authorization", "Bearer", "env X")
    done = climb(a_target(sim.url, credential=secret, proxy="http://u:pw-never-kept@127.0.0.1:9"))
    path = tmp_path / "d.json"
    compared(done, "t", path)
    assert "never-kept" not in path.read_text()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"t": 1}', "\x00" * 100])
def test_a_damaged_memory_is_as_good_as_none(tmp_path: Path, sim: Served, content: str) -> None:
    path = tmp_path / "d.json"
    path.write_text(content)
    done = climb(a_target(sim.url))
    assert compared(done, "t", path).changes == ()
    assert compared(done, "t", path).changes == ("nothing has changed: every rung held then, too",)


def test_a_memory_that_cannot_be_written_changes_nothing(sim: Served) -> None:
    done = climb(a_target(sim.url))
    assert compared(done, "t", Path("/dev/null/d.json")) == done


def test_the_memory_stays_small(tmp_path: Path, sim: Served) -> None:
    path = tmp_path / "d.json"
    done = climb(a_target(sim.url))
    for number in range(110):
        compared(replace(done, started_at_utc=float(number)), f"t{number}", path)
    kept = json.loads(path.read_text())
    assert len(kept) == 100
    assert "t109" in kept
    assert "t0" not in kept
