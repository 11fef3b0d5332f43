"""
Recordings of healthy answers, served again over real sockets: `python -m tests.healthy [FOLDER]`.

Each recording is served piece by piece, event by event, and probed by the real
command. None may be called failed or degraded, except those that the index
marks with `accept`, because the recorded answer is a refusal on purpose.
The recordings lie beside the checkout, not in it; where they are absent, this says so.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tomli_w
from msgspec import Struct, convert

from llmprobe.providers import dialects, providers
from tests.support import Background, llmprobe
from tests.web import RawServer

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "healthy"
KINDS = {
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "ndjson": "application/x-ndjson",
    "sse": "text/event-stream",
    "eventstream": "application/vnd.amazon.eventstream",
}
PIECE_GAP_S = 0.001
MOST_PIECES = 400


class Recording(Struct, frozen=True):
    """One recorded answer, and how it would have been asked for."""

    id: str
    provider: str
    dialect: str
    probe: str
    path: str
    model_in_answer: str | None = None
    accept: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return self.path.rsplit(".", 1)[-1]


class Verdict(Struct, frozen=True):
    """What the command made of one recording."""

    id: str
    status: str
    category: str
    reason: str

    def fits(self, recording: Recording) -> bool:
        return self.status == "healthy" or self.category in recording.accept


def recordings(folder: Path = FOLDER) -> list[Recording]:
    """Every line of the index whose dialect exists here."""
    rows = [json.loads(line) for line in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    every = [convert(row, Recording) for row in rows]
    return [recording for recording in every if recording.dialect in dialects()]


def pieces_of(body: bytes, kind: str) -> Iterator[bytes]:
    """The parts in which a server would have sent it: events of a stream, lines, or the whole."""
    if kind == "json":
        yield body
        return
    end = rb"(?:\r?\n){2}|\r\r" if kind == "sse" else rb"\r?\n"
    cuts = [0, *(match.end() for match in re.finditer(end, body)), len(body)]
    every = [body[a:b] for a, b in zip(cuts, cuts[1:], strict=False) if b > a]
    yield from every[:MOST_PIECES]
    if len(every) > MOST_PIECES:
        yield b"".join(every[MOST_PIECES:])


class Server(RawServer):
    """Answers `/ID/…` with the recording of that id, chunked, one piece after the other."""

    def __init__(self, folder: Path, every: list[Recording]) -> None:
        super().__init__()
        self._folder = folder
        self._rows = {recording.id: recording for recording in every}

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"content-length: (\d+)", head, re.I)
        await reader.readexactly(int(length[1]) if length else 0)
        row = self._rows[head.split(" ")[1].split("/")[1]]
        writer.write(
            f"HTTP/1.1 200 OK\r\ncontent-type: {KINDS[row.kind]}\r\n"
            "transfer-encoding: chunked\r\nconnection: close\r\n\r\n".encode()
        )
        for piece in pieces_of((self._folder / row.path).read_bytes(), row.kind):
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await writer.drain()
            await asyncio.sleep(PIECE_GAP_S)
        writer.write(b"0\r\n\r\n")
        await writer.drain()


def config_for(url: str, every: list[Recording], *, anonymous: bool) -> dict[str, Any]:
    """One target for each recording; `anonymous` hides which provider it came from."""
    known = providers()
    targets: dict[str, Any] = {}
    for recording in every:
        named = recording.provider in known and not anonymous
        targets[recording.id] = {
            "provider": recording.provider if named else "openai-compatible",
            "dialect": recording.dialect,
            "base_url": f"{url}/{recording.id}/v1",
            "model": recording.model_in_answer or "unnamed",
            "probes": [recording.probe],
            "api_key": False,
        }
    defaults = {"timeout": "20s", "retries": 0, "proxy": "", "concurrency": 16}
    return {"defaults": defaults, "targets": targets}


def verdicts(every: list[Recording], folder: Path = FOLDER, *, anonymous: bool = False) -> list[Verdict]:
    """Serve every recording, probe it with the real command, and return what it says."""
    background = Background()
    server = Server(folder, every)
    try:
        url = background.run(server.start())
        with tempfile.TemporaryDirectory() as temporary:
            config = Path(temporary) / "healthy.toml"
            config.write_text(tomli_w.dumps(config_for(url, every, anonymous=anonymous)), encoding="utf-8")
            done = llmprobe("check", "-c", str(config), "-f", "json")
    finally:
        background.run(server.close())
        background.close()
    results = json.loads(done.stdout)["results"]
    return [Verdict(r["target"], r["status"], r["category"], r["reason"]) for r in results]


def main(argv: list[str]) -> int:
    folder = Path(argv[0]) if argv else FOLDER
    if not folder.exists():
        print(f"no recordings at {folder}: nothing to replay")
        return 0
    every = recordings(folder)
    by_id = {recording.id: recording for recording in every}
    wrong = 0
    for anonymous in (False, True):
        found = verdicts(every, folder, anonymous=anonymous)
        odd = [verdict for verdict in found if not verdict.fits(by_id[verdict.id])]
        wrong += len(odd)
        print(f"{'anonymous' if anonymous else 'by name':9} {len(found) - len(odd)}/{len(found)} right")
        for verdict in odd:
            print(f"  {verdict.id}: {verdict.status} {verdict.category}: {verdict.reason}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
