"""
How far the product's clocks are from the truth: `python -m tests.bench.accuracy PORT N [tls] [stream] [user]`.

Runs the engine as `check` does (gate, limits, judgement), and compares each
interval with the stamps that the truth server put into its answers. Prints
JSON: p50 and p99 of the errors in milliseconds.
"""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

import llmprobe.engine.probing.probe as engine_probe
from llmprobe.engine.probing.attempt import Observed, attempt
from llmprobe.engine.run import Options, run
from llmprobe.model import ProbeKind, Status, Target, Timeouts
from llmprobe.transport.exchange import _Watch
from tests.bench.truth import urls

WAIT_MS, TOKENS, GAP_MS = 50, 50, 20
WARM_UP = 1


def main(argv: Sequence[str]) -> None:
    port, count = int(argv[0]), int(argv[1])
    stream, user, tls = "stream" in argv, "user" in argv, "tls" in argv
    seen: list[tuple[Observed, list[tuple[float, int]]]] = []
    _record(seen)
    path = f"/sse/{WAIT_MS}/{TOKENS}/{GAP_MS}/v1" if stream else f"/d/{WAIT_MS}/v1"
    probe = ProbeKind.STREAM if stream else ProbeKind.CHAT
    targets = [_target(i, url, probe) for i, url in enumerate(urls(port, count, path, tls=tls))]
    asyncio.run(run(targets[:WARM_UP], options=Options(stock_network=user)))
    seen.clear()
    gc.freeze()  # as the command does
    concurrency = int(argv[argv.index("at") + 1]) if "at" in argv else None
    started = time.perf_counter()
    done = asyncio.run(run(targets, options=Options(concurrency=concurrency, stock_network=user)))
    wall = time.perf_counter() - started
    assert all(r.status is Status.HEALTHY for r in done.results), done.conclusion
    figures = _errors(seen, stream=stream)
    facts = done.self_facts
    assert facts is not None
    lag_ms = (facts.loop_lag_max_s or 0) * 1e3
    figures |= {"n": count, "wall_s": wall, "clock": facts.clock, "lag_ms": {"p50": lag_ms, "p99": lag_ms}}
    print(json.dumps(figures))


def _target(number: int, url: str, probe: ProbeKind) -> Target:
    return Target(
        f"t{number}", "simulator", "openai-chat", url, model="m", probes=(probe,), proxy="", verify_tls=False, retries=0,
        timeouts=Timeouts(total_s=30),
    )  # fmt: skip


def _record(seen: list[tuple[Observed, list[tuple[float, int]]]]) -> None:
    """Listen in: every observation, and in streams each token's stamp beside the server's own."""
    stamps: dict[asyncio.Task[Any] | None, list[tuple[float, int]]] = {}
    real_take = _Watch._take

    def take(self: Any, event: Any, at: float) -> bool:
        if '"t":' in event.data:
            stamps.setdefault(asyncio.current_task(), []).append((at, json.loads(event.data)["t"]))
        return real_take(self, event, at)

    async def listening(line: Any, target: Any, probe: Any) -> Observed:
        observed = await attempt(line, target, probe)
        seen.append((observed, stamps.pop(asyncio.current_task(), [])))
        return observed

    vars(engine_probe)["attempt"] = listening
    _Watch._take = take  # type: ignore[method-assign]


def _errors(seen: Sequence[tuple[Observed, list[tuple[float, int]]]], *, stream: bool) -> dict[str, Any]:
    first_byte, ttft, gaps, connect, tls = [], [], [], [], []
    for observed, tokens in seen:
        timings = observed.exchange.timings
        received, sent = (int(observed.exchange.header(name) or 0) for name in ("x-recv", "x-send"))
        assert timings.headers_s is not None
        assert timings.sent_s is not None
        first_byte.append(abs((timings.headers_s - timings.sent_s) * 1e3 - (sent - received) / 1e6))
        connect.append((timings.connect_s or 0) * 1e3)
        if timings.tls_s is not None:
            tls.append(timings.tls_s * 1e3)
        if stream and timings.ttft_s is not None:
            ttft.append(abs((timings.ttft_s - timings.sent_s) * 1e3 - (tokens[0][1] - received) / 1e6))
            pairs = zip(tokens, tokens[1:], strict=False)
            gaps += [abs((b[0] - a[0]) * 1e3 - (b[1] - a[1]) / 1e6) for a, b in pairs]
    named = {
        "first_byte_ms": first_byte,
        "ttft_ms": ttft,
        "gap_ms": gaps,
        "connect_ms": connect,
        "tls_ms": tls,
    }
    return {name: _quantiles(values) for name, values in named.items() if values}


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "p50": statistics.median(ordered),
        "p99": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))],
    }


if __name__ == "__main__":
    main(sys.argv[1:])
