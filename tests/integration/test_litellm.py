"""Against the LiteLLM proxy: a real gateway, with mocked answers and its own error mocks."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmprobe.model import Category, Credential, Fault, ProbeKind, Result, Secret, Status, Timeouts
from tests.integration.servers import MASTER_KEY
from tests.support import a_target, check_one

pytestmark = pytest.mark.integration
PATIENT = Timeouts(total_s=30.0)


def probe(
    url: str, model: str, kind: ProbeKind, dialect: str = "openai-chat", key: str = MASTER_KEY
) -> Result:
    header = ("x-api-key", "") if dialect == "anthropic-messages" else ("Authorization", "Bearer")
    credential = Credential(Secret(key), *header, "test")
    return check_one(
        a_target(
            url + "/v1", dialect, provider="litellm", model=model, credential=credential, timeouts=PATIENT
        ),
        kind,
    )


@pytest.mark.parametrize("kind", [ProbeKind.MODELS, ProbeKind.CHAT, ProbeKind.STREAM])
def test_it_is_healthy_over_the_openai_dialect(litellm: str, kind: ProbeKind) -> None:
    result = probe(litellm, "fine", kind)

    assert (result.status, result.reason) == (Status.HEALTHY, "answered")
    assert kind is ProbeKind.MODELS or result.http.edge == "LiteLLM"


def test_it_is_healthy_over_the_anthropic_dialect(litellm: str) -> None:
    assert probe(litellm, "fine", ProbeKind.CHAT, "anthropic-messages").status is Status.HEALTHY


def test_its_anthropic_mock_does_not_stream_and_that_is_seen(litellm: str) -> None:
    """Asked for a stream, its mock sends one whole body: that works, but it is not a stream."""
    result = probe(litellm, "fine", ProbeKind.STREAM, "anthropic-messages")
    assert (result.status, result.category) == (Status.DEGRADED, Category.BUFFERED)


@pytest.mark.parametrize("dialect", ["openai-chat", "anthropic-messages"])
@pytest.mark.parametrize(
    ("model", "category", "fault"),
    [
        ("no-such-model", Category.MODEL_NOT_FOUND, Fault.CLIENT),
        ("limited", Category.RATE_LIMITED, Fault.CLIENT),
        ("broken", Category.SERVER_ERROR, Fault.PROVIDER),
        ("long", Category.BAD_REQUEST, Fault.CLIENT),
    ],
)
def test_its_failures_are_named(
    litellm: str, dialect: str, model: str, category: Category, fault: Fault
) -> None:
    result = probe(litellm, model, ProbeKind.CHAT, dialect)
    assert (result.category, result.fault) == (category, fault), result.reason


def test_a_wrong_key_is_named(litellm: str) -> None:
    """Without a database it can only say that it cannot look the key up."""
    result = probe(litellm, "fine", ProbeKind.CHAT, key="sk-not-the-master-key")
    assert (result.category, result.fault) == (Category.AUTH, Fault.CLIENT), result.reason


def test_its_keyless_health_path_is_the_edge(litellm: str) -> None:
    from msgspec.structs import replace

    target = a_target(litellm + "/v1", provider="litellm", timeouts=PATIENT)
    target = replace(target, wire=replace(target.wire, health_path="/health/liveliness"))
    assert check_one(target, ProbeKind.EDGE).status is Status.HEALTHY


def test_it_goes_away(litellm: str, tmp_path: Path, refused_url: str) -> None:
    """And a gateway that is not there is a network failure, not the gateway's."""
    result = check_one(a_target(refused_url + "/v1", provider="litellm"))
    assert (result.category, result.fault) == (Category.CONNECT, Fault.NETWORK)
