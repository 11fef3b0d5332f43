"""Debian's own Prometheus drives `serve` by the example's files: it scrapes, a rule fires, a recovery resolves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from llmprobe.simulator.server import certificate_authority
from tests.hooks import Hook, hook_server
from tests.integration.prometheus_stack import Prometheus, alertmanager, awaited, prometheus
from tests.integration.servers import free_port
from tests.serve_support import Serving, serving
from tests.support import Background, Served
from tests.test_monitoring_examples import DASHBOARD

pytestmark = pytest.mark.integration
VARIABLES = {"$target": ".*", "$window": "10s", "$__rate_interval": "10s"}
OWNERS = {
    "steady": {"owner": "search"},
    "one": {"owner": "search"},
    "two": {"owner": "search"},
    "key": {"owner": "billing"},
    "group:chat": {"owner": "platform"},
}


class Stack:
    """All that runs. `say` makes the targets `one`, `two` and `key` behave as told."""

    def __init__(
        self, server: Prometheus, served: Serving, hooks: dict[str, Hook], write: Callable[..., None]
    ) -> None:
        self.prometheus = server
        self.served = served
        self.hooks = hooks
        self._write = write

    def say(self, **behaviours: str) -> None:
        self._write(**behaviours)
        answer = self.served.post("/-/reload")
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder, background = tmp_path_factory.mktemp("prometheus"), Background()
    plain, secure = Served(background), Served(background, certificate="trusted")
    ca, config = folder / "ca.pem", folder / "llmprobe.toml"
    ca.write_text(certificate_authority())

    def write(one: str = "ok", two: str = "ok", key: str = "ok") -> None:
        urls = {"one": plain.at(one), "two": plain.at(two), "key": plain.at(key), "steady": secure.at("ok")}
        tables = [
            f'[targets.{name}]\nprovider = "simulator"\nbase_url = "{url}"\nca_bundle = "{ca}"\n'
            for name, url in urls.items()
        ]
        head = '[serve]\nmin_interval = "500ms"\n[defaults]\nproxy = ""\nretries = 0\n'
        config.write_text(head + "".join(tables) + '[groups.chat]\nmembers = ["one", "two"]\n')

    write()
    with (
        hook_server() as team,
        hook_server() as pager,
        hook_server() as network,
        alertmanager(folder, {"team": team.url, "pager": pager.url, "network": network.url}) as alerts,
        serving(config) as served,
        prometheus(folder, served.url, OWNERS, alerts) as server,
    ):
        yield Stack(server, served, {"team": team, "pager": pager, "network": network}, write)
    plain.close()
    secure.close()
    background.close()


def notices(hook: Hook, status: str, alertname: str) -> list[Any]:
    """What Alertmanager has posted of one alert."""
    posted = [call[2] for call in hook.calls]
    return [p for p in posted if p["status"] == status and p["commonLabels"].get("alertname") == alertname]


def state(stack: Stack) -> dict[str, float]:
    found = stack.prometheus.query("target:llmprobe_state:worst")
    return {one["metric"]["target"]: float(one["value"][1]) for one in found}


def test_a_rule_fires_alertmanager_groups_and_a_recovery_resolves(stack: Stack) -> None:
    """An overload of two targets at one vendor is one message to the team; the group that is down is one to the pager."""
    stack.say()
    awaited(lambda: state(stack), lambda found: found == dict.fromkeys(("steady", "one", "two", "key"), 3))
    stack.say(one="overloaded", two="overloaded", key="auth")

    [fired, *_] = awaited(
        lambda: [
            n for n in notices(stack.hooks["team"], "firing", "LLMTargetFailing") if len(n["alerts"]) == 2
        ]
    )
    assert (
        fired["commonLabels"].items()
        >= {"provider": "simulator", "fault": "provider", "owner": "search"}.items()
    )
    assert fired["commonAnnotations"]["category"] == "overloaded"
    assert {alert["labels"]["target"] for alert in fired["alerts"]} == {"one", "two"}
    [rejected, *_] = awaited(lambda: notices(stack.hooks["pager"], "firing", "LLMTargetFailing"))
    assert (
        rejected["commonLabels"].items() >= {"target": "key", "fault": "client", "owner": "billing"}.items()
    )
    [down, *_] = awaited(lambda: notices(stack.hooks["pager"], "firing", "LLMGroupDown"))
    assert down["commonLabels"].items() >= {"group": "chat", "owner": "platform"}.items()

    stack.say()
    awaited(lambda: notices(stack.hooks["pager"], "resolved", "LLMGroupDown"))
    over = awaited(lambda: notices(stack.hooks["team"], "resolved", "LLMTargetFailing"))
    assert {a["status"] for a in over[-1]["alerts"]} == {"resolved"}
    awaited(lambda: stack.prometheus.alerts("LLMTargetFailing"), lambda firing: not firing)
    assert not stack.hooks["network"].calls


def test_each_query_of_the_dashboard_returns_data(stack: Stack) -> None:
    """With one target that works, over TLS, and one that fails."""
    stack.say(one="overloaded")
    awaited(lambda: state(stack), lambda found: found.get("one") == 1)
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            assert awaited(partial(numbers, stack.prometheus, target["expr"])), panel["title"]


def numbers(server: Prometheus, expression: str) -> list[Any]:
    """What a panel would draw, with its variables at their defaults."""
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    assert "$" not in expression
    return [sample for sample in server.query(expression) if sample["value"][1] != "NaN"]


def test_what_is_recorded_says_what_happens(stack: Stack) -> None:
    stack.say(one="overloaded", key="auth")
    wanted = {"one": 1.0, "key": 1.0, "two": 3.0, "steady": 3.0}
    awaited(lambda: state(stack), lambda found: found == wanted)
    sides = awaited(
        lambda: {
            one["metric"]["fault"]: float(one["value"][1])
            for one in stack.prometheus.query("fault:llmprobe_failing_targets:count")
        },
        lambda found: len(found) == 2,
    )
    assert sides == {"provider": 1, "client": 1}
    p95 = awaited(lambda: stack.prometheus.query("target:llmprobe_ttft_seconds:p95_1h"))
    assert {one["metric"]["target"] for one in p95} >= {"two", "steady"}


def test_a_pair_of_servers_costs_one_probe(tmp_path: Path) -> None:
    """Both scrape each second, and both have the verdict; the vendor was asked once in the interval."""
    background = Background()
    simulator = Served(background)
    config = tmp_path / "llmprobe.toml"
    config.write_text(
        f'[serve]\nmin_interval = "10m"\n[targets.claude]\nprovider = "simulator"\n'
        f'base_url = "{simulator.url}"\nproxy = ""\n'
    )
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
    nobody = f"http://127.0.0.1:{free_port()}"
    with (
        serving(config) as served,
        prometheus(folders[0], served.url, {"claude": {}}, nobody) as first,
        prometheus(folders[1], served.url, {"claude": {}}, nobody) as second,
    ):
        for server in (first, second):
            awaited(partial(server.query, 'probe_success{instance="claude"} == 1'))
            awaited(partial(server.query, 'llmprobe_result_age_seconds{instance="claude"} > 0'))
        asked = awaited(partial(first.query, "llmprobe_guard_hits_total{reason='interval'} > 3"))
    assert asked
    assert simulator.simulator.requests == 1
    simulator.close()
    background.close()
