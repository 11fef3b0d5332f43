"""The ladder: for each way to break it, the right rung is named, and nothing above it is said to be tested."""

from __future__ import annotations

import asyncio
import json
import signal
import ssl
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from llmprobe.config.keys import key_words
from llmprobe.engine.ladder.climb import diagnose
from llmprobe.model import Category, Credential, Fault, Secret, Target
from llmprobe.model.diagnosis import Diagnosis, Rung, RungName, RungState
from llmprobe.providers.inspectors import inspector_in
from llmprobe.reports import Look
from llmprobe.reports.diagnosis import render_end, render_markdown, render_rung
from tests.pages import PageServer, page_server
from tests.support import Served, a_target, llmprobe, started

FIRST = Rung(RungName.CONFIGURATION, RungState.HOLDS, "read", "fine")


def climb(target: Target, **env: str) -> Diagnosis:
    return asyncio.run(diagnose(target, FIRST, env))


def states(done: Diagnosis) -> dict[str, str]:
    return {str(rung.name): str(rung.state) for rung in done.rungs}


@pytest.mark.parametrize(
    ("behaviour", "broken", "category", "fault"),
    [
        ("reset", RungName.EDGE, Category.RESET, Fault.NETWORK),
        ("html_502", RungName.EDGE, Category.GATEWAY, Fault.PROVIDER),
        ("proxy_407", RungName.WAY_OUT, Category.PROXY, Fault.NETWORK),
        ("auth", RungName.KEY, Category.AUTH, Fault.CLIENT),
        ("permission", RungName.KEY, Category.PERMISSION, Fault.CLIENT),
        ("quota", RungName.KEY, Category.QUOTA_EXHAUSTED, Fault.CLIENT),
        ("model:auth", RungName.KEY, Category.AUTH, Fault.CLIENT),
        ("model:quota", RungName.KEY, Category.QUOTA_EXHAUSTED, Fault.CLIENT),
        ("model:model_not_found", RungName.MODEL, Category.MODEL_NOT_FOUND, Fault.CLIENT),
        ("model:overloaded", RungName.CHAT, Category.OVERLOADED, Fault.PROVIDER),
        ("model:server_error", RungName.CHAT, Category.SERVER_ERROR, Fault.PROVIDER),
        ("model:cut", RungName.CHAT, Category.TRUNCATED, Fault.PROVIDER),
        ("stream:overloaded", RungName.STREAM, Category.OVERLOADED, Fault.PROVIDER),
        ("stream:stall", RungName.STREAM, Category.STREAM_STALLED, Fault.PROVIDER),
    ],
)
def test_the_right_rung_is_named(
    sim: Served, behaviour: str, broken: RungName, category: Category, fault: Fault
) -> None:
    done = climb(a_target(sim.at(behaviour)))

    assert (done.broken, done.category, done.fault) == (broken, category, fault)
    assert f"It breaks at “{broken}”: " in done.conclusion
    assert [rung.name for rung in done.rungs if rung.state is RungState.BROKEN] == [broken]
    assert done.rungs[-1].name is broken, "the ladder ends where it broke"
    assert not {str(rung.name) for rung in done.rungs} & set(done.not_tested)
    assert int(done.exit_code) in (1, 4, 5)


def test_when_all_holds_it_says_so_and_what_it_cost(sim: Served) -> None:
    done = climb(a_target(sim.url))

    assert states(done) == {
        "configuration": "holds", "proxy and trust": "holds", "dns": "untested", "tcp": "holds", "tls": "untested",
        "edge": "holds", "key": "holds", "model": "holds", "chat": "holds", "stream": "holds",
    }  # fmt: skip
    assert done.conclusion.startswith("Every rung holds: ")
    assert done.tokens == sum((r.tokens.input or 0) + (r.tokens.output or 0) for r in done.results)
    assert done.tokens
    assert (done.broken, int(done.exit_code)) == (None, 0)


def test_a_500_without_a_key_is_no_proof(sim: Served) -> None:
    """Gateways that fail on a missing key answer well with one: the ladder goes on, and says what it saw."""
    key = Credential(Secret("sk-some-key"), "Authorization", "Bearer", "env X")
    done = climb(a_target(sim.at("keyless:server_error"), credential=key))
    edge = next(rung for rung in done.rungs if rung.name is RungName.EDGE)
    assert edge.state is RungState.DOUBTFUL
    assert done.broken is None


def test_an_answer_proves_a_key_that_the_list_could_not(sim: Served) -> None:
    key = Credential(Secret("sk-some-key"), "Authorization", "Bearer", "env X")
    done = climb(a_target(sim.at("lists:server_error"), credential=key))
    rung = next(rung for rung in done.rungs if rung.name is RungName.KEY)
    assert rung.state is RungState.HOLDS
    assert rung.came.endswith("but an answer came, which proves it")
    assert done.broken is None


def test_cheap_rungs_come_first(sim: Served) -> None:
    """A rejected key costs no token, and the first request carries no key at all."""
    target = a_target(
        sim.at("auth"), credential=Credential(Secret("sk-wrong"), "Authorization", "Bearer", "env X")
    )
    sent: list[dict[str, str]] = []
    asyncio.run(
        diagnose(
            target, FIRST, {}, on_exchange=lambda _, request, __, ___: sent.append(dict(request.headers))
        )
    )
    assert [any("sk-wrong" in value for value in headers.values()) for headers in sent] == [False, True]


def test_a_name_that_does_not_exist(sim: Served) -> None:
    done = climb(a_target("https://no-such-host.invalid/v1"))
    assert (done.broken, done.category) == (RungName.DNS, Category.DNS)
    assert list(states(done)) == ["configuration", "proxy and trust", "dns"]


def test_a_port_where_nobody_listens() -> None:
    done = climb(a_target("http://127.0.0.1:9/v1"))
    assert (done.broken, done.category) == (RungName.TCP, Category.CONNECT)


def test_a_proxy_that_is_not_there(sim: Served) -> None:
    done = climb(a_target("https://api.example.com/v1", proxy="http://user:secret@127.0.0.1:9"))
    assert done.broken is RungName.WAY_OUT
    assert "secret" not in str(done)
    assert "***@127.0.0.1:9 (from the configuration)" in str(done.rungs[-1].details)


def test_where_the_proxy_and_the_trust_come_from(sim: Served) -> None:
    target = a_target(sim.url, proxy=None)
    done = climb(
        target, HTTP_PROXY="http://u:pw@127.0.0.1:9", SSL_CERT_FILE="/etc/ssl/certs/none.pem", NO_PROXY="x"
    )
    way = next(rung for rung in done.rungs if rung.name is RungName.WAY_OUT)
    shown = f"{way.came} {way.details}"
    assert "http://***@127.0.0.1:9 (from HTTP_PROXY)" in shown
    assert "SSL_CERT_FILE" in shown


def test_a_missing_key_breaks_at_the_key_after_the_way_is_proven(sim: Served) -> None:
    done = climb(a_target(sim.url, missing_keys=("SIM_API_KEY",)))
    assert (done.broken, done.category, done.fault) == (
        RungName.KEY,
        Category.MISSING_CREDENTIAL,
        Fault.CLIENT,
    )
    assert states(done)["edge"] == "holds"


def test_a_model_that_is_not_listed_may_be_an_alias(sim: Served) -> None:
    """Doubtful, with the nearest names; only a refusal breaks it."""
    done = climb(a_target(sim.url, model="sim-11"))
    model = next(rung for rung in done.rungs if rung.name is RungName.MODEL)
    assert model.state in (RungState.DOUBTFUL, RungState.BROKEN)
    assert done.broken is RungName.MODEL


# TLS


@pytest.fixture
def https() -> Iterator[Callable[..., tuple[str, trustme.CA]]]:
    """A server with a certificate of a CA that the test makes."""
    servers: list[ThreadingHTTPServer] = []

    def start(organisation: str) -> tuple[str, trustme.CA]:
        ca = trustme.CA(organization_name=organisation)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert("localhost").configure_cert(context)

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = b'{"object": "list", "data": [{"id": "m", "object": "model"}]}'
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Silent."""

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that does not believe the certificate hangs up: that is the point."""

        server = Quiet(("127.0.0.1", 0), Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"https://localhost:{server.server_port}/v1", ca

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_private_ca_is_named(https: Callable[..., tuple[str, trustme.CA]]) -> None:
    url, _ = https("Example Corp Internal CA")
    done = climb(a_target(url))
    assert (done.broken, done.category, done.fault) == (RungName.TLS, Category.TLS, Fault.NETWORK)
    assert "Example Corp Internal CA" in str(done.rungs[-1].details)
    assert states(done)["dns"] == "holds"


def test_a_company_s_inspection_is_named(
    https: Callable[..., tuple[str, trustme.CA]], tmp_path: Path
) -> None:
    """Refused, it is named as the cause; believed, it is told all the same."""
    url, ca = https("Zscaler Inc.")
    refused = climb(a_target(url))
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    believed = climb(a_target(url, ca_bundle=str(tmp_path / "ca.pem")))
    tls = next(rung for rung in believed.rungs if rung.name is RungName.TLS)

    assert (
        "this is Zscaler, which opens TLS on the way: its CA must be in the CA bundle"
        in refused.rungs[-1].details
    )
    assert tls.state is RungState.DOUBTFUL
    assert "this is Zscaler" in tls.came
    assert states(believed)["edge"] == "holds"


def test_inspectors_are_known_by_their_names() -> None:
    assert inspector_in(["mitmproxy (mitmproxy)", "x"]) == "mitmproxy"
    assert inspector_in(["GTS Root R4 (Google Trust Services LLC)"]) is None


# The shape of a key


@pytest.mark.parametrize(
    ("provider", "key", "right", "words"),
    [
        (
            "anthropic",
            "sk-ant-" + "x" * 90,
            True,
            "key from env K, 97 characters, begins with sk-ant- as it should",
        ),
        ("anthropic", "AIza" + "x" * 35, False, "does not begin with sk-ant-"),
        ("openai", "sk-ant-" + "x" * 90, False, "looks like one of Anthropic"),
        ("openai", "sk-short", False, "perhaps it was cut off"),
        ("simulator", "anything", True, "key from env K, 8 characters"),
    ],
)
def test_the_shape_of_a_key_is_told_without_it(provider: str, key: str, right: bool, words: str) -> None:
    target = a_target("https://x", provider=provider, credential=Credential(Secret(key), "a", "b", "env K"))
    said, is_right = key_words(target)
    assert words in said
    assert is_right is right
    assert "xxx" not in said


# What is printed


def test_a_rung_in_a_narrow_terminal_stays_in_its_column() -> None:
    rung = Rung(
        RungName.TLS, RungState.BROKEN, "did", "a long story of what came back " * 3, 0.5, ("a detail",)
    )
    lines = render_rung(rung, Look(width=50)).splitlines()
    assert lines[0].startswith("✗ tls")
    assert all(line.startswith(" " * 18) for line in lines[1:])
    assert max(map(len, lines)) <= 50
    assert render_rung(rung, Look(width=50, unicode=False)).isascii()


@pytest.fixture
def green() -> Iterator[PageServer]:
    with page_server() as server:
        server.serve("/api/v2/summary.json", {"status": {"indicator": "none"}, "components": []})
        yield server


def test_a_model_is_overloaded_while_the_page_is_green(
    sim: Served, green: PageServer, tmp_path: Path
) -> None:
    """The command, with the page beside it, as table, JSON and Markdown."""
    path = tmp_path / "llmprobe.toml"
    path.write_text(
        f'[targets.a]\nprovider = "simulator"\nbase_url = "{sim.at("model:overloaded")}"\nretries = 0\nstatus_page = "{green.url}"\n'
    )
    table = llmprobe("diagnose", "a", "-c", str(path))
    document = json.loads(llmprobe("diagnose", "a", "-c", str(path), "-f", "json").stdout)
    markdown = llmprobe("diagnose", "a", "-c", str(path), "-f", "markdown").stdout

    assert (table.returncode, table.stderr) == (1, "")
    assert "✗ chat" in table.stdout
    assert "It breaks at “chat”" in table.stdout
    assert "Simulator's page says operational; we disagree" in table.stdout
    assert (document["schema"], document["broken"], document["exit_code"]) == (
        "llmprobe.diagnosis/1",
        "chat",
        1,
    )
    assert document["status_pages"][0]["state"] == "operational"
    assert [rung["name"] for rung in document["rungs"]][-1] == "chat"
    assert "| chat | broken |" in markdown


def test_an_interrupted_diagnosis_concludes_from_what_it_has(sim: Served) -> None:
    """The rungs that were proven were told before the answer that never came."""
    url, key = sim.at("model:no_headers"), {"K": "sk-key-of-the-test"}
    process = started("diagnose", "--base-url", url, "--model", "sim-1", "--api-key-env", "K", env=key)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("✓ model"):
            break
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Interrupted after “model”. Until there every rung holds." in stdout
    assert "not tested: chat, stream" in stdout
    assert "interrupted" in stderr


def test_diagnose_looks_at_one_target(sim: Served) -> None:
    done = llmprobe(
        "diagnose", env={"OPENAI_API_KEY": "sk-" + "x" * 40, "ANTHROPIC_API_KEY": "sk-ant-" + "x" * 40}
    )
    assert done.returncode == 2
    assert "one target at a time" in done.stderr
    assert "anthropic" in done.stderr


def test_a_program_can_diagnose_too(sim: Served) -> None:
    import llmprobe as library

    target = library.target("openai-chat", sim.at("model:quota"), model="sim-1", api_key="sk-of-a-program")
    done = asyncio.run(library.diagnose(target))
    assert (done.broken, done.category) == (RungName.CHAT, Category.QUOTA_EXHAUSTED)
    assert done.rungs[0].came == "key from argument, 15 characters"


def test_a_diagnosis_renders_at_any_width(sim: Served) -> None:
    done = climb(a_target(sim.at("auth")))
    for width in (20, 80, 140):
        text = "".join(
            render_rung(rung, Look(width=width, verbose=True)) for rung in done.rungs
        ) + render_end(done, Look(width=width))
        assert "breaks" in text
    assert "It breaks at" in render_markdown(done)


# Evidence for support


def read_zip(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_a_bundle_holds_what_support_asks_for(sim: Served, tmp_path: Path) -> None:
    """Request and answer, ids, times, phases, versions; keys are masked by name and by value."""
    path = tmp_path / "evidence.zip"
    key = "sk-bundle-canary-0123456789"
    done = llmprobe(
        "check",
        "--base-url",
        sim.at("overloaded"),
        "--model",
        "sim-1",
        "--retries",
        "0",
        "--api-key-env",
        "K",
        "--bundle",
        str(path),
        env={"K": key},
    )
    files = read_zip(path)
    exchange = json.loads(next(text for name, text in files.items() if name.startswith("exchanges/")))

    assert done.returncode == 1
    assert str(path) in done.stderr
    assert set(files) >= {"run.json", "summary.md", "environment.json"}
    assert exchange["answer"]["status"] == 529
    assert "overloaded" in exchange["answer"]["body"]
    assert exchange["request"]["headers"]["Authorization"] == "Bearer ***"
    assert exchange["timings_ms"]["headers"] > 0
    assert "waiting" in [phase["name"] for phase in exchange["phases"]]
    assert "request id: `req_simulated`" in files["summary.md"]
    assert json.loads(files["environment.json"])["packages"]["httpx"]
    assert key not in "".join(files.values())


def test_a_bundle_holds_what_their_page_said(sim: Served, green: PageServer, tmp_path: Path) -> None:
    config, path = tmp_path / "llmprobe.toml", tmp_path / "evidence.zip"
    config.write_text(
        f'[targets.a]\nprovider = "simulator"\nbase_url = "{sim.at("overloaded")}"\nretries = 0\nstatus_page = "{green.url}"\n'
    )
    llmprobe("check", "-c", str(config), "--bundle", str(path), "-q")
    files = read_zip(path)
    assert json.loads(files["run.json"])["status_pages"][0]["state"] == "operational"
    assert "page says operational; we disagree" in files["summary.md"]


def test_diagnose_bundles_its_ladder(sim: Served, tmp_path: Path) -> None:
    path = tmp_path / "evidence.zip"
    llmprobe("diagnose", "--base-url", sim.at("model:overloaded"), "--model", "sim-1", "--bundle", str(path))
    files = read_zip(path)
    assert json.loads(files["diagnosis.json"])["broken"] == "chat"
    assert [name.rsplit("-", 1)[1] for name in files if name.startswith("exchanges/")] == [
        "edge.json",
        "models.json",
        "chat.json",
    ]


@pytest.mark.parametrize("where", ["/nonexistent/x.zip", "/dev/null/x.zip"])
def test_a_bundle_that_cannot_be_written_is_said_first(sim: Served, where: str) -> None:
    done = llmprobe("check", "--base-url", sim.url, "--model", "sim-1", "--bundle", where)
    assert done.returncode == 2
    assert "--bundle: there is no folder" in done.stderr
