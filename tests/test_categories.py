"""Every category that a run can produce, produced for real: table, JSON and exit code agree."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmprobe.classify import status_of
from llmprobe.model import CATEGORY_WORDS, Category, FailureKind
from llmprobe.simulator import certificate_authority
from tests.support import Served, a_target, check_one, llmprobe
from tests.test_simulator import EXPECTED
from tests.test_transport import raw_server

ELSEWHERE = {
    Category.CANCELLED: "test_cli: an interrupt",
    Category.INTERNAL: "test_cli: a planted bug",
    Category.DEADLINE: "no command sets a deadline for a run yet",
    Category.BUDGET: "no command sets a budget yet",
    Category.BACKOFF: "nothing is remembered between runs yet",
}


def cases(sim: Served, tls: Callable[[str], str], refused: str, ca: Path) -> dict[Category, str]:
    """A target table for each category that no behaviour of the simulator alone makes."""
    plain = f'provider = "simulator"\nbase_url = "{sim.at("ok")}"'
    known = 'provider = "openai"\napi_key = false'
    return {
        Category.SLOW: f'provider = "simulator"\nbase_url = "{sim.at("drip:30ms")}"\nthresholds = {{ total = "50ms" }}',
        Category.CERT_EXPIRING: f'provider = "simulator"\nbase_url = "{tls("trusted")}"\nca_bundle = "{ca}"\nthresholds = {{ cert_days = 99999 }}',
        Category.MODEL_MISMATCH: f'{known}\nbase_url = "{sim.at("other_model")}"\nmodel = "sim-1"',
        Category.RETIRING: f'{known}\nbase_url = "{sim.at("retiring")}"\nmodel = "sim-1"\nprobes = ["models"]',
        Category.EXPECTATION: f'{plain}\nexpect = {{ contains = "no such words" }}',
        Category.TIMEOUT_CONNECT: f'provider = "simulator"\nbase_url = "{tls("slow")}"\nconnect_timeout = "300ms"',
        Category.DNS: 'provider = "simulator"\nbase_url = "http://no-such-host.invalid"',
        Category.CONNECT: f'provider = "simulator"\nbase_url = "{refused}"',
        Category.TLS: f'provider = "simulator"\nbase_url = "{tls("self-signed")}"',
        Category.MISSING_CREDENTIAL: f'provider = "openai"\nbase_url = "{sim.at("ok")}"',
    }  # fmt: skip


def test_every_category_is_reached_through_the_command(
    sim: Served, serve: Callable[..., Served], refused_url: str, tmp_path: Path
) -> None:
    """Those of the simulator's behaviours are in test_simulator; these are all the others."""
    ca = tmp_path / "ca.pem"
    ca.write_text(certificate_authority())

    def tls(kind: str) -> str:
        settings: dict[str, Any] = (
            {"certificate": "trusted", "tls_delay_s": 5.0} if kind == "slow" else {"certificate": kind}
        )
        return serve(**settings).url

    wanted = cases(sim, tls, refused_url, ca)
    text = '[defaults]\nretries = 0\nproxy = ""\ntimeout = "3s"\n'
    text += "".join(f"[targets.{category}]\n{table}\n" for category, table in wanted.items())
    config = tmp_path / "llmprobe.toml"
    config.write_text(text)
    done = llmprobe("check", "-c", str(config), "-f", "json", "-o", f"table:{tmp_path}/t.txt")
    run = json.loads(done.stdout)
    table = (tmp_path / "t.txt").read_text()

    assert {r["target"]: r["category"] for r in run["results"]} == {str(c): str(c) for c in wanted}
    assert {r["status"] for r in run["results"] if r["target"] == "slow"} == {"degraded"}
    for category in wanted:
        row = next(line for line in table.splitlines() if line.split()[2:3] == [str(category)])
        assert CATEGORY_WORDS[category] in row
        assert str(status_of(category)) in row
    assert done.returncode == run["exit_code"] == 4
    covered = {Category(category) for _, category in EXPECTED.values()} | set(wanted) | set(ELSEWHERE)
    assert covered == set(Category), set(Category) - covered


def rule_of(url: str, **changes: Any) -> str:
    return check_one(a_target(url, **changes)).rule


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        (socket.EAI_AGAIN, "net.dns.temporary"),
        (socket.EAI_NONAME, "net.dns.no_such_name"),
        (socket.EAI_FAIL, "net.dns"),
    ],
)
def test_dns_failures_are_told_apart(monkeypatch: pytest.MonkeyPatch, number: int, rule: str) -> None:
    """By the resolver's own number, through the real resolver thread."""

    def fail(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(number, "localized or empty")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert rule_of("http://api.example.com/v1") == rule


def test_proxy_failures_are_told_apart(refused_url: str) -> None:
    """407, a refused CONNECT, and a proxy that is not there."""

    def says(answer: bytes) -> Callable[[socket.socket], None]:
        def handle(client: socket.socket) -> None:
            client.recv(4096)
            client.sendall(answer)

        return handle

    found = []
    for status in (b"407 Proxy Authentication Required", b"403 Forbidden"):
        with raw_server(says(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\n\r\n")) as proxy:
            found.append(rule_of("https://api.example.com/v1", proxy=proxy))
    found.append(rule_of("https://api.example.com/v1", proxy=refused_url))
    assert found == ["net.proxy.auth", "net.proxy.refused", "net.proxy.unreachable"]


@pytest.mark.parametrize(
    ("certificate", "rule"),
    [
        ("expired", "net.tls.expired"),
        ("self-signed", "net.tls.self_signed"),
        ("wrong-host", "net.tls.wrong_host"),
    ],
)
def test_certificates_are_told_apart(
    serve: Callable[..., Served], tmp_path: Path, certificate: str, rule: str
) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text(certificate_authority())
    assert rule_of(serve(certificate=certificate).url + "/v1", ca_bundle=str(ca)) == rule


def test_an_unknown_ca_is_told_apart(serve: Callable[..., Served]) -> None:
    assert rule_of(serve(certificate="trusted").url + "/v1") in ("net.tls.unknown_ca", "net.tls.private_ca")


def test_resets_before_and_after_the_first_byte_are_told_apart(sim: Served, refused_url: str) -> None:
    assert rule_of(sim.at("reset")) == "net.reset.by_peer"
    assert rule_of(sim.at("hang_up")) == "net.reset"
    assert rule_of(sim.at("reset_stream")) == "net.cut.stream"
    assert rule_of(refused_url + "/v1") == "net.connect.refused"
    assert rule_of(sim.url.replace("http", "https") + "/v1") == "net.tls.plain_http"


def test_the_kinds_of_failure_are_all_used() -> None:
    """A kind that no rule looks at would be judged by accident."""
    from llmprobe.classify.rule import When
    from llmprobe.classify.rules import NETWORK

    assert {kind for rule in NETWORK if isinstance(rule.when, When) for kind in rule.when.kinds} == set(
        FailureKind
    )
