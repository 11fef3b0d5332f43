"""What no request gets past: a stranger's name, another site's page, a query that is too long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

MAX_QUERY = 2048
LOOPBACK = ("localhost", "127.0.0.1", "::1")
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
"""What every answer carries."""


class Gate:
    """
    An ASGI application in front of another.

    A page of a stranger may make a browser on this machine call us: under a name of its own that leads to
    a loopback address (DNS rebinding), or as another site. Each probe costs money, so neither is answered.

    Args:
        hosts: The names by which it may be called; none: any.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (refusal := self._refusal(scope)) is not None:
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if len(scope["query_string"]) > MAX_QUERY:
            return plain(f"the query is longer than {MAX_QUERY} bytes", 414)
        if self._hosts and name_of(headers.get("host", "")) not in self._hosts:
            return plain("this server is not called by that name: see [serve] hosts", 421)
        if _is_foreign(headers):
            return plain("pages of other sites get no answer", 403)
        return None


def plain(text: str, status: int = 200) -> PlainTextResponse:
    """An answer in words."""
    return PlainTextResponse(text + "\n", status, headers=HEADERS)


def name_of(host: str) -> str:
    """The name in a `Host` header, without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower().rstrip(".")


def _is_foreign(headers: Mapping[str, str]) -> bool:
    """Whether a browser says that another site's page is asking, other than by a link to be followed."""
    site = headers.get("sec-fetch-site", "none")
    if site in ("cross-site", "same-site"):
        return headers.get("sec-fetch-mode") != "navigate" or headers.get("sec-fetch-dest") != "document"
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host", "")
