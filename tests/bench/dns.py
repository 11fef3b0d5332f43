"""
How long a name takes by our clock when the resolver takes 50 ms: `python -m tests.bench.dns`.

A hundred names at once, through the product's own resolver pool; the system's resolver is
replaced by one that sleeps, so that the truth is known. Prints JSON, milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from typing import Any

from llmprobe.transport.network.resolver import resolve

NAMES, TRUTH_S = 100, 0.050


def main() -> None:
    def slow(*_: Any, **__: Any) -> list[Any]:
        time.sleep(TRUTH_S)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 1))]

    socket.getaddrinfo = slow
    taken = asyncio.run(_resolve_all())
    print(json.dumps({"p50": taken[len(taken) // 2] * 1e3, "p99": taken[int(len(taken) * 0.99)] * 1e3}))


async def _resolve_all() -> list[float]:
    found = await asyncio.gather(*(resolve(f"h{number}.example", 443) for number in range(NAMES)))
    return sorted(seconds for _, seconds in found)


if __name__ == "__main__":
    main()
