"""A web server whose pages a test decides."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class PageServer:
    """`serve` and `redirect` decide what a path answers; everything else is a 404."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: dict[str, tuple[int, bytes, Mapping[str, str]]] = {}

    def serve(
        self, path: str, answer: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.answers[path] = (status, body, headers or {})

    def redirect(self, path: str, where: str) -> None:
        self.answers[path] = (302, b"", {"location": where})


@contextmanager
def page_server() -> Iterator[PageServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    pages = PageServer(f"http://127.0.0.1:{server.server_port}")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body, headers = pages.answers.get(self.path, (404, b"", {}))
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    server.RequestHandlerClass = Handler
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield pages
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
