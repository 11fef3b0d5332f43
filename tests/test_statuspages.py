"""The vendors' own pages: recorded answers where they are at hand, our own cases, and real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llmprobe.model import Category, Fault, Status
from llmprobe.model.page import PageIncident, PageReading, PageState
from llmprobe.providers import providers
from llmprobe.providers.catalog import StatusPage
from llmprobe.reports.parts.pages import page_lines
from llmprobe.statuspages import read_page
from llmprobe.statuspages.feed import parse as parse_feed
from llmprobe.statuspages.interface import Claim, UnreadableError
from llmprobe.statuspages.others import betterstack, google, instatus
from llmprobe.statuspages.read import READERS
from llmprobe.statuspages.statuspage import parse
from tests.pages import PageServer, page_server
from tests.runs import result
from tests.support import ROOT, Served, llmprobe

NOW = 1_790_000_000.0
RECORDED = ROOT.parent / "shared" / "statuspage"
CLAUDE = ("Claude API (api.anthropic.com)",)
OPENAI = ("Chat Completions", "Responses", "Embeddings")


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("name", "wanted", "state", "component", "incidents"),
    [
        ("claude-api-partial-outage", CLAUDE, PageState.PARTIAL_OUTAGE, CLAUDE[0], 1),
        ("claude-console-degraded", CLAUDE, PageState.OPERATIONAL, CLAUDE[0], 0),
        ("claude-two-incidents", CLAUDE, PageState.DEGRADED, CLAUDE[0], 1),
        ("claude-operational", CLAUDE, PageState.OPERATIONAL, CLAUDE[0], 0),
        ("openai-incident", OPENAI, PageState.DEGRADED, "Chat Completions", 1),
        ("openai-operational", OPENAI, PageState.OPERATIONAL, "Embeddings", 0),
    ],
)
def test_recorded_pages(
    name: str, wanted: tuple[str, ...], state: PageState, component: str | None, incidents: int
) -> None:
    """The component beats the indicator; other products' incidents are not the API's; keys may be absent."""
    path = RECORDED / f"{name}.json"
    if not path.exists():
        pytest.skip("the recorded payloads are not beside this checkout")
    claim = parse(path.read_bytes(), wanted)
    assert (claim.state, claim.component, len(claim.incidents)) == (state, component, incidents)


def test_maintenances_alone_say_nothing_of_the_api() -> None:
    path = RECORDED / "claude-scheduled-maintenances.json"
    if not path.exists():
        pytest.skip("the recorded payloads are not beside this checkout")
    with pytest.raises(UnreadableError):
        parse(path.read_bytes(), CLAUDE)


def component(name: str, status: str, **more: str) -> dict[str, str]:
    return {"id": name.lower(), "name": name, "status": status, **more}


@pytest.mark.parametrize(
    ("page", "state"),
    [
        ({"status": {"indicator": "critical"}, "components": [component("API", "operational"), component("Web", "major_outage")]}, PageState.OPERATIONAL),
        ({"status": {"indicator": "none"}, "components": [component("API", "major_outage")]}, PageState.MAJOR_OUTAGE),
        ({"components": [component("API", "under_maintenance")]}, PageState.MAINTENANCE),
        ({"components": [component("API", "something_new")]}, PageState.UNKNOWN),
        ({"status": {"indicator": "none"}, "components": [component("Web", "operational")]}, PageState.OPERATIONAL),
        ({"status": {"indicator": "minor"}, "components": [component("Web", "partial_outage")]}, PageState.UNKNOWN),
        ({"components": [component("Web", "operational")]}, PageState.UNKNOWN),
    ],
)  # fmt: skip
def test_the_api_s_component_is_judged_not_the_page(page: dict[str, Any], state: PageState) -> None:
    assert parse(body(page), ["API"]).state is state


def test_a_page_without_a_component_of_ours_is_judged_as_a_whole() -> None:
    claim = parse(body({"status": {"indicator": "major"}, "components": []}), ())
    assert (claim.state, claim.component) == (PageState.PARTIAL_OUTAGE, None)


def test_the_newest_update_counts_whatever_its_place() -> None:
    updates = [{"created_at": "2026-08-05T07:06:00Z"}, {"created_at": "2026-08-05T13:08:34Z"}]
    page = {
        "components": [component("API", "degraded_performance")],
        "incidents": [{"name": "x", "status": "monitoring", "incident_updates": updates}],
    }
    [incident] = parse(body(page), ["API"]).incidents
    assert incident.updated_at_utc == 1785935314.0


@pytest.mark.parametrize(
    "junk",
    [
        b"<html>",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"components": "no", "incidents": 3}',
        b'{"components": [1, null]}',
    ],
)
def test_junk_is_unreadable_and_never_a_crash(junk: bytes) -> None:
    for _, reader in READERS.values():
        try:
            claim = reader(junk, ["API"])
        except UnreadableError:
            continue
        assert isinstance(claim, Claim)
    with pytest.raises(UnreadableError):
        parse(junk, ["API"])


def test_instatus_better_stack_and_google() -> None:
    issues = {
        "page": {"status": "HASISSUES"},
        "activeIncidents": [{"name": "slow", "status": "INVESTIGATING", "impact": "MAJOROUTAGE"}],
    }
    assert instatus(body(issues), ()).state is PageState.MAJOR_OUTAGE
    assert instatus(body({"page": {"status": "UP"}}), ()).state is PageState.OPERATIONAL
    report = {
        "type": "status_report",
        "attributes": {"title": "down", "starts_at": "2026-11-22T10:00:00Z", "ends_at": None},
    }
    stack = betterstack(
        body({"data": {"attributes": {"aggregate_state": "downtime"}}, "included": [report]}), ()
    )
    assert (stack.state, [i.title for i in stack.incidents]) == (PageState.MAJOR_OUTAGE, ["down"])
    vertex = {
        "external_desc": "errors",
        "begin": "2026-11-22T10:00:00Z",
        "status_impact": "SERVICE_DISRUPTION",
        "affected_products": [{"id": "Z0"}],
    }
    other = {**vertex, "affected_products": [{"id": "other"}]}
    over = {**vertex, "end": "2026-11-22T11:00:00Z"}
    assert google(body([vertex, other, over]), ["Z0"]).state is PageState.PARTIAL_OUTAGE
    assert google(body([other, over]), ["Z0"]).state is PageState.OPERATIONAL


RSS = """<?xml version="1.0"?><rss version="2.0"><channel>{}</channel></rss>"""


def item(title: str, text: str = "", at: str = "Sun, 22 Nov 2026 10:00:00 GMT") -> str:
    return f"<item><title>{title}</title><description>{text}</description><pubDate>{at}</pubDate></item>"


def test_a_feed_s_items_that_are_over_are_over() -> None:
    feed = RSS.format(
        item("Azure OpenAI: errors")
        + item("Azure OpenAI: errors", "This is resolved.")
        + item("Storage: errors")
    )
    assert [i.title for i in parse_feed(feed.encode(), ["Azure OpenAI"]).incidents] == [
        "Azure OpenAI: errors"
    ]
    assert parse_feed(RSS.format("").encode(), ()).state is PageState.OPERATIONAL


def test_a_feed_with_entities_is_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><rss><channel><item><title>&a;</title></item></channel></rss>'
    with pytest.raises(UnreadableError):
        parse_feed(bomb, ())


# Reading over sockets


@pytest.fixture
def page() -> Iterator[PageServer]:
    with page_server() as server:
        yield server


def read(url: str, kind: str = "statuspage", now: float = NOW, **more: Any) -> PageReading:
    return asyncio.run(read_page("p", "Vendor", StatusPage(url, kind, ("API",), **more), lambda: now))


FINE = {"components": [component("API", "operational", updated_at="2026-09-21T12:53:20Z")]}


def test_a_page_over_a_socket_and_over_a_redirect(page: PageServer) -> None:
    page.serve("/api/v2/summary.json", FINE)
    page.redirect("/old/api/v2/summary.json", "/api/v2/summary.json")
    for path in ("", "/old", "/"):
        found = read(page.url + path)
        assert (found.state, found.component, found.problem) == (PageState.OPERATIONAL, "API", None)
    assert found.changed_at_utc is not None
    assert found.changed_at_utc < NOW


@pytest.mark.parametrize(
    ("status", "answer", "headers", "says"),
    [
        (405, {}, {}, "it answered HTTP 405"),
        (200, "<html>", {}, "it is not JSON"),
        (200, FINE, {"age": "7200"}, "it is frozen: this copy is 120 min old"),
        (200, {"components": [component("API", "degraded_performance")], "incidents": [{"name": "x", "status": "identified", "updated_at": "2026-09-01T00:00:00Z"}]}, {}, "it seems frozen"),
    ],
)  # fmt: skip
def test_a_page_that_says_nothing_says_why(
    page: PageServer, status: int, answer: Any, headers: dict[str, str], says: str
) -> None:
    page.serve("/api/v2/summary.json", answer, status=status, headers=headers)
    found = read(page.url)
    assert found.state is PageState.UNKNOWN
    assert says in str(found.problem)


def test_a_page_that_is_not_there_says_so() -> None:
    assert read("http://127.0.0.1:9").problem == "it could not be reached (connect)"
    assert "no form that a program can read" in str(read("http://x", "html").problem)


def test_a_feed_elsewhere_is_read_there(page: PageServer) -> None:
    page.serve("/feed.xml", RSS.format(item("API: errors", at="Mon, 21 Sep 2026 12:00:00 GMT")))
    found = read("http://127.0.0.1:9", "rss", feed=f"{page.url}/feed.xml")
    assert (found.state, found.url) == (PageState.DEGRADED, "http://127.0.0.1:9")
    assert (
        read("http://127.0.0.1:9", "rss", feed=f"{page.url}/feed.xml", now=NOW + 30 * 86400).state
        is PageState.OPERATIONAL
    )


def test_every_page_of_the_catalogue_has_a_reader_or_says_that_it_has_none() -> None:
    for provider in providers().values():
        if provider.status is not None:
            assert provider.status.kind in {*READERS, "html"}, provider.id


# Beside the measurement


def reading(state: PageState, **more: Any) -> PageReading:
    return PageReading(
        "anthropic",
        "Anthropic",
        "https://status.example",
        state,
        NOW,
        "Claude API",
        changed_at_utc=NOW - 180,
        **more,
    )


@pytest.mark.parametrize(
    ("state", "verdict", "words"),
    [
        (PageState.OPERATIONAL, (Status.FAILED, Category.OVERLOADED, Fault.PROVIDER), "says operational (Claude API), last change 3 min ago; we disagree"),
        (PageState.PARTIAL_OUTAGE, (Status.FAILED, Category.OVERLOADED, Fault.PROVIDER), "says partial outage (Claude API), last change 3 min ago; we agree"),
        (PageState.DEGRADED, (Status.HEALTHY, Category.OK, None), "says degraded (Claude API), last change 3 min ago; from here it works"),
        (PageState.OPERATIONAL, (Status.HEALTHY, Category.OK, None), "says operational (Claude API), last change 3 min ago; that fits"),
        (PageState.OPERATIONAL, (Status.FAILED, Category.AUTH, Fault.CLIENT), "says operational (Claude API), last change 3 min ago"),
    ],
)  # fmt: skip
def test_the_page_stands_beside_the_measurement(
    state: PageState, verdict: tuple[Any, Any, Any], words: str
) -> None:
    status, category, fault = verdict
    [line] = page_lines(reading(state), [result("claude", status, category, fault)])
    assert line == f"Anthropic's page {words}"


def test_open_incidents_are_told_with_their_age() -> None:
    incident = PageIncident("Elevated errors", "identified", "major", NOW - 2400, NOW - 300)
    lines = list(page_lines(reading(PageState.DEGRADED, incidents=(incident,)), []))
    assert lines[1] == "  open for 40 min: Elevated errors (identified, last word 5 min ago)"


@pytest.fixture
def config(sim: Served, page: PageServer, tmp_path: Path) -> Path:
    page.serve("/api/v2/summary.json", {"status": {"indicator": "none"}, "components": []})
    path = tmp_path / "llmprobe.toml"
    path.write_text(
        f'[targets.a]\nprovider = "simulator"\nbase_url = "{sim.at("overloaded")}"\nretries = 0\nstatus_page = "{page.url}"\n'
    )
    return path


def test_check_with_status_never_lets_the_page_overrule(config: Path) -> None:
    done = llmprobe("check", "-c", str(config), "--with-status")
    document = json.loads(llmprobe("check", "-c", str(config), "--with-status", "-f", "json").stdout)
    assert done.returncode == 1
    assert "Simulator's page says operational; we disagree" in done.stdout
    assert document["status_pages"][0]["state"] == "operational"
    assert document["status"] == "failed"


def test_the_status_command(config: Path, page: PageServer) -> None:
    fine = llmprobe("status", "-c", str(config))
    assert (fine.returncode, "Simulator  operational" in fine.stdout) == (0, True)
    page.serve(
        "/api/v2/summary.json",
        {"status": {"indicator": "major"}, "incidents": [{"name": "Down", "status": "identified"}]},
    )
    bad = llmprobe("status", "a", "-c", str(config), "-f", "json")
    assert bad.returncode == 1
    assert json.loads(bad.stdout)["status_pages"][0]["incidents"][0]["title"] == "Down"
    assert "open: Down (identified)" in llmprobe("status", "a", "-c", str(config)).stdout
    wrong = llmprobe("status", "antropic")
    assert (wrong.returncode, 'did you mean "anthropic"?' in wrong.stderr) == (2, True)
