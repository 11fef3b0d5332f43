"""`llmprobe serve`, Prometheus and Alertmanager with the example's own files, at the pace of a test."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import yaml

from tests.docs import EXAMPLES
from tests.integration.servers import free_port, running, unpacked
from tests.integration.test_consumers import debian

T = TypeVar("T")
_PATIENCE_S = 60.0


class Prometheus:
    """One that runs; `url` is its own."""

    def __init__(self, url: str) -> None:
        self.url = url

    def query(self, expression: str) -> list[Any]:
        """An instant query's samples. A wrong expression is an HTTP error, which raises."""
        found = self._get(f"/api/v1/query?{urllib.parse.urlencode({'query': expression})}")
        assert found["status"] == "success", found
        samples: list[Any] = found["data"]["result"]
        return samples

    def alerts(self, name: str) -> list[Any]:
        """The alerts of a rule that fire."""
        alerts = self._get("/api/v1/alerts")["data"]["alerts"]
        return [a for a in alerts if a["labels"]["alertname"] == name and a["state"] == "firing"]

    def _get(self, path: str) -> Any:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.url + path, timeout=10) as answer:
            return json.load(answer)


def awaited(ask: Callable[[], T], wanted: Callable[[T], bool] = bool) -> T:
    """What comes of asking, once it is as wanted."""
    ends = time.monotonic() + _PATIENCE_S
    while not wanted(found := ask()):
        assert time.monotonic() < ends, found
        time.sleep(0.2)
    return found


@contextmanager
def prometheus(
    folder: Path, serve_url: str, targets: Mapping[str, Mapping[str, str]], alertmanager_url: str
) -> Iterator[Prometheus]:
    """With the example's scrape configuration and rules; `targets` and their labels instead of its own."""
    serve, port = serve_url.removeprefix("http://"), free_port()
    config = yaml.safe_load((EXAMPLES / "prometheus" / "prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] = [
        alertmanager_url.removeprefix("http://")
    ]
    probes, own = config["scrape_configs"]
    probes["static_configs"] = [{"targets": [name], "labels": dict(of)} for name, of in targets.items()]
    probes["relabel_configs"][-1]["replacement"] = serve
    own["static_configs"] = [{"targets": [serve]}]
    for name in config["rule_files"]:
        _quick_rules(EXAMPLES / "prometheus" / name, folder / name)
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    command = [
        unpacked("prometheus", "prometheus"), f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}", f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    with running(command, port, "/-/ready", folder / "prometheus.log") as url:
        yield Prometheus(url)


@contextmanager
def alertmanager(folder: Path, receivers: Mapping[str, str]) -> Iterator[str]:
    """With the example's routes; `receivers` are the addresses of its own by their names."""
    port = free_port()
    config = yaml.safe_load((EXAMPLES / "alertmanager.yml").read_text())
    config["route"] |= {"group_wait": "2s", "group_interval": "1s"}
    for receiver in config["receivers"]:
        receiver["webhook_configs"] = [{"url": receivers[receiver["name"]], "send_resolved": True}]
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(config))
    command = [
        debian("prometheus-alertmanager", "prometheus-alertmanager"),
        f"--config.file={folder / 'alertmanager.yml'}", f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
    ]  # fmt: skip
    with running(command, port, "/-/ready", folder / "alertmanager.log") as url:
        yield url


@contextmanager
def blackbox(folder: Path, module: Mapping[str, Any]) -> Iterator[str]:
    """Debian's blackbox exporter with one module, `http`."""
    port = free_port()
    (folder / "blackbox.yml").write_text(yaml.safe_dump({"modules": {"http": dict(module)}}))
    command = [
        unpacked("prometheus-blackbox-exporter", "prometheus-blackbox-exporter"),
        f"--config.file={folder / 'blackbox.yml'}", f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    with running(command, port, "/-/healthy", folder / "blackbox.log") as url:
        yield url


def _quick_rules(source: Path, target: Path) -> None:
    """The same rules with a second to wait instead of minutes."""
    groups = yaml.safe_load(source.read_text())
    rules: Sequence[dict[str, Any]] = [rule for group in groups["groups"] for rule in group["rules"]]
    for rule in rules:
        if "for" in rule:
            rule["for"] = "1s"
    target.write_text(yaml.safe_dump(groups))
