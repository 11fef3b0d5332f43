"""Many probes in one process: memory, descriptors and tasks stay flat."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from pathlib import Path

import pytest

from llmprobe.engine.run import Options, run
from llmprobe.model import ProbeKind, Target
from tests.support import a_target

SMALL, LARGE = 1_000, 100_000
BATCH = 250
BEHAVIOURS = ("ok", "overloaded", "cut", "reset", "hang_up", "wrong_shape")
MOST_GROWTH_MIB = 8.0


def targets_of(url: str) -> list[Target]:
    """Streams and chats that end in every way that ends at once."""
    return [
        a_target(
            f"{url}/~{BEHAVIOURS[i % len(BEHAVIOURS)]}/v1",
            name=f"t{i}",
            probes=(ProbeKind.STREAM if i % 2 else ProbeKind.CHAT,),
        )
        for i in range(BATCH)
    ]


def rss_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


async def soak(url: str, probes: int) -> tuple[list[float], list[int], list[int]]:
    """Memory, descriptors and tasks after each batch; the first ones, which fill caches, are left out."""
    targets, memory, descriptors, tasks = targets_of(url), [], [], []
    for number in range(probes // BATCH + 2):
        await run(targets, options=Options(concurrency=32, per_host=32))
        if number >= 2:
            gc.collect()
            memory.append(rss_mib())
            descriptors.append(len(os.listdir("/proc/self/fd")))
            tasks.append(len(asyncio.all_tasks()))
    return memory, descriptors, tasks


def expect_flat(url: str, probes: int) -> None:
    memory, descriptors, tasks = asyncio.run(soak(url, probes))
    assert max(tasks) == 1
    assert max(descriptors) <= descriptors[0]
    assert memory[-1] - memory[0] < MOST_GROWTH_MIB, memory[:: max(1, len(memory) // 10)]


@pytest.mark.skipif(sys.platform != "linux", reason="figures are read from /proc")
def test_a_thousand_probes_leave_nothing_behind(good: str) -> None:
    expect_flat(good, SMALL)


@pytest.mark.soak
@pytest.mark.skipif(sys.platform != "linux", reason="figures are read from /proc")
def test_a_hundred_thousand_probes_leave_nothing_behind(good: str) -> None:
    """Run with `-m soak`; it takes some minutes."""
    expect_flat(good, LARGE)
