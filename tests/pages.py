"""A web server whose pages a test decides."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.web import SilentHandler, serving


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
    pages = PageServer("")

    class Handler(SilentHandler):
        def do_GET(self) -> None:
            status, body, headers = pages.answers.get(self.path, (404, b"", {}))
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    with serving(Handler) as pages.url:
        yield pages
