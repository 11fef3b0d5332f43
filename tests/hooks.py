"""A server that remembers what it was sent: webhooks and heartbeats end here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.web import SilentHandler, serving


class Hook:
    """`calls` are (method, path, JSON body or None), in their order; `answers` are used up one by one."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.calls: list[tuple[str, str, Any]] = []
        self.answers: list[int] = []
        self.authorization: list[str | None] = []


@contextmanager
def hook_server() -> Iterator[Hook]:
    hook = Hook("")

    class Handler(SilentHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            hook.authorization.append(self.headers.get("authorization"))
            hook.calls.append((self.command, self.path, json.loads(body) if body else None))
            self.send_response(hook.answers.pop(0) if hook.answers else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        do_GET = do_POST = _answer

    with serving(Handler) as hook.url:
        yield hook
