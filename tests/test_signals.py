"""Signals: whenever they come, what was measured is reported whole, and the report says how the process ends."""

from __future__ import annotations

import fcntl
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support import Served, clean_env, started

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 143}
SIGNALS = sorted(CODES)
MANY = 20 if hasattr(fcntl, "F_SETPIPE_SZ") else 150
"""So many results are more than a pipe holds."""


def config(tmp_path: Path, sim: Served, *behaviours: str, timeout: str = "30s") -> Path:
    path = tmp_path / "llmprobe.toml"
    path.write_text(
        f'[defaults]\ntimeout = "{timeout}"\nretries = 0\n'
        + "".join(
            f'[targets.t{n}]\nprovider = "simulator"\nbase_url = "{sim.at(b)}"\n'
            for n, b in enumerate(behaviours)
        )
    )
    return path


def narrow(process: subprocess.Popen[str]) -> int:
    """Make the pipe hold as little as the system allows, so that few results fill it; how much that is."""
    if not hasattr(fcntl, "F_SETPIPE_SZ"):
        return 65536
    assert process.stdout is not None
    return int(fcntl.fcntl(process.stdout.fileno(), fcntl.F_SETPIPE_SZ, 4096))


def until(process: subprocess.Popen[str], condition: object) -> None:
    end = time.monotonic() + 20
    while not condition() and time.monotonic() < end:  # type: ignore[operator]
        time.sleep(0.01)
    assert process.poll() is None


@pytest.mark.parametrize("signum", SIGNALS)
@pytest.mark.parametrize("command", ["check", "wait", "diagnose"])
def test_each_signal_ends_a_run_early_and_the_report_says_so(
    serve: object, tmp_path: Path, signum: int, command: str
) -> None:
    served: Served = serve()  # type: ignore[operator]
    args = ["-c", str(config(tmp_path, served, "no_headers")), "-f", "json"]
    process = started(command, *args, *(["t0", "--no-status"] if command == "diagnose" else []))
    until(process, lambda: served.simulator.last_headers)
    time.sleep(0.1)
    process.send_signal(signum)
    sent = time.monotonic()
    stdout, stderr = process.communicate(timeout=30)

    assert time.monotonic() - sent < 5
    assert process.returncode == CODES[signal.Signals(signum)]
    assert json.loads(stdout)["exit_code"] == process.returncode
    assert "Traceback" not in stderr


def test_what_signals_a_process_and_its_group_is_one_request(serve: object, tmp_path: Path) -> None:
    """`timeout` sends SIGTERM to the command and then to its group; a service manager adds SIGHUP."""
    served: Served = serve()  # type: ignore[operator]
    process = started("check", "-c", str(config(tmp_path, served, "no_headers")), "-f", "json")
    until(process, lambda: served.simulator.last_headers)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.02)
    process.send_signal(signal.SIGHUP)
    stdout, _ = process.communicate(timeout=30)
    assert (process.returncode, json.loads(stdout)["exit_code"]) == (143, 143)


def test_a_signal_that_the_caller_ignores_stays_ignored(sim: Served, tmp_path: Path) -> None:
    """`nohup llmprobe …`."""
    path = config(tmp_path, sim, "slow_headers:1500ms")
    line = f"trap '' HUP; exec {sys.executable} -m llmprobe check -c {path} -f json"
    process = subprocess.Popen(["sh", "-c", line], stdout=subprocess.PIPE, env=clean_env())
    time.sleep(1.0)
    process.send_signal(signal.SIGHUP)
    stdout, _ = process.communicate(timeout=30)
    assert (process.returncode, json.loads(stdout)["exit_code"]) == (0, 0)


@pytest.mark.parametrize("signum", SIGNALS)
@pytest.mark.parametrize("format", ["json", "html", "table"])
def test_a_signal_while_output_goes_into_a_slow_pipe_loses_none_of_it(
    sim: Served, tmp_path: Path, signum: int, format: str
) -> None:
    """The report was made before the signal: it is written to its end, and the process ends as it says."""
    path = config(tmp_path, sim, *(["auth"] * MANY))
    with started("check", "-c", str(path), "-f", format, *(["-v"] if format == "table" else [])) as process:
        holds = narrow(process)
        assert process.stdout is not None
        assert process.stderr is not None
        text = os.read(
            process.stdout.fileno(), 1000
        )  # it is being written; the pipe holds less than the rest
        process.send_signal(signum)
        time.sleep(0.1)
        while piece := os.read(process.stdout.fileno(), holds // 3):
            text += piece
            time.sleep(0.005)
        stderr = process.stderr.read()

    assert len(text) > holds + 1000
    assert process.returncode == 4
    if format == "json":
        assert json.loads(text)["exit_code"] == 4
    assert f"t{MANY - 1}".encode() in text
    assert "Traceback" not in stderr


def test_a_second_signal_ends_a_command_that_nobody_reads(sim: Served, tmp_path: Path) -> None:
    path = config(tmp_path, sim, *(["auth"] * MANY))
    with started("check", "-c", str(path), "-f", "json") as process:
        narrow(process)
        assert process.stdout is not None
        os.read(process.stdout.fileno(), 1000)
        process.send_signal(signal.SIGTERM)
        time.sleep(1.0)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 143


@pytest.mark.parametrize("signum", SIGNALS)
def test_signals_at_random_points_never_leave_half_a_report_or_a_traceback(
    sim: Served, tmp_path: Path, signum: int
) -> None:
    """From the first moment of the command to after its end; the file is whole or not there."""
    path, report = config(tmp_path, sim, "ok", "slow_headers:60ms", "auth"), tmp_path / "r.json"
    chance = random.Random(signum)
    for _ in range(12):
        report.unlink(missing_ok=True)
        process = started("check", "-c", str(path), "-f", "json", "-o", f"json:{report}")
        time.sleep(chance.uniform(0.0, 0.6))
        process.send_signal(signum)
        stdout, stderr = process.communicate(timeout=30)
        if "Traceback" in stderr:  # Python was still starting: the command had not begun
            assert not re.search(r'llmprobe/__main__\.py", line \d+, in main', stderr)
            continue
        assert process.returncode in (4, CODES[signal.Signals(signum)], -signum), stderr
        if stdout:
            assert json.loads(stdout)["exit_code"] == process.returncode
        if report.exists():
            assert json.loads(report.read_text())["exit_code"] == process.returncode
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".llmprobe")]


@pytest.mark.parametrize("signum", SIGNALS)
def test_a_signal_during_the_imports_ends_it_quietly(tmp_path: Path, signum: int) -> None:
    """The first of our modules that is imported after the handlers takes a second here."""
    code = (
        "import sys, time\n"
        "class Slow:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'llmprobe.cli.main': print('importing', flush=True); time.sleep(20)\n"
        "sys.meta_path.insert(0, Slow())\n"
        "from llmprobe.__main__ import main\n"
        "main()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, "providers"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_env(),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "importing\n"
    process.send_signal(signum)
    stdout, stderr = process.communicate(timeout=10)
    assert (process.returncode, stdout, stderr) == (CODES[signal.Signals(signum)], "", "")
