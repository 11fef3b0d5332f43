"""`llmprobe serve` with the programs that it is for: a browser and promtool."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.browser import browse, opened
from tests.integration.test_consumers import debian
from tests.serve_support import Serving, serving, toml
from tests.support import Served

pytestmark = pytest.mark.integration
TARGETS = {"good": "ok", "slow": "slow_first_token:300ms", "busy": "overloaded", "page": "html_502"}


@pytest.fixture
def served(sim: Served, tmp_path: Path) -> Iterator[Serving]:
    group = '[groups.chat]\nmembers = ["good", "busy"]\n'
    with serving(toml(tmp_path / "llmprobe.toml", sim.url, TARGETS, group), min_interval_s=0.001) as one:
        one.get("/probe?target=@all")
        yield one


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [500, 1280, 3840])
def test_a_browser_shows_the_page_without_a_complaint(
    served: Serving, tmp_path: Path, width: int, dark: bool
) -> None:
    """Chromium's narrowest window is 500 pixels; nothing is wider than it."""
    picture = tmp_path / "shot.png"
    look = ["--blink-settings=preferredColorScheme=0"] if dark else []
    done = browse(
        debian("chromium", "chromium"),
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
    with opened(debian("chromium", "chromium"), tmp_path, served.url) as page:
        assert page.until('document.getElementById("link")?.textContent === "live"')
        assert page.until(
            '[...document.querySelectorAll("time")].some(one => one.textContent.endsWith(" ago"))'
        )
        said = page.value('document.querySelector("[aria-live]").textContent')
        served.get("/probe?target=busy&module=chat")
        assert page.until(f'document.querySelector("[aria-live]").textContent !== {json.dumps(said)}')
        assert "busy" in page.value('document.querySelector("[aria-live]").textContent')
    assert "CONSOLE" not in (tmp_path / "stderr.txt").read_text()


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
