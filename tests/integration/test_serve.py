"""`llmprobe serve` with the programs that it is for: a browser, promtool, Prometheus, blackbox exporter beside it."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.integration.servers import free_port
from tests.integration.test_consumers import debian
from tests.serve_support import Serving, metrics_in, serving, toml
from tests.support import Served

pytestmark = pytest.mark.integration
TARGETS = {"good": "ok", "slow": "slow_first_token:300ms", "busy": "overloaded", "page": "html_502"}
_FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--hide-scrollbars",
]  # fmt: skip


@pytest.fixture
def served(sim: Served, tmp_path: Path) -> Iterator[Serving]:
    group = '[groups.chat]\nmembers = ["good", "busy"]\n'
    with serving(toml(tmp_path / "llmprobe.toml", sim.url, TARGETS, group), min_interval_s=0.001) as one:
        one.get("/probe?target=@all")
        yield one


def browse(tmp_path: Path, url: str, *flags: str) -> subprocess.CompletedProcess[str]:
    home = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    command = [debian("chromium", "chromium"), *_FLAGS, f"--user-data-dir={tmp_path}/profile", *flags, url]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=home)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [500, 1280, 3840])
def test_a_browser_shows_the_page_without_a_complaint(
    served: Serving, tmp_path: Path, width: int, dark: bool
) -> None:
    """Chromium's narrowest window is 500 pixels; nothing is wider than it."""
    picture = tmp_path / "shot.png"
    look = ["--blink-settings=preferredColorScheme=0"] if dark else []
    done = browse(
        tmp_path,
        served.url,
        f"--window-size={width},1200",
        "--timeout=4000",
        f"--screenshot={picture}",
        *look,
    )
    assert picture.stat().st_size > 20_000, done.stderr
    assert "CONSOLE" not in done.stderr
    assert "Refused to" not in done.stderr


def test_the_page_in_a_browser_is_live(served: Serving, tmp_path: Path) -> None:
    """What fails while it is open is said in its live region, by its own script, from its own server."""

    def reload_and_probe() -> None:
        time.sleep(3)
        served.get("/probe?target=busy&module=chat")

    thread = threading.Thread(target=reload_and_probe)
    thread.start()
    done = browse(tmp_path, served.url, "--timeout=8000", "--dump-dom")
    thread.join()
    assert '<p id="link" class="dim">live</p>' in done.stdout
    assert " ago</time>" in done.stdout
    assert "CONSOLE" not in done.stderr


@pytest.mark.parametrize(
    "path", ["/probe?target=good", "/probe?target=@all", "/probe?target=group:chat", "/metrics"]
)
def test_promtool_has_nothing_to_say(served: Serving, path: str) -> None:
    done = subprocess.run(
        [debian("promtool", "prometheus"), "check", "metrics"],
        input=served.get(path).text,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@contextmanager
def running(command: Sequence[str], ready: str) -> Iterator[None]:
    """A program, from when `ready` answers."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                if httpx.get(ready, trust_env=False).status_code == 200:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        yield
    finally:
        process.kill()
        process.wait()


def asked(url: str, query: str) -> dict[str, float]:
    """The values of a query by the label `instance`."""
    answer = httpx.get(f"{url}/api/v1/query", params={"query": query}, trust_env=False).json()
    return {one["metric"]["instance"]: float(one["value"][1]) for one in answer["data"]["result"]}


def test_prometheus_drives_it_as_it_drives_blackbox_exporter(served: Serving, tmp_path: Path) -> None:
    """The usual three rules of relabelling; two Prometheus servers would read the same."""
    port = free_port()
    address = served.url.removeprefix("http://")
    job = {
        "job_name": "llm",
        "metrics_path": "/probe",
        "static_configs": [{"targets": [*TARGETS, "group:chat"]}],
        "relabel_configs": [
            {"source_labels": ["__address__"], "target_label": "__param_target"},
            {"source_labels": ["__param_target"], "target_label": "instance"},
            {"target_label": "__address__", "replacement": address},
        ],
    }
    config = tmp_path / "prometheus.yml"
    config.write_text(
        json.dumps({"global": {"scrape_interval": "3s", "scrape_timeout": "3s"}, "scrape_configs": [job]})
    )
    url = f"http://127.0.0.1:{port}"
    command = [
        debian("prometheus", "prometheus"), f"--config.file={config}", f"--storage.tsdb.path={tmp_path}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    with running(command, f"{url}/-/ready"):
        found = _until_there(url, "probe_success", 5)
        up = asked(url, "up")
    assert found == {"good": 1, "slow": 1, "busy": 0, "page": 0, "group:chat": 1}
    assert set(up.values()) == {1}


def _until_there(url: str, query: str, count: int) -> Mapping[str, float]:
    for _ in range(100):
        if len(found := asked(url, query)) == count:
            return found
        time.sleep(0.2)
    raise AssertionError(f"{query}: only {found}")


def test_blackbox_exporter_says_the_same_of_the_same_target(
    served: Serving, sim: Served, tmp_path: Path
) -> None:
    port, config = free_port(), tmp_path / "blackbox.yml"
    config.write_text(
        '{"modules": {"http_2xx": {"prober": "http", "http": {"preferred_ip_protocol": "ip4"}}}}'
    )
    base = f"http://127.0.0.1:{port}"
    program = debian("prometheus-blackbox-exporter", "prometheus-blackbox-exporter")
    with running(
        [program, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}"], f"{base}/-/healthy"
    ):
        for name, behaviour in {"good": "ok", "page": "html_502"}.items():
            answer = httpx.get(
                f"{base}/probe",
                params={"module": "http_2xx", "target": f"{sim.url}/~{behaviour}/v1/models"},
                trust_env=False,
            )
            theirs = metrics_in(answer.text)
            ours = served.metrics(f"/probe?target={name}&module=models")
            for metric in ("probe_success", "probe_http_status_code"):
                assert ours[metric] == theirs[metric], (name, metric)
            phases = {labels["phase"] for labels, _ in theirs["probe_http_duration_seconds"]}
            assert phases == {labels["phase"] for labels, _ in ours["probe_http_duration_seconds"]}
