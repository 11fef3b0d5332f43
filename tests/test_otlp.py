"""OTLP: what arrives at a collector, decoded with OpenTelemetry's own messages."""

from __future__ import annotations

import gzip
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from llmprobe.alerts.genai import HISTOGRAMS, attributes_of, operation_of
from llmprobe.config.otlp import otlp_settings
from llmprobe.model import Category, ProbeKind, Status
from tests.runs import MIXED, attempt, result
from tests.support import Served, clean_env, llmprobe, spawned, started
from tests.web import SilentHandler, serving

METRICS = pytest.importorskip("opentelemetry.proto.collector.metrics.v1.metrics_service_pb2")
TOKEN = "otlp-secret-7f3a9c2b5e8d"


class Collector:
    """What was posted, by metric: points as (attributes, value or histogram); and the headers and resources."""

    def __init__(self) -> None:
        self.url = ""
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.answers: list[int] = []

    @property
    def resource(self) -> dict[str, Any]:
        return _attributes(self._requests()[-1].resource_metrics[0].resource)

    def points(self, name: str) -> list[tuple[dict[str, Any], Any]]:
        """Of the last request."""
        found = []
        for scope in self._requests()[-1].resource_metrics[0].scope_metrics:
            for metric in scope.metrics:
                if metric.name == name:
                    data = getattr(metric, metric.WhichOneof("data"))
                    found += [(_attributes(point), _value(point)) for point in data.data_points]
        return found

    def names(self) -> set[str]:
        scopes = self._requests()[-1].resource_metrics[0].scope_metrics
        return {metric.name for scope in scopes for metric in scope.metrics}

    def _requests(self) -> list[Any]:
        return [METRICS.ExportMetricsServiceRequest.FromString(body) for body in self.bodies]


def _attributes(holder: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in holder.attributes}


def _value(point: Any) -> Any:
    return point if hasattr(point, "bucket_counts") else getattr(point, point.WhichOneof("value"))


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()

    class Handler(SilentHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            is_packed = self.headers.get("content-encoding") == "gzip"
            collector.bodies.append(gzip.decompress(body) if is_packed else body)
            collector.paths.append(self.path)
            collector.headers.append({name.lower(): value for name, value in self.headers.items()})
            status = collector.answers.pop(0) if collector.answers else 200
            self.send_response(status)
            if status in (301, 307):
                self.send_header("location", "/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

    with serving(Handler) as collector.url:
        yield collector


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as served:
        yield served


def checked(url: str, *args: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """One stream, in a fresh interpreter: what the SDK remembers is the process's."""
    return spawned("check", "--base-url", url, "--model", "sim-1", "--no-record", "-q", *args, env=env)


def test_a_run_arrives_in_the_words_of_the_conventions(sim: Served, collector: Collector) -> None:
    env = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment=test",
    }
    done = checked(sim.url, env=env)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert collector.paths == ["/v1/metrics"]
    [(attributes, duration)] = collector.points("gen_ai.client.operation.duration")
    assert attributes.items() >= {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai-compatible",
        "gen_ai.request.model": "sim-1",
        "server.address": "127.0.0.1",
        "server.port": int(sim.url.rpartition(":")[2]),
        "user_agent.synthetic.type": "test",
    }.items()  # fmt: skip
    assert "error.type" not in attributes
    assert (duration.count, list(duration.explicit_bounds)[:3], duration.explicit_bounds[-1]) == (
        1,
        [0.01, 0.02, 0.04],
        81.92,
    )
    [(_, chunk)] = collector.points("gen_ai.client.operation.time_to_first_chunk")
    assert 0 < chunk.sum <= duration.sum
    tokens = {a["gen_ai.token.type"]: point.sum for a, point in collector.points("gen_ai.client.token.usage")}
    assert set(tokens) == {"input", "output"}
    [(labels, up)] = collector.points("llmprobe.up")
    assert (labels["llmprobe.probe"], up) == ("stream", 1)
    assert {
        "llmprobe.result",
        "llmprobe.ttft",
        "llmprobe.run_duration",
        "llmprobe.exit_code",
    } <= collector.names()
    assert (
        collector.resource.items() >= {"service.name": "llmprobe", "deployment.environment": "test"}.items()
    )


def test_a_failure_names_its_category(sim: Served, collector: Collector) -> None:
    """Each attempt is one operation: a retry that fails as the first did makes two."""
    done = checked(
        sim.at("overloaded"), "--retries", "1", "--otlp", env={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
    )
    assert done.returncode == 1
    [(attributes, duration)] = collector.points("gen_ai.client.operation.duration")
    assert (attributes["error.type"], duration.count) == ("overloaded", 2)
    [(labels, _)] = collector.points("llmprobe.result")
    assert (labels["llmprobe.category"], labels["llmprobe.fault"]) == ("overloaded", "provider")
    assert "gen_ai.client.token.usage" not in collector.names()


def test_the_sdk_reads_the_standard_variables_by_itself(sim: Served, collector: Collector) -> None:
    """The endpoint for metrics is taken as it is; headers go along; nothing else shows them."""
    env = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": f"{collector.url}/in/{TOKEN}?key={TOKEN}",
        "OTEL_EXPORTER_OTLP_HEADERS": f"x-api-key={TOKEN}",
        "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "delta",
        "OTEL_SERVICE_NAME": "probes",
    }
    collector.answers = [200, 401]
    fine, refused = (checked(sim.url, env=env) for _ in range(2))
    assert collector.paths == [f"/in/{TOKEN}?key={TOKEN}"] * 2
    assert collector.headers[0]["x-api-key"] == TOKEN
    assert collector.resource["service.name"] == "probes"
    assert (fine.returncode, fine.stderr) == (0, "")
    assert refused.returncode == 0
    assert refused.stderr.startswith("error: the OTLP endpoint at 127.0.0.1:")
    assert refused.stderr.endswith("was not reached: HTTP 401\n")
    assert TOKEN not in refused.stdout + refused.stderr


def test_a_server_that_repeats_the_headers_does_not_show_them(collector: Collector) -> None:
    """What stands in the variables is a secret, in every output: here a model's name holds it."""
    env = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_EXPORTER_OTLP_HEADERS": f"x-api-key=Basic%20{TOKEN}",
    }
    args = ["check", "--base-url", "http://127.0.0.1:9", "--model", f"m-{TOKEN}", "--no-record", "-f", "json"]
    done = spawned(*args, env=env)
    assert TOKEN not in done.stdout + done.stderr
    assert TOKEN.encode() not in collector.bodies[0]


def test_a_key_that_a_server_repeats_in_its_model_s_name_is_not_exported(collector: Collector) -> None:
    key = "sk-canary-7f3a9c2b5e8d1f60"

    class Echo(SilentHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            answer = {
                "id": key, "object": "chat.completion", "model": f"m-{self.headers['authorization']}",
                "choices": [{"index": 0, "message": {"role": "assistant", "content": "pong"}, "finish_reason": "stop"}],
            }  # fmt: skip
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "THE_KEY": key}
    with serving(Echo) as url:
        checked(f"{url}/v1", "--probe", "chat", "--api-key-env", "THE_KEY", env=env)
    [(attributes, _)] = collector.points("gen_ai.client.operation.duration")
    assert "***" in attributes["gen_ai.response.model"], "it was there"
    assert b"canary" not in collector.bodies[0]


@pytest.mark.parametrize(("status", "says"), [(400, "HTTP 400"), (307, "redirects")])
def test_a_failed_export_is_a_note_and_never_the_verdict(
    sim: Served, collector: Collector, status: int, says: str
) -> None:
    collector.answers = [status]
    done = checked(sim.at("overloaded"), env={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url})
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert says in done.stderr
    assert len(collector.paths) == 1


def test_a_collector_that_never_answers_costs_no_more_than_the_deadline_leaves(sim: Served) -> None:
    """Two seconds an export gets in any case; the SDK alone would wait for a minute."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        env = {"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_EXPORTER_OTLP_TIMEOUT": "60"}
        began = time.monotonic()
        done = checked(sim.url, "--deadline", "1s", env=env)
    assert time.monotonic() - began < 20
    assert done.returncode == 0
    assert re.search(r"was not reached(: timeout| before the run's deadline)\n$", done.stderr), done.stderr


@pytest.mark.parametrize(
    ("flags", "env", "wanted"),
    [
        ([], {}, False),
        ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h"}, True),
        ([], {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://h"}, True),
        ([], {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://h"}, False),
        ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h", "OTEL_SDK_DISABLED": "true"}, False),
        ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h", "OTEL_METRICS_EXPORTER": "none"}, False),
        ([False], {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h"}, False),
        ([True], {}, True),
        ([True], {"OTEL_METRICS_EXPORTER": "none"}, True),
        ([True], {"OTEL_SDK_DISABLED": "true"}, False),
    ],
)
def test_an_export_is_wanted_by_flag_or_by_a_standard_variable(
    flags: list[bool], env: dict[str, str], wanted: bool
) -> None:
    assert (otlp_settings(flags[0] if flags else None, env) is not None) is wanted


def test_the_sdk_is_imported_only_where_it_is_used(sim: Served) -> None:
    code = (
        "import sys, llmprobe.__main__ as entry\n"
        f"sys.argv = ['llmprobe', 'check', '--base-url', {sim.url!r}, '--model', 'sim-1', '-q']\n"
        "entry._leave = lambda code, *_: sys.exit(code)\n"
        "try: entry.main()\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.modules if name.startswith(('opentelemetry', 'requests', 'google'))])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=clean_env())
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("flag", "says"), [("--otlp", "needs the extra otel: pip install 'llmprobe-cli[otel]'"), ("-q", "")]
)
def test_a_missing_extra_is_said_where_the_export_was_asked_for(sim: Served, flag: str, says: str) -> None:
    """A variable alone may be meant for other programs."""
    code = (
        "import sys\nsys.modules['opentelemetry'] = None\n"
        f"sys.argv = ['llmprobe', 'check', '--base-url', {sim.url!r}, '--model', 'sim-1', '-q', {flag!r}]\n"
        "from llmprobe.__main__ import main\nmain()"
    )
    env = clean_env({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.returncode == 0
    assert says in done.stderr
    assert bool(done.stderr) is bool(says)


def test_a_protocol_that_is_not_ours_is_told(sim: Served) -> None:
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    done = llmprobe("check", "--base-url", sim.url, "--model", "sim-1", "-q", env=env)
    assert 'the protocol "grpc" is not supported, only "http/protobuf"' in done.stderr


# What one result adds


def points(of: Any, metric: str) -> list[Any]:
    return [(p.value, p.attributes) for h in HISTOGRAMS if h.name == metric for p in h.read(of)]


def test_a_refusal_that_taught_us_how_to_ask_is_no_failed_operation() -> None:
    refused = replace(attempt(1, Category.BAD_REQUEST, Status.FAILED), adapted="asked again without it")
    answered = replace(attempt(2, Category.OK, Status.HEALTHY), adapted="asked again without it")
    one = result("t", Status.HEALTHY, Category.OK, attempts=(refused, answered))
    found = points(one, "gen_ai.client.operation.duration")
    assert [attributes.get("error.type") for _, attributes in found] == [None]


@pytest.mark.parametrize(
    ("provider", "dialect", "probe", "names"),
    [
        ("gemini", "gemini", ProbeKind.STREAM, ("generate_content", "gcp.gemini")),
        ("bedrock", "bedrock-converse", ProbeKind.CHAT, ("chat", "aws.bedrock")),
        ("xai", "openai-chat", ProbeKind.EMBEDDINGS, ("embeddings", "x_ai")),
        ("groq", "openai-chat", ProbeKind.TOOLS, ("chat", "groq")),
        ("openai", "openai-chat", ProbeKind.MODELS, None),
    ],
)
def test_operations_and_providers_have_the_conventions_names(
    provider: str, dialect: str, probe: ProbeKind, names: tuple[str, str] | None
) -> None:
    one = result(
        "t", Status.HEALTHY, Category.OK, provider=provider, dialect=dialect, probe=probe,
        attempts=(attempt(1, Category.OK, Status.HEALTHY),),
    )  # fmt: skip
    operation = operation_of(one)
    if names is None:
        assert operation is None
        assert not [p for h in HISTOGRAMS for p in h.read(one)]
        return
    assert operation is not None
    found = attributes_of(one, operation)
    assert (found["gen_ai.operation.name"], found["gen_ai.provider.name"]) == names


def test_estimated_tokens_are_no_usage() -> None:
    counted, skipped = MIXED.results[0], replace(MIXED.results[0], attempts=())
    assert [value for value, _ in points(counted, "gen_ai.client.token.usage")] == [9, 8]
    estimated = replace(counted, tokens=replace(counted.tokens, counted_by="events"))
    assert points(estimated, "gen_ai.client.token.usage") == []
    assert points(skipped, "gen_ai.client.operation.duration") == []


def test_a_program_can_ask_for_it(sim: Served, collector: Collector) -> None:
    """Only when asked: a program that has an endpoint of its own set exports nothing of ours by surprise."""
    code = (
        "import llmprobe\n"
        f"targets = [llmprobe.target('simulator', {sim.url!r}, model='sim-1')]\n"
        "for otlp in (False, True, True): llmprobe.check_sync(targets, otlp=otlp)\n"
    )
    env = clean_env({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url})
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(collector.bodies) == 2
    [(_, duration)] = collector.points("gen_ai.client.operation.duration")
    assert duration.count == 2, "histograms add up in a process"


def test_a_watch_exports_its_rounds(sim: Served, collector: Collector) -> None:
    """Histograms add up over the rounds, and nothing is written down for it."""
    done = spawned(
        "watch", "--base-url", sim.url, "--model", "sim-1", "--every", "1s", "--count", "3", "-q",
        env={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    [(_, duration)] = collector.points("gen_ai.client.operation.duration")
    assert duration.count == 3


def test_serve_exports_what_it_probes(sim: Served, collector: Collector, tmp_path: Path) -> None:
    """Each batch of results, without a history; a collector that is gone is mentioned once."""
    config = tmp_path / "llmprobe.toml"
    config.write_text(f'[targets.a]\nprovider = "simulator"\nbase_url = "{sim.url}"\nproxy = ""\n')
    command = [
        "serve", "-c", str(config), "--listen", "127.0.0.1:0", "--every", "1s",
        "--db", str(tmp_path / "none.db"),
    ]  # fmt: skip
    process = started(*command, env={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url})
    try:
        within(30, lambda: len(collector.bodies) >= 2)
        [(labels, up)] = collector.points("llmprobe.up")
        [(_, duration)] = collector.points("gen_ai.client.operation.duration")
        collector.answers = [400] * 50
        rejected = len(collector.paths)
        within(30, lambda: len(collector.paths) >= rejected + 3)
    finally:
        process.terminate()
        _, told = process.communicate(timeout=20)
    assert (labels["llmprobe.target"], up) == ("a", 1)
    assert duration.count >= 2, "they add up"
    assert told.count("was not reached: HTTP 400") == 1
    assert not (tmp_path / "none.db").exists()


def within(seconds: float, holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.1)
