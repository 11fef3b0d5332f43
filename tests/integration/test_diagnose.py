"""`diagnose` against third-party servers that are made to fail: a gateway, and a proxy that asks for a password."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator

import pytest

from llmprobe.engine.ladder.climb import diagnose
from llmprobe.model import Category, Credential, Secret, Timeouts
from llmprobe.model.diagnosis import Diagnosis, Rung, RungName, RungState
from tests.integration.servers import MASTER_KEY, free_port, running
from tests.support import Served, a_target

pytestmark = pytest.mark.integration
FIRST = Rung(RungName.CONFIGURATION, RungState.HOLDS, "read", "fine")


def climb(url: str, *, model: str = "fine", key: str = MASTER_KEY, proxy: str = "") -> Diagnosis:
    credential = Credential(Secret(key), "Authorization", "Bearer", "test")
    target = a_target(
        url,
        provider="litellm",
        model=model,
        credential=credential,
        proxy=proxy,
        timeouts=Timeouts(total_s=30.0),
    )
    return asyncio.run(diagnose(target, FIRST, {}))


@pytest.mark.parametrize(
    ("model", "key", "broken", "category"),
    [
        ("fine", MASTER_KEY, None, Category.OK),
        ("fine", "sk-not-the-master-key", RungName.KEY, Category.AUTH),
        ("no-such-model", MASTER_KEY, RungName.MODEL, Category.MODEL_NOT_FOUND),
        ("broken", MASTER_KEY, RungName.CHAT, Category.SERVER_ERROR),
        ("limited", MASTER_KEY, RungName.CHAT, Category.RATE_LIMITED),
    ],
)
def test_a_real_gateway_s_failures_are_found_at_their_rung(
    litellm: str, model: str, key: str, broken: RungName | None, category: Category
) -> None:
    done = climb(f"{litellm}/v1", model=model, key=key)
    assert (done.broken, done.category) == (broken, category), done.conclusion


@pytest.fixture(scope="module")
def locked_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """proxy.py, which asks for user and password."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "proxy",
        "--port",
        str(port),
        "--basic-auth",
        "user:right",
        "--num-workers",
        "1",
    ]
    log = tmp_path_factory.mktemp("proxy") / "log"
    with running([*command, "--enable-web-server"], port, "/", log) as url:
        yield url.removeprefix("http://")


def test_a_proxy_that_answers_407(locked_proxy: str, sim: Served) -> None:
    done = climb("https://api.example.com/v1", proxy=f"http://{locked_proxy}")
    assert (done.broken, done.category) == (RungName.WAY_OUT, Category.PROXY), done.conclusion
    wrong = climb("https://api.example.com/v1", proxy=f"http://user:wrong-password@{locked_proxy}")
    assert wrong.broken is RungName.WAY_OUT
    assert "wrong-password" not in str(wrong)


def test_through_the_same_proxy_with_its_password(locked_proxy: str, sim: Served) -> None:
    done = climb(sim.url, model="sim-1", proxy=f"http://user:right@{locked_proxy}")
    assert done.broken is None, done.conclusion
