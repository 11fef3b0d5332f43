"""Third-party servers that several files of tests share, each started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.servers import LITELLM_CONFIG, free_port, litellm_command, running, write_json


@pytest.fixture(scope="session")
def litellm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port = tmp_path_factory.mktemp("litellm"), free_port()
    config = write_json(folder / "config.yaml", LITELLM_CONFIG)
    command = [str(litellm_command()), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    env = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False"}
    with running(command, port, "/health/liveliness", folder / "log", **env) as url:
        yield url
