"""Our requests beside those of the official SDKs, and the simulator's answers read by those SDKs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llmprobe.model import Credential, ProbeKind, Secret
from llmprobe.model.target import Wire
from tests.integration.servers import ROOT, sdk_python
from tests.support import Background, Served, a_target, check_one, clean_env

pytestmark = pytest.mark.integration
KEY = "sk-0123456789abcdef"
PATHS = {"gemini": "/v1beta", "cohere-v2": ""}
AUTH = {"anthropic-messages": ("x-api-key", ""), "gemini": ("x-goog-api-key", "")}
ON_PURPOSE: dict[str, set[str]] = {
    # The SDK's newest version only removes sampling parameters, which no probe sends; older gateways know this one.
    "anthropic-messages": {"header anthropic-version", "header authorization", "header x-api-key"},
    # `v1` lacks the models that are still in preview; `v1beta` has them all.
    "gemini": {"path"},
}
"""What differs and why: Anthropic documents `x-api-key`, which every gateway of its dialect reads, too."""
ALWAYS = {
    "header user-agent",  # we say who asks
    "header accept",  # some SDKs say `*/*`
    "header connection",
    "body stream",  # absent and false mean the same
    "body encoding_format",  # numbers that a person can read in a bundle
    "body messages",  # the word differs
    "body input",
    "body contents",
}
IGNORED = ("x-stainless", "x-fern", "x-goog-api-client", "content-length", "host")

Recorded = tuple[str, str, dict[str, str], bytes]


class Recorder:
    """A simulator that keeps what it was sent."""

    def __init__(self, served: Served) -> None:
        self.url, self.served = served.url, served
        self.seen: list[Recorded] = []
        self._plan = served.simulator.plan
        served.simulator.plan = self._keep  # type: ignore[method-assign]

    def _keep(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Any:
        self.seen.append((method, target, headers, body))
        return self._plan(method, target, headers, body)


@pytest.fixture
def recorder(background: Background) -> Iterator[Recorder]:
    served = Served(background)
    yield Recorder(served)
    served.close()


@pytest.fixture(scope="module")
def sdk() -> Iterator[Callable[[str, str, str], Any]]:
    """Calls of the SDKs, all in one process."""
    process = subprocess.Popen(
        [sdk_python(), Path(__file__).with_name("sdk_calls.py")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=clean_env({"PYTHONWARNINGS": "ignore"}),
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def call(name: str, probe: str, url: str) -> Any:
        stdin.write(f"{name} {probe} {url}\n")
        stdin.flush()
        return json.loads(stdout.readline())

    yield call
    stdin.close()
    process.wait(10)
    stdout.close()


def ours(recorder: Recorder, dialect: str, probe: str) -> Recorded:
    header, scheme = AUTH.get(dialect, ("Authorization", "Bearer"))
    wire = Wire(
        token_param="max_completion_tokens" if dialect == "openai-chat" else "max_tokens", max_tokens=16
    )
    url = recorder.url + PATHS.get(dialect, "/v1")
    target = a_target(url, dialect, credential=Credential(Secret(KEY), header, scheme, "test"), wire=wire)
    recorder.seen.clear()
    result = check_one(target, ProbeKind(probe))
    assert result.category == "ok", result.reason
    return recorder.seen[-1]


def differences(sent: Recorded, theirs: Recorded) -> set[str]:
    """Names of what differs: the method, the path, headers, and keys of the body."""
    found = {name for name, a, b in zip(("method", "path"), sent, theirs, strict=False) if a != b}
    mine, other = (
        {k: v for k, v in headers.items() if not k.startswith(IGNORED)} for headers in (sent[2], theirs[2])
    )
    found |= {f"header {name}" for name in mine.keys() | other.keys() if mine.get(name) != other.get(name)}
    body, wanted = (json.loads(one[3] or b"{}") for one in (sent, theirs))
    return found | {f"body {key}" for key in body.keys() | wanted.keys() if body.get(key) != wanted.get(key)}


@pytest.mark.parametrize(
    "dialect", ["openai-chat", "openai-responses", "anthropic-messages", "gemini", "cohere-v2"]
)
@pytest.mark.parametrize("probe", ["chat", "stream", "json", "tools"])
def test_a_request_is_the_one_that_the_vendors_sdk_sends(
    recorder: Recorder, sdk: Callable[[str, str, str], Any], dialect: str, probe: str
) -> None:
    """But for a short list of differences on purpose, each with its reason."""
    sent = ours(recorder, dialect, probe)
    recorder.seen.clear()
    answer = sdk(dialect, probe, recorder.url)

    assert answer.get("text"), answer
    assert differences(sent, recorder.seen[-1]) <= ALWAYS | ON_PURPOSE.get(dialect, set())


@pytest.mark.parametrize("probe", ["chat", "stream"])
def test_mistral_is_asked_as_its_own_sdk_asks(
    recorder: Recorder, sdk: Callable[[str, str, str], Any], probe: str
) -> None:
    target = a_target(recorder.url + "/v1", credential=Credential(Secret(KEY), "Authorization", "Bearer", "test"),
                      wire=Wire(max_tokens=16, stream_usage=False))  # fmt: skip
    check_one(target, ProbeKind(probe))
    sent = recorder.seen[-1]
    recorder.seen.clear()

    assert sdk("mistral", probe, recorder.url).get("text")
    assert differences(sent, recorder.seen[-1]) <= ALWAYS


WHOLE = ["ok", "thinking_only", "empty", "other_model", "drip:20ms"]
BROKEN = ["auth", "rate_limited", "quota", "overloaded", "server_error", "html_502", "cut", "hang_up"]


@pytest.mark.parametrize(
    "dialect", ["openai-chat", "openai-responses", "anthropic-messages", "gemini", "cohere-v2"]
)
@pytest.mark.parametrize("probe", ["chat", "stream"])
def test_the_sdks_read_what_the_simulator_sends(
    recorder: Recorder, sdk: Callable[[str, str, str], Any], dialect: str, probe: str
) -> None:
    """A behaviour that answers is read without an error, one that fails raises one."""
    read = {b: sdk(dialect, probe, f"{recorder.url}/~{b}") for b in WHOLE}
    failed = {b: sdk(dialect, probe, f"{recorder.url}/~{b}") for b in BROKEN}

    assert {b: a for b, a in read.items() if "error" in a} == {}
    assert {b: a for b, a in failed.items() if "error" not in a} == {}
    assert read["ok"]["text"].startswith("bakulo")
    assert read["thinking_only"]["text"] == read["empty"]["text"] == ""
