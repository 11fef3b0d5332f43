"""`llmprobe serve` with the programs that it is for: a browser and promtool."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.test_consumers import debian
from tests.serve_support import Serving, serving, toml
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
    began = time.monotonic()
    done = browse(tmp_path, served.url, "--timeout=8000", "--dump-dom")
    waited_s = time.monotonic() - began
    thread.join()
    if waited_s < 7:
        pytest.skip(f"the browser wrote the page after {waited_s:.1f} s, before its own timeout of 8 s")
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
