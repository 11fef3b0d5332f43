"""Through a SOCKS5 proxy, over real sockets."""

from __future__ import annotations

import socket
import sys

import pytest

from llmprobe.model import Category, ProbeKind, Status
from tests.support import Served, a_target, check_one
from tests.test_transport import raw_server, relay


def test_a_socks_proxy_is_used(sim: Served) -> None:
    """The tunnel is the proxy's; the answer is the origin's."""
    pytest.importorskip("socksio")
    origin = int(sim.url.rsplit(":", 1)[1])

    def socks(client: socket.socket) -> None:
        client.recv(64)
        client.sendall(b"\x05\x00")
        client.recv(512)
        client.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x01")
        relay(client, origin)

    with raw_server(socks) as url:
        result = check_one(
            a_target("http://api.example.com/v1", proxy=url.replace("http:", "socks5:")), ProbeKind.CHAT
        )
    assert (result.status, result.http.status) == (Status.HEALTHY, 200), result.reason


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)
    result = check_one(a_target("http://api.example.com/v1", proxy="socks5://127.0.0.1:9"), ProbeKind.CHAT)

    assert result.category is Category.PROXY
    assert "llmprobe-cli[socks]" in result.reason
