"""
The bad servers in a process of their own: `python -m tests.hostile.servers` prints its ports as JSON.

The first part of a path says which attack, and how many MB/s: `http://127.0.0.1:PORT/bare-CR@16/v1`.
Three ports: plain HTTP (which is a bad proxy, too), TLS, and TLS with HTTP/2.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

from tests.hostile.attacks import BY_SLUG, Attack

GIVE_UP_S = 60.0
_H2_PREFACE = 24


class Ports:
    """Where the bad servers listen; `url` names one of them."""

    def __init__(self, plain: int, tls: int, h2: int) -> None:
        self.plain, self.tls, self.h2 = plain, tls, h2

    def url(self, slug: str, speed: int = 0, *, tls: bool = False) -> str:
        attack = BY_SLUG[slug]
        port = self.h2 if attack.over_h2 else self.tls if tls else self.plain
        scheme = "https" if tls or attack.over_h2 else "http"
        if attack.tunnelled:
            return f"https://{slug}.invalid:{speed or 443}"
        return f"{scheme}://127.0.0.1:{port}/{slug}" + (f"@{speed}" if speed else "")

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self.plain}"


@contextlib.contextmanager
def bad_servers() -> Iterator[Ports]:
    """The servers, until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.hostile.servers"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield Ports(*json.loads(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def serve(port: socket.socket, context: ssl.SSLContext | None) -> None:
    while True:
        client, _ = port.accept()
        threading.Thread(target=meet, args=(client, context), daemon=True).start()


def meet(client: socket.socket, context: ssl.SSLContext | None) -> None:
    client.settimeout(GIVE_UP_S)
    with contextlib.suppress(OSError), contextlib.closing(client):
        secure = context.wrap_socket(client, server_side=True) if context else client
        with contextlib.closing(secure):
            attack, speed = _asked_for(secure)
            _send(secure, attack, speed)


def _asked_for(client: socket.socket) -> tuple[Attack, int]:
    """The attack that the request names."""
    request = client.recv(65536)
    if request.startswith(b"PRI "):
        return BY_SLUG[_h2_path(client, request[_H2_PREFACE:]).strip("/").split("/")[0].split("@")[0]], 0
    while b"\r\n\r\n" not in request:
        request += client.recv(65536)
    method, where = request.split(b" ", 2)[:2]
    words = where.decode().strip("/").split("/")[0]
    if method == b"CONNECT":
        name, _, number = words.partition(":")
        return BY_SLUG[name.removesuffix(".invalid")], int(number) if number != "443" else 0
    name, _, speed = words.partition("@")
    return BY_SLUG[name], int(speed or 0)


def _h2_path(client: socket.socket, data: bytes) -> str:
    """The path of the first HEADERS frame."""
    from hpack import Decoder

    while True:
        size = int.from_bytes(data[:3], "big")
        if len(data) < 9 or len(data) < 9 + size:
            data += client.recv(65536)
        elif data[3] == 1:
            return {str(k): str(v) for k, v in Decoder().decode(data[9 : 9 + size])}[":path"]
        else:
            data = data[9 + size :]


def _send(client: socket.socket, attack: Attack, speed: int) -> None:
    """Forever, or until the other side has had enough."""
    client.sendall(attack.first_bytes())
    began, sent = time.monotonic(), 0
    while attack.is_endless and time.monotonic() - began < GIVE_UP_S:
        client.sendall(attack.block)
        sent += len(attack.block)
        due = began + (sent / (speed * 1e6) if speed else 0)
        time.sleep(attack.every_s or max(0.0, due - time.monotonic()))
    if attack.holds:
        time.sleep(GIVE_UP_S)


def _contexts() -> Iterator[ssl.SSLContext | None]:
    import trustme

    issued = trustme.CA().issue_cert("127.0.0.1")
    yield None
    for protocols in (["http/1.1"], ["h2"]):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issued.configure_cert(context)
        context.set_alpn_protocols(protocols)
        yield context


def main() -> None:
    for attack in BY_SLUG.values():
        attack.first_bytes()  # bombs take a while to make
    numbers = []
    for context in _contexts():
        port = socket.create_server(("127.0.0.1", 0), backlog=256)
        numbers.append(port.getsockname()[1])
        threading.Thread(target=serve, args=(port, context), daemon=True).start()
    print(json.dumps(numbers), flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
