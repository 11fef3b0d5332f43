"""The page of `llmprobe serve`, as a browser and a screen reader would get it."""

from __future__ import annotations

import json
import re
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import html

from llmprobe.model import Category, ProbeKind, Result, Status
from llmprobe.monitor.board import CELLS, Board, Part
from llmprobe.monitor.unrecorded import Unrecorded
from llmprobe.serving.rows import row
from tests.hostile.leaks import leaked
from tests.serve_support import Serving, serving, toml
from tests.support import Served
from tests.test_canary import CANARY, echo

assert echo
KEY = ("t", ProbeKind.STREAM)
GROUP = '[groups.chat]\nmembers = ["good", "busy"]\n'


@pytest.fixture
def served(sim: Served, tmp_path: Path) -> Iterator[Serving]:
    config = toml(tmp_path / "llmprobe.toml", sim.url, {"good": "ok", "busy": "overloaded"}, GROUP)
    with serving(config, min_interval_s=0.001) as one:
        yield one


def parsed(text: str) -> Any:
    """The document, for XPath."""
    return html.fromstring(text)


def events(served: Serving, seconds: float) -> list[tuple[str, str]]:
    """What a page hears within a while, as (event, data)."""
    found: list[tuple[str, str]] = []
    until = time.monotonic() + seconds
    with httpx.stream("GET", f"{served.url}/events", timeout=seconds, trust_env=False) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        name = ""
        try:
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    found.append((name, json.loads(line[6:])))
                if time.monotonic() > until:
                    break
        except httpx.ReadTimeout:
            pass
    return found


def test_the_page_says_what_works_and_whose_side_it_is_on(served: Serving) -> None:
    assert "not probed yet" in served.get("/").text
    served.get("/probe?target=@all")
    page = parsed(served.get("/").text)
    rows = {
        row.xpath(".//span[@class='name']/text()")[0].strip(): row
        for row in page.xpath("//li[contains(@class,'target')]")
    }
    assert "1 of 2 healthy" in page.xpath("string(//h1)")
    assert rows["good"].get("class") == "target healthy"
    assert "overloaded" in rows["busy"].text_content()
    assert "their side" in rows["busy"].text_content()
    assert "1 of 2 work, 1 needed" in page.xpath("string(//section[@id='groups'])")
    assert rows["good"].xpath(".//*[name()='svg'][@class='flow']")
    assert "overloaded" in page.xpath("string(//section[@id='incidents'])")


def test_the_page_has_landmarks_a_live_region_and_words_for_its_pictures(served: Serving) -> None:
    served.get("/probe?target=@all")
    page = parsed(served.get("/").text)
    assert page.get("lang") == "en"
    assert (
        len(page.xpath("//main"))
        == len(page.xpath("//header"))
        == len(page.xpath("//footer"))
        == len(page.xpath("//h1"))
        == 1
    )
    assert page.xpath("//*[@aria-live='polite'][@role='status']")
    assert all(picture.get("aria-label") for picture in page.xpath("//*[name()='svg']"))
    assert all(
        section.get("aria-label") or section.get("aria-labelledby") for section in page.xpath("//section")
    )
    assert page.xpath("//a[@class='skip']/@href") == ["#targets"]
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_the_policy_lets_our_style_and_script_run_and_nothing_else(served: Serving) -> None:
    answer = served.get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    for kind in ("style", "script"):
        texts = re.findall(f"<{kind}>(.*?)</{kind}>", answer.text, re.S)
        assert len(texts) == 1
        assert f"{kind}-src 'sha256-{b64encode(sha256(texts[0].encode()).digest()).decode()}'" in policy
    assert " style=" not in answer.text
    assert not re.search(r'\son\w+="', answer.text)


def test_the_page_asks_no_other_machine_for_anything(served: Serving) -> None:
    served.get("/probe?target=@all")
    page = parsed(served.get("/").text)
    wanted = page.xpath("//@src | //@href | //@action")
    assert all(re.match(r"#|data:image/svg\+xml,|metrics$", address) for address in wanted), wanted
    assert "@import" not in page.xpath("string(//style)")
    assert "url(" not in page.xpath("string(//style)")


def test_what_a_server_says_is_text_and_no_markup() -> None:
    board = Board()
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    result = Result(
        hostile, "p", "d", hostile, ProbeKind.STREAM, hostile, Status.FAILED, Category.SERVER_ERROR, None, None,
        hostile, hint=hostile, notes=(hostile,), answered_model=hostile,
    )  # fmt: skip
    board.put((hostile, ProbeKind.STREAM), result, 1_700_000_000.0, 0.1)
    told = row((hostile, ProbeKind.STREAM), board[hostile, ProbeKind.STREAM], hostile, None, None)
    element = parsed(told)
    assert not element.xpath("//script | //img")
    assert hostile in element.text_content()


def test_a_page_hears_of_each_probe_and_of_what_begins_to_fail(served: Serving) -> None:
    def probe_later() -> None:
        time.sleep(0.5)
        served.get("/probe?target=busy")

    thread = threading.Thread(target=probe_later)
    thread.start()
    found = events(served, 2.5)
    thread.join()
    assert [name for name, _ in found[:4]] == ["part", "part", "part", "title"]
    assert any(name == "part" and data.startswith("<li") and "overloaded" in data for name, data in found)
    assert ("news", "busy: overloaded (their side)") in found
    assert any(name == "title" and "overloaded" in data for name, data in found)


def test_pages_that_listen_do_not_keep_it_from_ending(sim: Served, tmp_path: Path) -> None:
    heard, ended = threading.Event(), threading.Event()

    def listen(url: str) -> None:
        with httpx.stream("GET", f"{url}/events", timeout=30, trust_env=False) as answer:
            for _ in answer.iter_lines():
                heard.set()
        ended.set()

    with serving(toml(tmp_path / "c.toml", sim.url, {"good": "ok"})) as served:
        listener = threading.Thread(target=listen, args=(served.url,))
        listener.start()
        assert heard.wait(20)
        began = time.monotonic()
    assert time.monotonic() - began < 4
    assert ended.wait(10)
    listener.join()


def test_a_row_remembers_its_last_checks_and_since_when_it_fails() -> None:
    board = Board()
    good = Result("t", "p", "d", "m", ProbeKind.STREAM, "", Status.HEALTHY, Category.OK, None, None, "")
    bad = Result("t", "p", "d", "m", ProbeKind.STREAM, "", Status.FAILED, Category.OVERLOADED, None, None, "")
    late = Result("t", "p", "d", "m", ProbeKind.STREAM, "", Status.SKIPPED, Category.DEADLINE, None, None, "")
    for at, result in enumerate([good] * 100 + [bad, late, bad]):
        board.put(KEY, result, float(at), 0.1)
    standing = board[KEY]
    assert len(standing.cells) == CELLS
    assert standing.since_utc == 100.0
    assert standing.verdict is bad


def test_a_listener_that_falls_behind_is_told_to_look_at_everything() -> None:
    board = Board()
    with board.listening() as queue:
        for _ in range(2000):
            board.tell(KEY)
        told = [queue.get_nowait() for _ in range(queue.qsize())]
    assert Part.ALL in told
    assert len(told) <= 1000


def test_incidents_are_known_without_a_history_by_the_same_hysteresis() -> None:
    bad = Result(
        "t", "p", "d", "m", ProbeKind.STREAM, "", Status.FAILED, Category.OVERLOADED, None, None, "why"
    )
    found = Unrecorded()
    turns = [
        found.hear(KEY, bad, float(at), bad=is_bad, confirm=2, recover=2)
        for at, is_bad in enumerate([True, False, True, True, False, False])
    ]
    assert turns == [False, False, False, True, False, True]
    (incident,) = found.incidents
    assert (incident.opened_at_utc, incident.closed_at_utc) == (2.0, 4.0)


def test_a_new_process_knows_the_checks_pauses_and_incidents_of_the_one_before(
    sim: Served, tmp_path: Path
) -> None:
    history = f'[history]\nrecord = true\npath = "{tmp_path / "history.db"}"\n'
    config = toml(tmp_path / "c.toml", sim.url, {"busy": "overloaded", "limited": "rate_limited:60"}, history)
    with serving(config) as first:
        first.get("/probe?target=@all")
    before = sim.simulator.requests
    with serving(config) as second:
        page = parsed(second.get("/").text)
        assert len(page.xpath("//*[name()='rect'][@class='failed']")) == 2
        assert "overloaded" in page.xpath("string(//section[@id='incidents'])")
        second.get("/probe?target=limited")
    assert sim.simulator.requests == before


@pytest.mark.parametrize(
    "path", ["/", "/probe?target=a", "/probe?target=a&debug=true", "/metrics", "/probe?target=aa"]
)
def test_no_face_shows_a_key_that_a_server_repeats(echo: str, tmp_path: Path, path: str) -> None:
    config = tmp_path / "llmprobe.toml"
    config.write_text(
        f'[targets.a]\ndialect = "openai-chat"\nbase_url = "{echo}/v1"\nmodel = "m"\napi_key = "{CANARY}"\nproxy = ""\nretries = 0\n'
    )
    with serving(config, every_s=60) as served:
        served.get("/probe?target=a")
        assert not leaked(CANARY, served.get(path).content)
        assert not leaked(CANARY, "".join(data for _, data in events(served, 1)).encode())
        assert not any(leaked(CANARY, note.encode()) for note in served.notes)
