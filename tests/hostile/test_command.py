"""The command among bad servers: its memory, and signals that end it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from llmprobe.model import ProbeKind
from tests.hostile.attacks import BY_SLUG
from tests.hostile.measure import peak_mib, target_table
from tests.hostile.servers import Ports
from tests.support import ROOT, clean_env

MOST_MIB = 150
GRACE_S = 0.5
EIGHT = (
    "gzip-bomb", "nested-gzip-bomb", "millions-of-values", "endless-body", "one-endless-line", "tiny-events",
    "one-byte-chunks", "deflate-bomb",
)  # fmt: skip


def fine_table(name: str, url: str) -> str:
    return f'[targets.{name}]\nprovider = "simulator"\nbase_url = "{url}/v1"\nmodel = "sim-1"\nretries = 0\nproxy = ""\n'


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are read from /proc")
@pytest.mark.parametrize("probe", [ProbeKind.STREAM, ProbeKind.CHAT])
def test_eight_attackers_of_ten_cost_little_memory(
    bad: Ports, good: str, tmp_path: Path, probe: ProbeKind
) -> None:
    """Decompressed, parsed and kept: under 150 MB in all, and the two healthy ones are healthy."""
    config = tmp_path / "ten.toml"
    tables = [target_table(f"a{i}", name, probe, bad) for i, name in enumerate(EIGHT)]
    config.write_text("".join([*tables, fine_table("good1", good), fine_table("good2", good)]))
    peak, out = 0.0, ""
    with tempfile.TemporaryFile("w+") as file:
        command = [sys.executable, "-m", "llmprobe", "check", "-c", str(config), "-f", "json"]
        with subprocess.Popen(command, stdout=file, env=clean_env(), cwd=ROOT) as child:
            while child.poll() is None:
                peak = max(peak, peak_mib(child.pid))
                time.sleep(0.005)
        file.seek(0)
        out = file.read()
    results = {r["target"]: r for r in json.loads(out)["results"]}
    assert 10 < peak < MOST_MIB
    assert {results[name]["category"] for name in ("good1", "good2")} == {"ok"}
    assert all(results[f"a{i}"]["status"] == "failed" for i in range(len(EIGHT)))


def wait_until_connected(child: subprocess.Popen[str]) -> None:
    """The loop's own pair of sockets, the one that keeps stamps on, and a connection: or the end of it."""
    give_up_at = time.monotonic() + 10
    while child.poll() is None and time.monotonic() < give_up_at and sockets_of(child.pid) < 4:
        time.sleep(0.02)
    time.sleep(0.2)


def busy() -> float:
    """How many programs want each core, 1 at least: a child's share of the time is so much less."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def sockets_of(pid: int) -> int:
    with contextlib.suppress(OSError):
        links = [os.readlink(path) for path in Path(f"/proc/{pid}/fd").iterdir()]
        return sum(link.startswith("socket:") for link in links)
    return 0


@pytest.mark.skipif(sys.platform != "linux", reason="its sockets are counted in /proc")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.parametrize("name", ["tiny-events", "one-byte-chunks", "1xx-to-connect", "silence"])
def test_a_signal_ends_the_command_within_half_a_second(
    bad: Ports, tmp_path: Path, name: str, number: signal.Signals, code: int
) -> None:
    config = tmp_path / "one.toml"
    assert name in BY_SLUG
    config.write_text(
        target_table("t", name, ProbeKind.STREAM, bad).replace('timeout = "2s"', 'timeout = "30s"')
    )
    command = [sys.executable, "-m", "llmprobe", "check", "-c", str(config), "-f", "json"]
    tries = []
    for _ in range(3):
        child = subprocess.Popen(command, stdout=subprocess.PIPE, env=clean_env(), cwd=ROOT, text=True)
        wait_until_connected(child)
        began = time.perf_counter()
        child.send_signal(number)
        out, _ = child.communicate(timeout=20)
        is_told = bool(out) and bool(json.loads(out)["results"])  # nothing is, where it had not begun yet
        tries.append(time.perf_counter() - began if is_told else float("inf"))
        if tries[-1] <= GRACE_S or name == "1xx-to-connect":
            break
    assert min(tries) <= GRACE_S
    assert child.returncode == code or name == "1xx-to-connect", "that one is over before"


@pytest.mark.skipif(sys.platform != "linux", reason="its sockets are counted in /proc")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.parametrize("name", ["tiny-events", "one-byte-chunks", "silence"])
@pytest.mark.parametrize("form", ["table", "ndjson"])
def test_a_signal_ends_a_watch_within_half_a_second(
    bad: Ports, tmp_path: Path, name: str, number: signal.Signals, code: int, form: str
) -> None:
    config = tmp_path / "one.toml"
    config.write_text(
        target_table("t", name, ProbeKind.STREAM, bad).replace('timeout = "2s"', 'timeout = "30s"')
    )
    command = [sys.executable, "-m", "llmprobe", "watch", "-c", str(config), "-f", form, "--no-record"]
    tries = []
    for _ in range(3):
        child = subprocess.Popen(command, stdout=subprocess.PIPE, env=clean_env(), cwd=ROOT, text=True)
        wait_until_connected(child)
        began = time.perf_counter()
        child.send_signal(number)
        out, _ = child.communicate(timeout=20)
        tries.append(time.perf_counter() - began)
        assert child.returncode == code
        assert all(json.loads(line) for line in out.splitlines() if form == "ndjson")
        if tries[-1] <= GRACE_S:
            break
    assert min(tries) <= GRACE_S * busy()
