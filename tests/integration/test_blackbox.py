"""Beside Debian's blackbox exporter: the same server, the same verdict, the same phases within a millisecond."""

from __future__ import annotations

import asyncio
import json
import ssl
import statistics
import sys
import urllib.parse
from collections.abc import Iterable, Iterator

import httpx
import pytest
import trustme

from tests.integration.prometheus_stack import blackbox
from tests.integration.servers import ROOT, free_port, running
from tests.serve_support import metrics_in
from tests.support import Background
from tests.web import RawServer

pytestmark = pytest.mark.integration
ROUNDS = 20
PHASES = ("connect", "tls", "processing", "transfer")
MODELS = json.dumps({"object": "list", "data": [{"id": "m", "object": "model"}]}).encode()
BOTH = ("probe_success", "probe_duration_seconds", "probe_http_status_code", "probe_ssl_earliest_cert_expiry")


class Slow(RawServer):
    """A list of models: headers after 30 ms, the rest of the body 50 ms later. `/down/` is unavailable."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__()
        self._context = context

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._context is not None:
            await writer.start_tls(self._context)
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        status = "503 Service Unavailable" if path.startswith("/down/") else "200 OK"
        await asyncio.sleep(0.03)
        head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(MODELS)}\r\n\r\n"
        writer.write(head.encode() + MODELS[:10])
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(MODELS[10:])
        await writer.drain()


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def servers(ca: trustme.CA) -> Iterator[dict[str, str]]:
    background, context = Background(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    plain, secure = Slow(), Slow(context)
    urls = {"plain": background.run(plain.start()), "secure": background.run(secure.start())}
    urls["secure"] = urls["secure"].replace("http:", "https:")
    yield {**urls, "down": f"{urls['plain']}/down", "closed": f"http://127.0.0.1:{free_port()}"}
    background.run(plain.close())
    background.run(secure.close())
    background.close()


@pytest.fixture(scope="module")
def asked(
    ca: trustme.CA, servers: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """`/probe` of both, ours in a process of its own."""
    folder = tmp_path_factory.mktemp("blackbox")
    pem, config, port = folder / "ca.pem", folder / "llmprobe.toml", free_port()
    ca.cert_pem.write_to_path(str(pem))
    config.write_text(
        '[serve]\nmin_interval = "1ms"\n'
        + "".join(
            f'[targets.{name}]\ndialect = "openai-chat"\nbase_url = "{url}/v1"\nmodel = "m"\napi_key = false\n'
            f'proxy = ""\nretries = 0\nprobes = ["models"]\nca_bundle = "{pem}"\n'
            for name, url in servers.items()
        )
    )
    module = {
        "prober": "http",
        "timeout": "5s",
        "http": {"preferred_ip_protocol": "ip4", "tls_config": {"ca_file": str(pem)}},
    }
    command = [sys.executable, "-m", "llmprobe", "serve", "-c", str(config), "--listen", f"127.0.0.1:{port}"]
    env = {"PYTHONPATH": str(ROOT)}
    with (
        blackbox(folder, module) as theirs,
        running(command, port, "/-/ready", folder / "log", **env) as ours,
    ):
        yield ours, theirs


def both(asked: tuple[str, str], name: str, url: str) -> Iterator[dict[str, float]]:
    """What ours says, then what theirs says, without `http_` phases but by their name."""
    ours, theirs = asked
    target = urllib.parse.quote(f"{url}/v1/models", safe="")
    for address in (f"{ours}/probe?target={name}", f"{theirs}/probe?module=http&target={target}"):
        found = metrics_in(httpx.get(address, trust_env=False, timeout=20).text)
        phases = {labels["phase"]: value for labels, value in found.get("probe_http_duration_seconds", ())}
        yield {**{key: found[key][0][1] for key in BOTH if key in found}, **phases}


@pytest.mark.parametrize(
    ("name", "success", "status"), [("plain", 1, 200), ("secure", 1, 200), ("down", 0, 503), ("closed", 0, 0)]
)
def test_the_verdict_is_the_same(
    asked: tuple[str, str], servers: dict[str, str], name: str, success: int, status: int
) -> None:
    ours, theirs = both(asked, name, servers[name])
    assert ours["probe_success"] == theirs["probe_success"] == success
    assert ours["probe_http_status_code"] == theirs["probe_http_status_code"] == status
    assert ours.get("probe_ssl_earliest_cert_expiry") == theirs.get("probe_ssl_earliest_cert_expiry")
    assert set(PHASES) < set(ours)


@pytest.mark.parametrize("name", ["plain", "secure"])
def test_the_phases_are_the_same_within_a_millisecond(
    asked: tuple[str, str], servers: dict[str, str], name: str
) -> None:
    """In turns, and of each the quicker quarter: what other programs take of the machine disturbs neither."""
    rounds = [tuple(both(asked, name, servers[name])) for _ in range(ROUNDS)]
    apart = {
        phase: _quick(o[phase] for o, _ in rounds) - _quick(t[phase] for _, t in rounds) for phase in PHASES
    }
    assert {phase: round(seconds * 1000, 2) for phase, seconds in apart.items() if abs(seconds) > 0.001} == {}
    for phase, least in (("processing", 0.03), ("transfer", 0.05)):
        assert statistics.median(ours[phase] for ours, _ in rounds) >= least - 0.001


def _quick(seconds: Iterable[float]) -> float:
    """The lower quartile."""
    return statistics.quantiles(seconds, n=4)[0]
