"""`serve` among bad clients and bad providers: no key shows, no query is markup, nothing keeps it from answering."""

from __future__ import annotations

import json
import re
import socket
import time
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random

import httpx
import pytest

from tests.hostile.echo import PLACES, Echo, echo_server
from tests.hostile.leaks import leaked
from tests.hostile.servers import Ports
from tests.hostile.shapes import SHAPES, SPELLINGS

pytest.importorskip("uvicorn")

from tests.serve_support import Serving, serving

ROUTES = ("/", "/metrics", "/probe?target=a", "/probe?target=a&debug=true", "/probe?target=a&module=chat&debug=true",
          "/probe?target=b", "/probe?target=@x&debug=true", "/-/healthy", "/-/ready", "/nothing")  # fmt: skip
QUERIES = (
    "", "target=", "target=<script>alert(1)</script>", "target=%1b[31m", "target=%00", "target=a&target=b",
    "target=" + "x" * 60_000, "target=../../etc/passwd", "target=http://127.0.0.1:9/", "target=a&module=<b>x</b>",
    "target=a&module=%0d%0aset-cookie:%20a=b", "target=%ff%fe", "target=%ud800", "target=a&debug=<i>", "=&=&&&", "target=*",
    "target=@x", "target=group:none", "target=a;module=chat", "&".join(f"a{n}=1" for n in range(3000)), "target=%F0%9F%92%A9",
    "target=${jndi:ldap://x}", "target={{7*7}}", "target=%E2%80%AEabc",
)  # fmt: skip
RAW = (
    b"", b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"POST /-/reload HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 1000,
    b"POST /-/reload HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
    b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"y" * 200_000,
    b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n", b"\0" * 1000, b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /probe?target=\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
)  # fmt: skip


@pytest.fixture(scope="module")
def echo() -> Iterator[Echo]:
    with echo_server() as server:
        yield server


def table(name: str, url: str, key: str, more: str = "") -> str:
    lines = [
        f"[targets.{name}]",
        'provider = "simulator"',
        f'base_url = "{url}"',
        f"api_key = {json.dumps(key)}",
    ]
    return "\n".join([*lines, 'model = "m"', 'proxy = ""', "retries = 0", 'tags = ["x"]', more, ""])


def spoken(done: httpx.Response) -> bytes:
    """Headers and body, as they came."""
    return b"\n".join([*(b": ".join(pair) for pair in done.headers.raw), done.content])


@pytest.mark.parametrize(
    "place", ["error message", "request id", "model", "stream, one by one", "error code", "location"]
)
def test_no_face_shows_a_key(echo: Echo, tmp_path: Path, place: str) -> None:
    """Whatever a provider repeats: in no metric, log, page or header, and in nothing that is noted."""
    random = Random(place)
    secrets = {shape: SHAPES[shape](random) for shape in random.sample(list(SHAPES), 2)}
    says = [SPELLINGS[random.choice(list(SPELLINGS))](secret) for secret in secrets.values()]
    tables = [
        table(name, echo.say(PLACES[place](said)), secret)
        for name, said, secret in zip("ab", says, secrets.values(), strict=True)
    ]
    config = tmp_path / "c.toml"
    config.write_text("\n".join(tables))
    with serving(config) as served:
        answers = [served.get(route) for route in ROUTES] + [served.get("/"), served.get("/metrics")]
        notes = "\n".join(served.notes).encode()
    for answer in answers:
        assert answer.status_code < 500, answer.text
        for secret in secrets.values():
            assert leaked(secret, spoken(answer)) is None, answer.request.url
            assert leaked(secret, notes) is None


@pytest.fixture(scope="module")
def served(echo: Echo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    config = tmp_path_factory.mktemp("serve") / "c.toml"
    url = echo.say(PLACES["error message"]("<b>no</b>\x1b[31m\u202e"))
    config.write_text(table("a", url, "sk-0123456789abcdef") + table("b", url, "sk-0123456789abcdef"))
    with serving(config, hosts=["localhost", "127.0.0.1"]) as running:
        yield running


@pytest.mark.parametrize("path", ["/probe", "/", "/metrics"])
@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_no_query_is_markup_or_a_bug(served: Serving, path: str, query: str) -> None:
    answer = served.get(f"{path}?{query}")
    assert answer.status_code in (200, 400, 404, 414, 422, 429, 431), answer.text
    assert "set-cookie" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"
    if "html" in answer.headers["content-type"]:
        assert not re.search(r"<script>alert|<b>|<i>", answer.text)
    hidden = {c for c in answer.text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - set(
        "\n\r\t"
    )
    assert not hidden
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:9750", "127.0.0.1.evil.example", "", "a@127.0.0.1", "x" * 300]
)
@pytest.mark.parametrize("path", ["/", "/probe?target=a&debug=true", "/metrics", "/-/reload"])
def test_a_name_that_is_not_ours_is_refused(served: Serving, host: str, path: str) -> None:
    """A page of another site may rebind its own name to our address; it must not read ours, nor make us probe."""
    ask = served.post if path == "/-/reload" else served.get
    answer = ask(path, host=host)
    assert 400 <= answer.status_code < 500
    assert "sk-" not in answer.text


@pytest.mark.parametrize("raw", RAW, ids=range(len(RAW)))
def test_no_bytes_keep_it_from_answering(served: Serving, raw: bytes) -> None:
    place = httpx.URL(served.url)
    with socket.create_connection((place.host, place.port or 0), timeout=5) as client:
        with suppress(OSError):  # it may have closed the connection already
            client.sendall(raw)
            client.shutdown(socket.SHUT_WR)
        assert served.get("/-/healthy").status_code == 200
        reply = b""
        with suppress(OSError):
            reply = client.recv(65536)
    assert not reply.startswith(b"HTTP/1.1 5") or reply.startswith((b"HTTP/1.1 501", b"HTTP/1.1 505"))


def test_slow_clients_keep_nobody_else_waiting(served: Serving) -> None:
    """A hundred that send a request's first half and no more."""
    place = httpx.URL(served.url)
    with ExitStack() as stack:
        for number in range(100):
            client = stack.enter_context(socket.create_connection((place.host, place.port or 0), timeout=5))
            client.sendall(b"GET /probe?target=a HTTP/1.1\r\nHost: 127.0.0.1\r\nX-%d: " % number)
        times = []
        for _ in range(5):
            began = time.perf_counter()
            assert served.get("/-/healthy").status_code == 200
            times.append(time.perf_counter() - began)
    assert min(times) < 0.5


@pytest.mark.parametrize("name", ["silence", "tiny-events", "one-byte-chunks", "endless-1xx", "gzip-bomb"])
def test_a_scrape_of_a_bad_provider_ends_in_its_time(bad: Ports, tmp_path: Path, name: str) -> None:
    """Prometheus waits as long as it says; an answer after that is none."""
    config = tmp_path / "c.toml"
    config.write_text(table("a", bad.url(name), "sk-0123456789abcdef"))
    times = []
    for _ in range(3):
        with serving(config) as running:
            began = time.perf_counter()
            found = running.metrics("/probe?target=a", x_prometheus_scrape_timeout_seconds="2")
            times.append(time.perf_counter() - began)
            assert found["probe_success"][0][1] == 0
            assert running.get("/-/healthy").status_code == 200
        if times[-1] < 2.0:
            break
    assert min(times) < 2.0


@pytest.mark.parametrize("timeout", ["0", "-1", "nan", "inf", "1e999", "x", "", "9" * 5000, "0x10"])
def test_no_scrape_timeout_is_a_bug(served: Serving, timeout: str) -> None:
    answer = served.get("/probe?target=a", x_prometheus_scrape_timeout_seconds=timeout)
    assert answer.status_code in (200, 400)
