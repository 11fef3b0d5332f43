"""The bad servers, and a healthy one beside them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hostile.healthy import healthy_server
from tests.hostile.servers import Ports, bad_servers


@pytest.fixture(scope="session")
def bad() -> Iterator[Ports]:
    with bad_servers() as ports:
        yield ports


@pytest.fixture(scope="session")
def good() -> Iterator[str]:
    with healthy_server() as url:
        yield url
