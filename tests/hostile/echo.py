"""A server that answers with bytes made beforehand: it can repeat anything anywhere."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Pieces = list[bytes]


def answer(
    status: str, body: bytes = b"", headers: Mapping[str, str] | None = None, *, length: int | None = None
) -> Pieces:
    """One HTTP answer, closed after it."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body) if length is None else length}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    head = "\r\n".join([*lines, "connection: close", "", ""])
    return [head.encode("utf-8", "surrogateescape") + body]


def _error(status: str, **error: Any) -> Pieces:
    body = json.dumps({"error": {"message": "no", "type": "invalid_request_error", **error}}).encode()
    return answer(status, body, {"content-type": "application/json"})


def _json(value: Any, headers: Mapping[str, str] | None = None) -> Pieces:
    return answer(
        "200 OK", json.dumps(value).encode(), {"content-type": "application/json", **(headers or {})}
    )


def _chunk(**delta: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "object": "chat.completion.chunk",
        "model": "m",
        "choices": [{"index": 0, "delta": delta}],
    }


def _stream(events: list[Any], *, raw: list[str] | None = None) -> Pieces:
    lines = [f"data: {json.dumps(event)}" for event in events] + (raw or [])
    last = {"id": "1", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    lines += [f"data: {json.dumps(last)}", "data: [DONE]"]
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    return [head, *(f"{line}\n\n".encode() for line in lines)]


def _pieces_of(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def _split(pieces: Pieces, size: int) -> Pieces:
    """The same bytes in other reads."""
    whole = b"".join(pieces)
    return [whole[at : at + size] for at in range(0, len(whole), size)]


def _chat(**changes: Any) -> Pieces:
    message = {"role": "assistant", "content": "hello"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return _json({"id": "1", "object": "chat.completion", "model": "m", "choices": [choice], **changes})


def _models(*names: str) -> Pieces:
    return _json({"object": "list", "data": [{"id": name, "object": "model"} for name in names]})


def _page(name: str, title: str, state: str) -> Pieces:
    component = {"id": "c", "name": name, "status": "major_outage"}
    incident = {"id": "i", "name": title, "status": state, "impact": "major", "components": [component]}
    return _json(
        {
            "page": {"id": "p"},
            "status": {"indicator": "major"},
            "components": [component],
            "incidents": [incident],
        }
    )


PLACES: Mapping[str, Callable[[str], Pieces]] = {
    "reason phrase": lambda t: answer(f"401 {t}", b"{}"),
    "server": lambda t: answer("500 No", b"{}", {"server": t}),
    "via": lambda t: answer(
        "502 No", b"<html><title>Bad gateway</title>", {"via": t, "content-type": "text/html"}
    ),
    "request id": lambda t: answer("429 No", b"{}", {"x-request-id": t, "retry-after": "3"}),
    "ray": lambda t: answer("503 No", b"", {"cf-ray": t}),
    "location": lambda t: answer("302 Found", b"", {"location": f"https://example.com/{t}?token={t}"}),
    "location, bare": lambda t: answer("307 Found", b"", {"location": t}),
    "authenticate": lambda t: answer("401 No", b"", {"www-authenticate": f"Bearer realm={t}"}),
    "retry after": lambda t: answer("429 No", b"{}", {"retry-after": t}),
    "content type": lambda t: answer("200 OK", b"hello", {"content-type": t}),
    "cookie": lambda t: answer("403 No", b"", {"set-cookie": f"session={t}"}),
    "AWS error": lambda t: answer("400 No", b'{"message": "no"}', {"x-amzn-errortype": t}),
    "header's name": lambda t: answer(
        "401 No", b"{}", {"".join(c if c.isalnum() else "-" for c in t)[:200] or "x": "1"}
    ),
    "error message": lambda t: _error("401 No", message=f"Incorrect API key provided: {t}."),
    "error code": lambda t: _error("400 No", code=t),
    "error type": lambda t: _error("403 No", type=t),
    "error parameter": lambda t: _error("400 No", param=t, message=f"Unsupported value {t}"),
    "error key": lambda t: answer("400 No", json.dumps({"error": {t: "no", "message": "no"}}).encode()),
    "error in a text": lambda t: _error(
        "500 No", metadata={"raw": json.dumps({"error": {"message": t, "code": t}})}
    ),
    "plain text": lambda t: answer("401 No", f"invalid key {t}".encode()),
    "title": lambda t: answer(
        "403 No",
        f"<html><head><title>Denied {t}</title></head><body>{t}</body></html>".encode(),
        {"content-type": "text/html"},
    ),
    "detail": lambda t: answer(
        "422 No", json.dumps({"detail": [{"loc": ["body", t], "msg": t, "type": t}]}).encode()
    ),
    "two hundred, error": lambda t: _json({"error": {"message": t, "code": t}}),
    "two hundred, other": lambda t: answer("200 OK", f"welcome {t}".encode(), {"content-type": "text/plain"}),
    "at the bound": lambda t: answer(
        "500 No", (json.dumps({"error": {"message": "no"}}) + " " * (65536 - 33) + t + "y" * 9000).encode()
    ),
    "broken off": lambda t: answer("200 OK", f'{{"choices": [{{"message": "{t}'.encode(), length=100_000),
    "model": lambda t: _chat(model=t),
    "answer": lambda t: _chat(choices=[{"index": 0, "message": {"content": t}, "finish_reason": "stop"}]),
    "finish reason": lambda t: _chat(choices=[{"index": 0, "message": {"content": ""}, "finish_reason": t}]),
    "tool": lambda t: _chat(
        choices=[
            {
                "index": 0,
                "message": {"tool_calls": [{"function": {"name": t, "arguments": t}}]},
                "finish_reason": "tool_calls",
            }
        ]
    ),
    "stream, whole": lambda t: _stream([_chunk(content=t)]),
    "stream, in threes": lambda t: _stream([_chunk(content=part) for part in _pieces_of(t, 3)]),
    "stream, one by one": lambda t: _stream([_chunk(content=part) for part in t]),
    "stream, cut reads": lambda t: _split(_stream([_chunk(content=t)]), 7),
    "stream, reasoning": lambda t: _stream([_chunk(reasoning_content=part) for part in _pieces_of(t, 4)]),
    "stream, model": lambda t: _stream([{**_chunk(content="hello"), "model": t}]),
    "stream, error": lambda t: _stream([_chunk(content="a"), {"error": {"message": t, "code": t}}]),
    "stream, no JSON": lambda t: _stream(
        [_chunk(content="a")], raw=[f"data: {{{t}", f"error: {t}", t.replace("\n", " ")]
    ),
    "stream, event": lambda t: _stream([], raw=[f"event: {t}\ndata: {{}}", f"event: error\ndata: {t}"]),
    "not HTTP": lambda t: [f"SSH-2.0-{t}\r\n".encode()],
    "nothing": lambda t: [],
}
"""Where a server can repeat a text."""

PAGES: Mapping[str, Callable[[str], Pieces]] = {
    "component": lambda t: _page(t, "Elevated errors", "identified"),
    "incident": lambda t: _page("API", t, "identified"),
    "incident's state": lambda t: _page("API", "Elevated errors", t),
    "page, no JSON": lambda t: answer("200 OK", t.encode()),
    "page, redirect": lambda t: answer("302 Found", b"", {"location": f"/{t}"}),
    "page, status": lambda t: answer(f"500 {t}", b""),
}


class Echo:
    """
    `say` makes a base URL that is answered with these bytes; `models` is answered apart.

    Below `/hook/NAME/` everything is accepted; `heard` has what was sent there, by that name.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.heard: dict[str, bytes] = {}
        self._scripts: dict[str, Pieces] = {}
        self._models: dict[str, Pieces] = {}

    def say(self, pieces: Pieces, models: Pieces | None = None) -> str:
        name = f"s{len(self._scripts)}"
        self._scripts[name] = pieces
        self._models[name] = models or pieces
        return f"http://127.0.0.1:{self.port}/{name}/v1"

    def script(self, request: bytes) -> Pieces:
        path = request.split(b" ", 2)[1].decode("latin-1") if b" " in request else "/"
        if path.startswith("/hook/"):
            self._hear(path, request)
            return answer("200 OK")
        parts = [part for part in path.partition("://")[2].partition("/")[2].split("/") or [] if part]
        parts = parts or [part for part in path.split("/") if part]
        name = next((part for part in parts if part in self._scripts), "")
        scripts = self._models if path.split("?")[0].endswith("/models") else self._scripts
        return scripts.get(name, answer("404 Not Found"))

    def _hear(self, path: str, request: bytes) -> None:
        """Its body, and the result that Gatus gets in the query. The address itself is the sink's secret."""
        name = path.split("/")[2]
        told = path.partition("/external?")[2].encode() + b"\n" + request.partition(b"\r\n\r\n")[2]
        self.heard[name] = self.heard.get(name, b"") + told


def models_list(text: str) -> Pieces:
    """A list of models in which the text is a name."""
    return _models("other", text, f"m-{text}", "model-one")


@contextmanager
def echo_server() -> Iterator[Echo]:
    server = socket.create_server(("127.0.0.1", 0), backlog=64)
    echo = Echo(server.getsockname()[1])
    stopped = threading.Event()

    def accept() -> None:
        while not stopped.is_set():
            try:
                client, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=_serve, args=(echo, client), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield echo
    finally:
        stopped.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def _length(request: bytes) -> int:
    found = re.search(rb"(?i)\r\ncontent-length: (\d+)", request)
    return int(found[1]) if found else 0


def _serve(echo: Echo, client: socket.socket) -> None:
    with client:
        client.settimeout(5)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            request = b""
            while b"\r\n\r\n" not in request:
                request += client.recv(65536) or b"\r\n\r\n"
            while len(request.partition(b"\r\n\r\n")[2]) < _length(request):
                request += client.recv(65536) or b" " * _length(request)
            for piece in echo.script(request):
                client.sendall(piece)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass
        except OSError:
            return
