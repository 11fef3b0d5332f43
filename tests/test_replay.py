"""The corpus over real sockets: each recorded answer served again, probed by the real command."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.measure import shared
from tests.support import Background, llmprobe
from tests.web import RawServer

pytestmark = pytest.mark.skipif(
    not shared.KNOWN.exists(), reason="the corpus of real failures is not beside this checkout"
)
_HOP_BY_HOP = ("transfer-encoding", "content-length", "content-encoding", "connection", "keep-alive")


class Replay(RawServer):
    """Answers `/ID/…` with what was recorded under that id; a stalled stream stays open."""

    def __init__(self, rows: dict[str, dict[str, Any]]) -> None:
        super().__init__()
        self._rows = rows

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        row = self._rows[head.split(" ")[1].split("/")[1]]
        body = (row["stream"] if row["kind"] == "stream" else row["body"]) or ""
        headers = {
            k.lower(): v
            for k, v in (row["headers"] or {}).items()
            if k.lower() not in _HOP_BY_HOP and "\n" not in v
        }
        lines = [
            f"HTTP/1.1 {row['status']} X",
            *(f"{k}: {v}" for k, v in headers.items()),
            "connection: close",
            "",
            "",
        ]
        writer.write("\r\n".join(lines).encode("latin-1", "replace") + body.encode())
        await writer.drain()
        if row["id"].startswith("stream-stalled"):
            await asyncio.sleep(30)


@pytest.fixture
def rows() -> dict[str, dict[str, Any]]:
    every = [json.loads(line) for line in shared.KNOWN.read_text(encoding="utf-8").splitlines()]
    return {row["id"]: row for row in every if row["kind"] != "network"}


@pytest.fixture
def replay(background: Background, rows: dict[str, dict[str, Any]]) -> Iterator[str]:
    server = Replay(rows)
    yield background.run(server.start())
    background.run(server.close())


def test_recorded_failures_are_named_by_the_command(
    replay: str, rows: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """Whoever sent them, and without being told who that is."""
    lines = ["[defaults]", 'timeout = "4s"', 'stall_timeout = "1s"', "retries = 0", 'proxy = ""']
    for name, row in rows.items():
        dialect, probe = shared.dialect_and_probe(row)
        lines += [
            f'[targets."{name}"]', f'dialect = "{dialect}"', f'base_url = "{replay}/{name}/v1"', 'model = "m"', f'probes = ["{probe}"]',
        ]  # fmt: skip
    config = tmp_path / "replay.toml"
    config.write_text("\n".join(lines))
    results = json.loads(llmprobe("check", "-c", str(config), "-f", "json").stdout)["results"]

    misses = []
    for result in results:
        expect = rows[result["target"]]["expect"]
        if (
            result["category"] not in (expect["category"], *expect["also_ok"])
            or (result["fault"] or "unknown") != expect["fault"]
        ):
            misses.append(
                (
                    result["target"],
                    result["category"],
                    result["fault"],
                    expect["category"],
                    expect["fault"],
                    result["rule"],
                )
            )
    assert len(misses) <= 0.02 * len(results), misses
