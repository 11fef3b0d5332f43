"""A key that a server repeats in pieces too short to be told: put together, what a bundle holds is no key."""

from __future__ import annotations

import contextlib
import json
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

import pytest

from llmprobe.foreign import whole_text_of
from llmprobe.redact import SCRUB
from tests.hostile.echo import PLACES, echo_server
from tests.hostile.leaks import leaked
from tests.hostile.shapes import SHAPES, SPELLINGS
from tests.support import llmprobe

SIZES = (1, 2, 3, 5, 7)


def _events(values: list[Any], prefix: str = "data: ") -> str:
    return "".join(f"{prefix}{json.dumps(value)}\n\n" for value in values)


def _openai(pieces: list[str]) -> str:
    chunk = {"id": "x", "object": "chat.completion.chunk", "model": "m"}
    return _events([{**chunk, "choices": [{"index": 0, "delta": {"content": p}}]} for p in pieces])


def _anthropic(pieces: list[str]) -> str:
    deltas = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": p}}
        for p in pieces
    ]
    return _events(deltas, "event: content_block_delta\ndata: ")


def _two_names(pieces: list[str]) -> str:
    """Thinking first, then text: the key lies across both."""
    half = len(pieces) // 2
    return _events([{"thinking": p} for p in pieces[:half]] + [{"text": p} for p in pieces[half:]])


STREAMS: Mapping[str, Callable[[list[str]], str]] = {
    "OpenAI": _openai,
    "Anthropic": _anthropic,
    "Gemini": lambda pieces: json.dumps([{"candidates": [{"content": {"parts": [{"text": p}]}}]} for p in pieces]),
    "Ollama": lambda pieces: _events([{"message": {"content": p}, "done": False} for p in pieces], ""),
    "array": lambda pieces: json.dumps({"error": {"message": pieces}}),
    "names": lambda pieces: json.dumps({"error": {f"{p}": 1 for p in pieces}}),
    "members": lambda pieces: json.dumps({f"part{n}": p for n, p in enumerate(pieces)}),
    "broken JSON": lambda pieces: _openai(pieces)[:-9],
    "indented": lambda pieces: json.dumps([{"text": p} for p in pieces], indent=2),
    "bare lines": lambda pieces: "".join(f"data: {p}\n\n" for p in pieces),
    "escaped": lambda pieces: _openai(pieces).replace("/", "\\/"),
    "two names": _two_names,
}  # fmt: skip


def joined(text: str) -> Iterator[str]:
    """What a reader can put together: strings of one name, all strings, all names, all lines of data."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for line in [text, *text.splitlines()]:
        said = line.removeprefix("data: ")
        if said.startswith(("{", "[")):
            with contextlib.suppress(ValueError):
                _gather(json.loads(said), "", by_name)
        else:
            by_name["line"].append(said)
    yield from ("".join(parts) for parts in by_name.values())


def _gather(value: Any, name: str, found: dict[str, list[str]]) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            found["every name"].append(key)
            _gather(item, key, found)
    elif isinstance(value, list):
        for item in value:
            _gather(item, name, found)
    elif isinstance(value, str):
        found[name].append(value)
        found["every string"].append(value)


def cut(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("shape", [name for name in SHAPES if name != "marks"])
def test_pieces_put_together_are_no_key(shape: str, stream: str) -> None:
    secret = SHAPES[shape](Random(5))
    for spelling in ("as it is", "upper case", "base64 of Bearer", "hex", "percent"):
        for size in SIZES:
            said = STREAMS[stream](cut(SPELLINGS[spelling](secret), size))
            if stream == "names" and size < 3:  # a name stands once in an object
                continue
            assert any(leaked(secret, whole.encode()) for whole in joined(said)), "it can be put together"
            SCRUB.add(secret)
            shown = whole_text_of(said.encode())
            assert not [leaked(secret, w.encode()) for w in joined(shown) if leaked(secret, w.encode())]


def test_what_is_no_key_stays_as_it_came() -> None:
    SCRUB.add(SHAPES["openai"](Random(5)))
    said = _openai(["The ", "quick ", "brown ", "fox"])
    assert whole_text_of(said.encode()) == said


@pytest.mark.parametrize("text", ['"', '\\"', '"a', '"a":', "a\n", '""', "[", '"\\'])
def test_no_body_makes_the_look_long(text: str) -> None:
    """Linear: twice the text takes about twice the time."""
    SCRUB.add(SHAPES["openai"](Random(5)))
    costs = []
    for size in (50_000, 200_000):
        began = process_time()
        whole_text_of((text * size)[:size].encode())
        costs.append(process_time() - began)
    assert costs[1] < 10 * costs[0] + 0.1


@pytest.mark.parametrize("place", ["stream, one by one", "stream, in threes", "stream, reasoning"])
def test_a_bundle_holds_no_key_that_a_stream_repeated_in_pieces(place: str, tmp_path: Path) -> None:
    secret = SHAPES["openai"](Random(9))
    with echo_server() as echo:
        line = [
            "check",
            "--base-url",
            echo.say(PLACES[place](secret)),
            "-m",
            "m",
            "--api-key-env",
            "PIECES_KEY",
        ]
        llmprobe(*line, "--bundle", str(tmp_path / "b.zip"), env={"PIECES_KEY": secret})
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        bodies = [
            json.loads(archive.read(name))["answer"]["body"]
            for name in archive.namelist()
            if name.startswith("exchanges/")
        ]
    assert bodies
    assert "***" in "".join(bodies), "it was there"
    assert not [whole for body in bodies for whole in joined(body) if leaked(secret, whole.encode())]
