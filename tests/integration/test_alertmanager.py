"""Debian's own Alertmanager and amtool: an alert fires, is grouped, and is resolved by a recovery."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hooks import Hook, hook_server
from tests.integration.servers import free_port, running
from tests.integration.test_consumers import debian
from tests.support import Served, llmprobe

pytestmark = pytest.mark.integration


@pytest.fixture
def receiver() -> Iterator[Hook]:
    with hook_server() as hook:
        yield hook


@pytest.fixture
def alertmanager(tmp_path: Path, receiver: Hook) -> Iterator[str]:
    program, port = debian("prometheus-alertmanager", "prometheus-alertmanager"), free_port()
    config = tmp_path / "alertmanager.yml"
    config.write_text(
        "route: {receiver: hook, group_by: [provider], group_wait: 1s, group_interval: 1s, repeat_interval: 1h}\n"
        f"receivers: [{{name: hook, webhook_configs: [{{url: '{receiver.url}/', send_resolved: true}}]}}]\n"
    )
    command = [
        program, f"--config.file={config}", f"--storage.path={tmp_path / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
    ]  # fmt: skip
    with running(command, port, "/-/healthy", tmp_path / "log") as url:
        yield url


def alerts_of(url: str, *filters: str) -> list[Any]:
    """What amtool lists."""
    command = [debian("amtool", "prometheus-alertmanager"), f"--alertmanager.url={url}", "alert", "query"]
    done = subprocess.run([*command, "-o", "json", *filters], capture_output=True, text=True, check=True)
    found: list[Any] = json.loads(done.stdout)
    return found


def test_alertmanager_fires_groups_and_resolves(
    sim: Served, tmp_path: Path, alertmanager: str, receiver: Hook
) -> None:
    """Two targets of one vendor are one notification; the webhook that it sends has the shape of ours."""
    path = tmp_path / "llmprobe.toml"

    def check(behaviour: str) -> int:
        tables = [
            f'[targets.{name}]\nprovider = "simulator"\nbase_url = "{sim.at(behaviour)}"\nretries = 0\n'
            for name in ("a", "b")
        ]
        path.write_text("".join(tables) + f'[alerts]\nalertmanager = ["{alertmanager}"]\n')
        return llmprobe("check", "-c", str(path), "--db", str(tmp_path / "h.db"), "-q").returncode

    assert [check("overloaded"), check("server_error")] == [1, 1]
    listed = alerts_of(alertmanager, "alertname=LLMProbe")
    assert sorted(alert["labels"]["target"] for alert in listed) == ["a", "b"], "a new cause is no new alert"
    assert {alert["annotations"]["category"] for alert in listed} == {"server_error"}
    fired = awaited(receiver, 1)[0]
    assert (fired["status"], len(fired["alerts"])) == ("firing", 2)

    assert check("ok") == 0
    resolved = awaited(receiver, 2)[-1]
    assert (resolved["status"], len(resolved["alerts"])) == ("resolved", 2)
    assert alerts_of(alertmanager) == []
    check("overloaded")
    assert len(alerts_of(alertmanager)) == 2

    ours = our_document(sim, tmp_path)
    assert set(ours) == set(fired)
    assert set(ours["alerts"][0]) == set(fired["alerts"][0])


def our_document(sim: Served, tmp_path: Path) -> Any:
    with hook_server() as hook:
        llmprobe(
            "check", "--base-url", sim.at("overloaded"), "--dialect", "openai-chat", "-m", "m", "-q", "--db",
            str(tmp_path / "other.db"), "--webhook", hook.url, "--webhook-format", "alertmanager",
        )  # fmt: skip
        return hook.calls[0][2]


def awaited(receiver: Hook, count: int) -> list[Any]:
    ends = time.monotonic() + 30
    while len(receiver.calls) < count and time.monotonic() < ends:
        time.sleep(0.1)
    assert len(receiver.calls) >= count
    return [call[2] for call in receiver.calls]
