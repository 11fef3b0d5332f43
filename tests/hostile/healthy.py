"""A healthy provider in a process of its own: `python -m tests.hostile.healthy` prints its URL."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator

from llmprobe.simulator import Simulator


@contextlib.contextmanager
def healthy_server() -> Iterator[str]:
    """A simulator that shares neither our loop nor our lock, until the end of the block."""
    command = [sys.executable, "-m", "tests.hostile.healthy"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


async def main() -> None:
    async with Simulator() as simulator:
        print(await simulator.start(), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
