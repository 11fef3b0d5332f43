"""A real `serve` for tests: on a socket, in an event loop in a thread, with the configuration that a test writes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from llmprobe.serving import app
from llmprobe.serving.running import run_on
from tests.support import Background

Metrics = Mapping[str, list[tuple[Mapping[str, str], float]]]


class Serving:
    """Ask it by `get`; `notes` are what it said beside its answers."""

    def __init__(self, url: str, notes: list[str]) -> None:
        self.url = url
        self.notes = notes

    def get(self, path: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.get(f"{self.url}{path}", headers=named, timeout=20, trust_env=False)

    def post(self, path: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.post(f"{self.url}{path}", headers=named, timeout=20, trust_env=False)

    def metrics(self, path: str, **headers: str) -> Metrics:
        answer = self.get(path, **headers)
        assert answer.status_code == 200, answer.text
        return metrics_in(answer.text)


def metrics_in(text: str) -> Metrics:
    """By the name of the sample, read by prometheus_client's own parser."""
    found: dict[str, list[tuple[Mapping[str, str], float]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((dict(sample.labels), sample.value))
    return found


@contextmanager
def serving(config: Path, **settings: Any) -> Iterator[Serving]:
    """Until the context ends."""
    notes: list[str] = []
    made = app(config=config, on_note=notes.append, **settings)
    listening = socket.create_server(("127.0.0.1", 0), backlog=256)
    background, stop, ready = Background(), asyncio.Event(), asyncio.Event()
    running = asyncio.run_coroutine_threadsafe(
        run_on(listening, made, stop, on_ready=ready.set), background.loop
    )
    try:
        background.run(ready.wait())
        yield Serving(f"http://127.0.0.1:{listening.getsockname()[1]}", notes)
    finally:
        background.loop.call_soon_threadsafe(stop.set)
        running.result(20)
        background.close()
        listening.close()


def toml(path: Path, url: str, targets: Mapping[str, str], more: str = "") -> Path:
    """A configuration with one target for each name, at the simulator's behaviour that it names."""
    tables = [
        f'[targets.{name}]\ndialect = "openai-chat"\nbase_url = "{url}/~{behaviour}/v1"\nmodel = "sim-1"\n'
        f'api_key = false\nproxy = ""\nretries = 0\ntags = ["all"]\n'
        for name, behaviour in targets.items()
    ]
    path.write_text("\n".join([*tables, more]))
    return path
