"""Over HTTP/2: a real server on h2 and TLS."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from llmprobe.model import ProbeKind, Status
from llmprobe.simulator import certificate_authority
from tests.support import a_target, check_one

h2_connection = pytest.importorskip("h2.connection")
h2_config = pytest.importorskip("h2.config")
h2_events = pytest.importorskip("h2.events")

BODY = {"model": "m", "choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}]}
SETTINGS_S, DELAY_S = 0.6, 0.15


@pytest.fixture
def server() -> Iterator[str]:
    """Sends its SETTINGS late, as from far away, and its answer later: only the answer counts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2"])
    with as_file(files("llmprobe.simulator").joinpath("certs/trusted.pem")) as path:
        context.load_cert_chain(path)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve, args=(listener, context), daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}/v1"
    listener.close()
    thread.join(5)


def serve(listener: socket.socket, context: ssl.SSLContext) -> None:
    try:
        client, _ = listener.accept()
    except OSError:
        return
    with context.wrap_socket(client, server_side=True) as secure:
        connection = h2_connection.H2Connection(h2_config.H2Configuration(client_side=False))
        connection.initiate_connection()
        time.sleep(SETTINGS_S)
        secure.sendall(connection.data_to_send())
        while data := secure.recv(65536):
            for event in connection.receive_data(data):
                if isinstance(event, h2_events.StreamEnded):
                    time.sleep(DELAY_S)
                    connection.send_headers(
                        event.stream_id, [(":status", "200"), ("content-type", "application/json")]
                    )
                    connection.send_data(event.stream_id, json.dumps(BODY).encode(), end_stream=True)
            secure.sendall(connection.data_to_send())


def test_http2_is_spoken_and_timed(server: str, tmp_path: Path) -> None:
    """The version is told; SETTINGS never count as an answer, nor what acknowledges them as the request."""
    ca = tmp_path / "ca.pem"
    ca.write_text(certificate_authority())
    result = check_one(a_target(server, ca_bundle=str(ca), http2=True), ProbeKind.CHAT)

    assert (result.status, result.http.version) == (Status.HEALTHY, "2"), result.reason
    assert result.tls is not None
    assert result.tls.alpn == "h2"
    waited_s = (result.timings.headers_s or 0) - (result.timings.sent_s or 0)
    assert waited_s > DELAY_S + SETTINGS_S / 2, "the request was on its way long before the SETTINGS came"
    assert result.clock == "kernel" or result.clock == "user"
