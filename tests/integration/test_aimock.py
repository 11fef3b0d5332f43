"""Against aimock, somebody else's idea of every vendor's API: all seven dialects."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from llmprobe.model import Category, Fault, ProbeKind, Status, Timeouts
from llmprobe.providers import dialects
from llmprobe.providers.urls import normalise_base
from tests.integration.servers import AIMOCK_FIXTURES, aimock_command, free_port, running, write_json
from tests.support import a_target, check_one

pytestmark = pytest.mark.integration
EVERY = sorted(dialects())


@pytest.fixture(scope="module")
def aimock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port = tmp_path_factory.mktemp("aimock"), free_port()
    fixtures = write_json(folder / "fixtures.json", AIMOCK_FIXTURES)
    command = [str(aimock_command(folder)), "-p", str(port), "-f", str(fixtures), "-l", "20", "-c", "5"]
    with running(command, port, "/v1/models", folder / "log") as url:
        yield url


def base(url: str, dialect: str) -> str:
    return normalise_base(url, prefix=dialects()[dialect].prefix, endpoints=())


@pytest.mark.parametrize("dialect", EVERY)
@pytest.mark.parametrize("kind", [ProbeKind.CHAT, ProbeKind.STREAM])
def test_every_dialect_is_understood_by_a_stranger(aimock: str, dialect: str, kind: ProbeKind) -> None:
    """Our requests are accepted, and its answers and streams are whole to us."""
    result = check_one(
        a_target(base(aimock, dialect), dialect, model="m", timeouts=Timeouts(total_s=10)), kind
    )

    assert (result.status, result.reason) == (Status.HEALTHY, "answered")
    if kind is ProbeKind.STREAM:
        assert (result.timings.itl_p50_s or 0) > 0.01, "it sends a piece every 20 ms"


@pytest.mark.parametrize("dialect", [d for d in EVERY if d != "gemini"])
def test_its_models_are_listed(aimock: str, dialect: str) -> None:
    """It has no list at Gemini's path."""
    assert check_one(a_target(base(aimock, dialect), dialect), ProbeKind.MODELS).status is Status.HEALTHY


@pytest.mark.parametrize("dialect", EVERY)
def test_its_failures_are_named_in_every_dialect(aimock: str, dialect: str) -> None:
    broken = check_one(a_target(base(aimock, dialect), dialect, model="broken"))
    limited = check_one(a_target(base(aimock, dialect), dialect, model="limited"))

    assert (broken.category, broken.fault) == (Category.OVERLOADED, Fault.PROVIDER)
    assert (limited.category, limited.fault, limited.retry_after_s) == (
        Category.RATE_LIMITED,
        Fault.CLIENT,
        1.0,
    )
