"""Every test starts without keys, proxies or CA settings, and reaches loopback only."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from llmprobe.redact import SCRUB
from tests.support import Background, Served

_LEAKY = (
    "_KEY",
    "_TOKEN",
    "_PROXY",
    "_proxy",
    "_BUNDLE",
    "SSL_CERT",
    "LLMPROBE",
    "OPENAI",
    "ANTHROPIC",
    "GOOGLE",
    "AZURE",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of every module that runs the whole command, so that a quick round can leave them out."""
    for item in items:
        names = vars(item.module) if isinstance(item, pytest.Function) else {}
        if names.keys() & {"llmprobe", "started", "spawned", "subprocess"}:
            item.add_marker("command")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if any(part in name for part in _LEAKY) or name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nonexistent")


@pytest.fixture(autouse=True)
def _no_secrets_of_other_tests() -> None:
    SCRUB.__init__()  # type: ignore[misc]


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A test that reaches out is a bug: names other than localhost do not resolve."""
    if "integration" in request.keywords:
        return
    real = socket.getaddrinfo

    def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in ("localhost", "127.0.0.1", "::1", None):
            raise socket.gaierror(socket.EAI_NONAME, f"tests do not resolve {host}")
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", guarded)


@pytest.fixture(scope="session")
def background() -> Iterator[Background]:
    loop = Background()
    yield loop
    loop.close()


@pytest.fixture(scope="session")
def sim(background: Background) -> Iterator[Served]:
    """A simulator that accepts any key."""
    served = Served(background)
    yield served
    served.close()


@pytest.fixture
def serve(background: Background) -> Iterator[Callable[..., Served]]:
    """Simulators with settings of their own, closed after the test."""
    opened: list[Served] = []

    def start(**settings: Any) -> Served:
        opened.append(Served(background, **settings))
        return opened[-1]

    yield start
    for served in opened:
        served.close()


@pytest.fixture
def refused_url() -> str:
    """A port on which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{sock.getsockname()[1]}"
