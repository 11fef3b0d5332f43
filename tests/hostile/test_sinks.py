"""Webhooks, heartbeats and Alertmanagers that are as bad as any server: the run ends in its time all the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.hostile.servers import Ports
from tests.support import ROOT, clean_env

GRACE_S = 0.5
DEADLINE_S = 2.0
TRIES = 3
BAD = (
    "silence", "endless-1xx", "one-byte-chunks", "drip-of-the-head", "gzip-bomb", "endless-headers", "endless-body",
    "tiny-events", "bytes-after-a-gzip-member", "a-length-of-a-terabyte",
)  # fmt: skip


def command(good: str, db: Path, *flags: str) -> list[str]:
    """A check that fails at once, and has that to tell."""
    line = [
        sys.executable,
        "-m",
        "llmprobe",
        "check",
        "--base-url",
        f"{good}/~auth/v1",
        "-m",
        "m",
        "-f",
        "json",
    ]
    return [*line, "--on-change", "--db", str(db), *flags]


def run_s(report: str, ended_at: float, began_at: float) -> float:
    """From the first line of the run to the end of the process, without the time to start Python."""
    document = json.loads(report)
    started = document["results"][0]["attempts"][0]["started_at"]
    from llmprobe.dates import parse_rfc3339

    return ended_at - max(began_at, parse_rfc3339(started) or began_at)


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("sink", ["--webhook", "--heartbeat"])
def test_a_deadline_is_kept_whatever_a_sink_sends(
    bad: Ports, good: str, tmp_path: Path, sink: str, name: str
) -> None:
    tries = []
    for number in range(TRIES):
        line = command(good, tmp_path / f"{number}.db", "--deadline", f"{DEADLINE_S:g}s", sink, bad.url(name))
        began = time.time()
        done = subprocess.run(line, capture_output=True, text=True, env=clean_env(), cwd=ROOT, timeout=60)
        tries.append(run_s(done.stdout, time.time(), began))
        assert done.returncode == 4
        if name not in ("endless-body", "tiny-events"):  # these answer 200, as a sink that took it does
            assert "was not reached" in done.stderr
        if tries[-1] <= DEADLINE_S + GRACE_S:
            break
    assert min(tries) <= DEADLINE_S + GRACE_S


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize("name", ["silence", "one-byte-chunks", "drip-of-the-head"])
def test_a_signal_ends_a_run_that_tells_a_bad_sink(
    bad: Ports, good: str, tmp_path: Path, name: str, number: signal.Signals
) -> None:
    """What was measured is printed; the sink is told with the next run."""
    tries = []
    for attempt in range(TRIES):
        line = command(good, tmp_path / f"{attempt}.db", "--webhook", bad.url(name))
        child = subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_env(), cwd=ROOT
        )
        assert child.stdout is not None
        report = os.read(child.stdout.fileno(), 1 << 20)  # it tells after it has printed
        began = time.perf_counter()
        child.send_signal(number)
        rest, _ = child.communicate(timeout=30)
        tries.append(time.perf_counter() - began)
        assert json.loads(report + rest)["results"][0]["category"] == "auth"
        if tries[-1] <= GRACE_S:
            break
    assert min(tries) <= GRACE_S
