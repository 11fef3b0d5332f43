"""A low limit of open files costs time, and accuses nobody."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT, Served, clean_env

pytest.importorskip("resource")


def under_limit(soft: int, hard: int, config: Path) -> subprocess.CompletedProcess[str]:
    """The command with limits of open files of its own."""
    limits = (
        f"ulimit -Sn {soft}; ulimit -Hn {hard}; exec {sys.executable} -m llmprobe check -c {config} -f json"
    )
    return subprocess.run(
        ["/bin/sh", "-c", limits], capture_output=True, text=True, env=clean_env(), cwd=ROOT, timeout=60
    )


def many(sim: Served, folder: Path, count: int) -> Path:
    tables = [
        f'[targets.t{i}]\nprovider = "simulator"\nbase_url = "{sim.url}/v1"\nmodel = "sim-1"\nprobes = ["chat"]\n'
        for i in range(count)
    ]
    config = folder / "many.toml"
    config.write_text(
        '[defaults]\nretries = 0\nproxy = ""\nconcurrency = 200\nper_host = 200\n' + "".join(tables)
    )
    return config


@pytest.mark.parametrize(("soft", "hard", "is_short"), [(64, 64, True), (64, 2048, False)])
def test_few_descriptors_mean_fewer_probes_at_once_and_no_failure(
    sim: Served, tmp_path: Path, soft: int, hard: int, is_short: bool
) -> None:
    """A soft limit is raised; a hard one is kept to, and said."""
    done = under_limit(soft, hard, many(sim, tmp_path, 100))
    run = json.loads(done.stdout)
    assert {r["category"] for r in run["results"]} == {"ok"}
    assert done.returncode == 0
    assert any("open files" in note for note in run["notes"]) is is_short
