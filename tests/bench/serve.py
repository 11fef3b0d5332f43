"""
`llmprobe serve` under Prometheus' load: 200 targets, each scraped once in 15 s, beside blackbox exporter.

    python -m tests.bench.serve [SECONDS]

Both ask the same simulated provider for the same stream. Late is an answer that comes later than the
deadline that its scrape gave (10 s). CPU is what each process says of itself, for each scrape.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import httpx

from tests.bench.blackbox import PORT, PROGRAMS

TARGETS, EVERY_S, TIMEOUT_S = 200, 15.0, 10.0
_CPU = re.compile(r"^process_cpu_seconds_total (\S+)$", re.M)
_ACCEPT = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
"""What Prometheus itself asks for."""
_HEADERS = {"x-prometheus-scrape-timeout-seconds": str(TIMEOUT_S), "accept": _ACCEPT}


class Load(NamedTuple):
    """What a number of scrapes took: seconds each, how many were late or not well, and CPU in all."""

    seconds: Sequence[float]
    late: int
    failed: int
    cpu_s: float

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu_s / len(self.seconds)

    def row(self, name: str) -> str:
        ordered = sorted(self.seconds)
        p50, p99 = statistics.median(ordered), ordered[int(0.99 * (len(ordered) - 1))]
        figures = f"{len(ordered)} | {self.late} | {self.failed} | {1000 * p50:.0f} | {1000 * p99:.0f}"
        return f"| {name} | {figures} | {self.cpu_ms:.2f} |"


def main(arguments: Sequence[str]) -> None:
    """Prints a table."""
    lasts_s = float(arguments[0]) if arguments else 2 * EVERY_S
    print(
        "| exporter | scrapes | late | failed | p50 ms | p99 ms | CPU ms a scrape |\n|---|---|---|---|---|---|---|"
    )
    ours = measured_ours(lasts_s)
    print(ours.row("llmprobe serve"))
    theirs = measured_blackbox(lasts_s)
    if theirs is None:
        print("blackbox exporter is not installed: not measured")
        return
    print(theirs.row("blackbox exporter"))
    print(f"\nCPU for each scrape: {ours.cpu_ms / theirs.cpu_ms:.2f} x blackbox exporter (at most 5)")


def measured_ours(lasts_s: float) -> Load:
    with tempfile.TemporaryDirectory() as folder, simulated() as url:
        config = Path(folder, "llmprobe.toml")
        config.write_text('[serve]\nmin_interval = "5s"\ntokens_per_hour = 0\n' + "".join(_tables(url)))
        with _started(
            [sys.executable, "-m", "llmprobe", "serve", "-c", str(config), "--listen", "127.0.0.1:0"]
        ) as serve:
            assert serve.stderr is not None
            base = _url_in(serve.stderr.readline())
            paths = [f"{base}/probe?target=t{number}" for number in range(TARGETS)]
            return asyncio.run(_scraped(paths, f"{base}/metrics", lasts_s))


def measured_blackbox(lasts_s: float) -> Load | None:
    """None where it is not installed."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder, simulated() as url:
        config = Path(folder, "blackbox.yml")
        config.write_text(json.dumps({"modules": {"stream": {"prober": "http", "http": _POST}}}))
        command = [
            program,
            f"--config.file={config}",
            f"--web.listen-address=127.0.0.1:{PORT}",
            "--log.level=error",
        ]
        with _started(command):
            base, target = f"http://127.0.0.1:{PORT}", quote(f"{url}/v1/chat/completions", safe="")
            _await(f"{base}/-/healthy")
            paths = [f"{base}/probe?module=stream&target={target}"] * TARGETS
            return asyncio.run(_scraped(paths, f"{base}/metrics", lasts_s))


_POST = {
    "method": "POST",
    "headers": {"content-type": "application/json"},
    "body": json.dumps(
        {"model": "sim-1", "stream": True, "messages": [{"role": "user", "content": "Say ok."}]}
    ),
    "preferred_ip_protocol": "ip4",
}


def _tables(url: str) -> Iterator[str]:
    for number in range(TARGETS):
        yield (
            f'[targets.t{number}]\ndialect = "openai-chat"\nbase_url = "{url}/v1"\n'
            f'model = "sim-1"\napi_key = false\nproxy = ""\n'
        )


@contextmanager
def simulated() -> Iterator[str]:
    """The URL of a simulated provider in a process of its own."""
    with _started([sys.executable, "-m", "llmprobe", "simulate", "--port", "0"]) as process:
        assert process.stdout is not None
        yield _url_in(process.stdout.readline())


@contextmanager
def _started(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**environment, "PYTHONUNBUFFERED": "1"},
            )
        )
        stack.callback(process.kill)
        yield process


async def _scraped(paths: Sequence[str], own: str, lasts_s: float) -> Load:
    """Each path once in `EVERY_S`, spread evenly over it as Prometheus does."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=TARGETS)
    async with httpx.AsyncClient(
        limits=limits, timeout=2 * TIMEOUT_S, trust_env=False, headers=_HEADERS
    ) as client:
        for path in paths[:5]:
            await client.get(path)
        before, began = await _cpu_s(client, own), time.perf_counter()
        scrapes: list[asyncio.Task[tuple[float, bool]]] = []
        for number in range(int(lasts_s / EVERY_S * len(paths))):
            await asyncio.sleep(max(0.0, began + number * EVERY_S / len(paths) - time.perf_counter()))
            scrapes.append(asyncio.ensure_future(_scrape(client, paths[number % len(paths)])))
        found = await asyncio.gather(*scrapes)
        used = await _cpu_s(client, own) - before
    seconds = [lasted for lasted, _ in found]
    return Load(seconds, sum(s > TIMEOUT_S for s in seconds), sum(not well for _, well in found), used)


async def _scrape(client: httpx.AsyncClient, path: str) -> tuple[float, bool]:
    began = time.perf_counter()
    answer = await client.get(path)
    return time.perf_counter() - began, bool(re.search(r"^probe_success 1(\.0)?$", answer.text, re.M))


async def _cpu_s(client: httpx.AsyncClient, own: str) -> float:
    found = _CPU.search((await client.get(own)).text)
    assert found is not None
    return float(found[1])


def _url_in(line: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+", line)
    assert found is not None, line
    return found[0]


def _await(url: str) -> None:
    for _ in range(100):
        try:
            httpx.get(url, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return


if __name__ == "__main__":
    main(sys.argv[1:])
