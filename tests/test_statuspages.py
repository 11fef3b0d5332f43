"""The vendors' own pages: recorded answers where they are at hand, our own cases, and real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmprobe.model import Category, Fault, Status
from llmprobe.model.page import PageIncident, PageReading, PageState
from llmprobe.providers import providers
from llmprobe.providers.catalog import StatusPage
from llmprobe.reports import Look
from llmprobe.reports.documents.status import text as status_text
from llmprobe.reports.parts.pages import page_lines
from llmprobe.statuspages import page_of, read_page
from llmprobe.statuspages.feed import parse as parse_feed
from llmprobe.statuspages.interface import MOST_INCIDENTS, Claim, UnreadableError
from llmprobe.statuspages.kinds import KINDS, understood
from tests.pages import PageServer, page_server
from tests.runs import result
from tests.support import ROOT, Served, a_target, llmprobe

NOW = 1_790_000_000.0
RECORDED = ROOT.parent / "shared" / "statuspage"
CLAUDE = ("Claude API (api.anthropic.com)",)
OPENAI = ("Chat Completions", "Responses", "Embeddings")


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


UP, DEGRADED, PARTIAL, UNKNOWN = (
    PageState.OPERATIONAL, PageState.DEGRADED, PageState.PARTIAL_OUTAGE, PageState.UNKNOWN
)  # fmt: skip
FINE_PAYLOADS: list[tuple[str, tuple[str, ...], PageState, str | None, int]] = [
    ("claude-api-partial-outage.json", CLAUDE, PARTIAL, CLAUDE[0], 1),
    ("claude-console-degraded.json", CLAUDE, UP, CLAUDE[0], 0),
    ("claude-two-incidents.json", CLAUDE, DEGRADED, CLAUDE[0], 1),
    ("claude-operational.json", CLAUDE, UP, CLAUDE[0], 0),
    ("openai-incident.json", OPENAI, DEGRADED, "Chat Completions", 1),
    ("openai-operational.json", OPENAI, UP, "Embeddings", 0),
    ("statuspage-kilo-gateway-fine.json", ("Kilo AI Gateway",), UP, "Kilo AI Gateway", 0),
    ("statuspage-cloudflare-replicate.json", ("Replicate",), UP, "Replicate", 0),
    ("statuspage-github-incident-indicator-none.json", ("API Requests",), UP, None, 1),
    ("rootly-documented-status.json", (), UP, None, 0),
    ("incidentio-poe-components.json", ("api.poe.com",), UP, "api.poe.com", 0),
    ("incidentio-openai-widget-idle.json", OPENAI, UP, None, 0),
    ("incidentio-openai-widget-ongoing-constructed.json", OPENAI, UP, None, 0),
    ("incidentio-openai-widget-ongoing-constructed.json", ("Images",), PageState.MAJOR_OUTAGE, "Images", 1),
    ("incidentio-openai-widget-ongoing-constructed.json", ("Codex Web",), PageState.MAINTENANCE, "Codex Web", 1),
    ("incidentio-fireworks-page-summary.json", (), UP, None, 0),
    ("incidentio-perplexity-no-api.json", ("API",), UNKNOWN, None, 0),
    ("instatus-perplexity-up.json", (), UP, None, 0),
    ("instatus-perplexity-components.json", ("API",), UP, "API", 0),
    ("betterstack-together-operational.json", (), UP, None, 0),
    ("betterstack-together-operational.json", ("Kimi K3",), UP, "Kimi K3", 0),
    ("betterstack-resolved-without-end.json", (), UP, None, 0),
    ("gcp-incidents-closed.json", ("Z0FZJAMvEB4j3NbCJs6B",), UP, None, 0),
    ("gcp-incidents-vertex-gemini.json", ("Z0FZJAMvEB4j3NbCJs6B",), UP, None, 0),
    ("gcp-incident-workspace-open.json", ("prPt2Yra2CbGsbEm9cpC",), DEGRADED, None, 1),
    ("gcp-incident-workspace-open.json", ("Z0FZJAMvEB4j3NbCJs6B",), UP, None, 0),
    ("google-aistudio-incidents.json", (), DEGRADED, "Gemini API", 1),
    ("aws-currentevents.json", ("bedrock-us-east-1",), UP, "bedrock-us-east-1", 0),
    ("aws-currentevents.json", ("bedrock-me-south-1",), PageState.MAJOR_OUTAGE, "bedrock-me-south-1", 1),
    ("aws-currentevents.json", ("bedrock-{region}",), UNKNOWN, None, 0),
    ("aws-currentevents.json", ("sts-us-west-2",), UP, "sts-us-west-2", 0),
    ("aws-currentevents-status-changes.json", ("route53",), UP, "route53", 0),
    ("aws-currentevents-status-changes.json", ("aps",), PageState.MAJOR_OUTAGE, "aps", 1),
    ("aws-all-services.rss", ("bedrock-us-east-1", "multipleservices-us-east-1"), UP, None, 0),
    ("aws-all-services.rss", ("multipleservices-me-south-1",), PARTIAL, None, 2),
    ("azure-feed-quiet.xml", ("Azure OpenAI",), UP, None, 0),
    ("azure-status-page-rows.html", ("Azure OpenAI Service",), UP, "Azure OpenAI Service", 0),
    ("xai-feed.xml", (), UP, None, 0),
    ("flashcat-deepseek-active.json", (), UP, None, 0),
    ("flashduty-deepseek-widget.json", (), UP, None, 0),
    ("checkly-mistral-uptime.json", ("Chat Completions API",), UP, None, 0),
    ("datadog-openrouter.json", ("Chat (/api/v1/chat/completions)",), UP, "Chat (/api/v1/chat/completions)", 0),
    ("cachet-component.json", ("Bosch IoT Things (EU-1)",), UP, "Bosch IoT Things (EU-1)", 0),
    ("statusio-neon-shape.json", (), UP, None, 0),
]  # fmt: skip
WITHOUT_STATE = ("claude-scheduled-maintenances.json", "aws-services-bedrock.json")


@pytest.mark.parametrize(("name", "wanted", "state", "component", "incidents"), FINE_PAYLOADS)
def test_recorded_pages(
    name: str, wanted: tuple[str, ...], state: PageState, component: str | None, incidents: int
) -> None:
    """
    Whatever the kind, read off the answer: the component beats the indicator, other products' and other
    regions' incidents are not the API's, keys may be absent, what is over is over.
    """
    path = RECORDED / name
    if not path.exists():
        pytest.skip("the recorded payloads are not beside this checkout")
    claim = understood(path.read_bytes(), wanted)
    assert (claim.state, claim.component, len(claim.incidents)) == (state, component, incidents)


@pytest.mark.parametrize("name", WITHOUT_STATE)
def test_a_page_without_a_state_says_nothing_of_the_api(name: str) -> None:
    path = RECORDED / name
    if not path.exists():
        pytest.skip("the recorded payloads are not beside this checkout")
    with pytest.raises(UnreadableError):
        understood(path.read_bytes(), CLAUDE)


def test_every_recorded_page_is_judged() -> None:
    if not RECORDED.exists():
        pytest.skip("the recorded payloads are not beside this checkout")
    judged = {name for name, *_ in FINE_PAYLOADS} | set(WITHOUT_STATE)
    assert {path.name for path in RECORDED.iterdir()} - judged == {"SOURCES.md"}


def claim_of(page: Any, *wanted: str) -> Claim:
    return understood(page if isinstance(page, bytes) else body(page), wanted)


def test_trouble_in_each_kind() -> None:
    """Our own pages of the kinds of which no recording has an open incident."""
    dog = {"pageUrl": "u", "incidents": [
        {"title": "slow", "resolved": False, "componentsAffected": [{"name": "Chat"}], "currentStatus": "identified"},
        {"title": "other", "resolved": False, "componentsAffected": [{"name": "Video"}]},
    ], "components": [{"name": "API", "components": [{"name": "Chat", "status": "degraded"}, {"name": "Video", "status": "major_outage"}]}]}  # fmt: skip
    duty = {
        "overall": {"status": "full_outage"},
        "ongoing_incidents": [{"title": "down", "phase": "investigating"}],
    }
    cat = {"data": {"active_changes": [{"title": "down"}]}}
    day = {"events": [{"name": "down", "severity": "MAJOR", "lastUpdateStatus": "INVESTIGATING"}]}
    check = {"metadata": [], "uptime": [{"services": [{"name": "Chat API", "days": [day]}]}]}
    azure = b'<table><tr class="capability-row"><td>Azure OpenAI Service</td><td data-label="Good"></td><td data-label="Critical"></td></tr></table>'
    stack = {
        "data": {"attributes": {"aggregate_state": "operational"}},
        "included": [
            {"type": "status_page_resource", "attributes": {"public_name": "API", "status": "downtime"}}
        ],
    }
    found = [
        claim_of(dog, "Chat"), claim_of(duty), claim_of(cat), claim_of(check, "Chat API"), claim_of(check, "Other"),
        claim_of(azure, "Azure OpenAI Service"), claim_of(stack, "API"),
        claim_of({"result": {"status_overall": {"status_code": 500}}}),
        claim_of({"data": [{"name": "API", "status": 3, "status_name": "Partial Outage"}]}, "API"),
        claim_of([{"name": "API", "status": "PARTIALOUTAGE", "children": []}], "API"),
    ]  # fmt: skip
    assert [claim.state for claim in found] == [
        DEGRADED, PageState.MAJOR_OUTAGE, DEGRADED, PARTIAL, UP, PARTIAL, PageState.MAJOR_OUTAGE,
        PageState.MAJOR_OUTAGE, PARTIAL, PARTIAL,
    ]  # fmt: skip
    assert [i.title for i in found[0].incidents] == ["slow"]


def test_aws_counts_in_the_target_s_region_and_in_its_own_encoding() -> None:
    event = {"summary": "errors", "date": "1788472198", "region_name": "Frankfurt",
             "impacted_services": {"bedrock-eu-central-1": {"current": "2"}}}  # fmt: skip
    page = json.dumps([event]).encode("utf-16")
    assert understood(page, ("bedrock-eu-central-1",)).state is PARTIAL
    assert understood(page, ("bedrock-us-east-1",)).state is UP
    assert understood(b"[]", ("bedrock-us-east-1",), "aws").state is UP
    nowhere = understood(page, ("bedrock-{region}",))
    assert (nowhere.state, "bedrock-eu-central-1" in str(nowhere.note)) == (UNKNOWN, True)


def test_a_target_s_region_is_read_off_its_address() -> None:
    url = "https://bedrock-runtime.eu-central-1.amazonaws.com/openai/v1"
    wanted = page_of(a_target(url, provider="bedrock"))
    assert wanted is not None
    assert wanted.page.components == ("bedrock-eu-central-1",)


KEYS = [
    "page",
    "status",
    "indicator",
    "components",
    "name",
    "id",
    "incidents",
    "data",
    "attributes",
    "aggregate_state",
    "included",
    "type",
    "overall",
    "ongoing_incidents",
    "page_url",
    "affected_components",
    "current_status",
    "summary",
    "expose_status_summary_api",
    "uptime",
    "metadata",
    "services",
    "days",
    "events",
    "impacted_services",
    "current",
    "result",
    "status_overall",
    "status_code",
    "pageUrl",
    "resolved",
    "affected_products",
    "begin",
    "end",
    "activeIncidents",
    "generated_at",
    "max_stale_seconds",
    "event_log",
]


def shapes() -> st.SearchStrategy[Any]:
    """Values of any kind under keys that the readers look for."""
    keys = st.sampled_from(KEYS)
    leaves = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False),
        st.sampled_from(["API", "operational", "UP", "2026-09-22T10:00:00Z", "", "\ud800"]),
    )  # fmt: skip
    return st.recursive(
        leaves, lambda inner: st.one_of(st.lists(inner, max_size=7), st.dictionaries(keys, inner, max_size=4))
    )


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
    assert claim_of(page, "API").state is state


def test_a_page_without_a_component_of_ours_is_judged_as_a_whole() -> None:
    claim = claim_of({"status": {"indicator": "major"}, "components": []})
    assert (claim.state, claim.component) == (PageState.PARTIAL_OUTAGE, None)


def test_the_newest_update_counts_whatever_its_place() -> None:
    updates = [{"created_at": "2026-08-05T07:06:00Z"}, {"created_at": "2026-08-05T13:08:34Z"}]
    page = {
        "components": [component("API", "degraded_performance")],
        "incidents": [{"name": "x", "status": "monitoring", "incident_updates": updates}],
    }
    [incident] = claim_of(page, "API").incidents
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
    with pytest.raises(UnreadableError):
        understood(junk, ["API"])


@pytest.mark.parametrize(
    "bomb",
    [
        b"[" * 200_000,
        b'{"components":' * 100_000,
        body({"components": [component("API", "operational", updated_at="9" * 100_000)]}),
        body({"status": {"indicator": "none"}, "incidents": [{"name": "x" * 100_000}] * 1000}),
        b'<tr class="capability-row">' * 200_000,
        b"<rss>" + b"<item>" * 100_000,
        "<?xml version='1.0' encoding='utf-16'?><!DOCTYPE x [<!ENTITY a 'aa'>]><rss>&a;</rss>".encode(
            "utf-16"
        ),
    ],
    ids=["lists", "objects", "date", "incidents", "rows", "items", "utf-16"],
)
def test_a_hostile_page_is_bounded(bomb: bytes) -> None:
    """In depth, in numbers and in length; it costs about as much as it weighs."""
    try:
        claim = understood(bomb, ["API"])
    except UnreadableError:
        return
    assert len(claim.incidents) <= MOST_INCIDENTS
    assert all(len(incident.title) <= 200 for incident in claim.incidents)


@given(page=shapes())
@settings(max_examples=300, deadline=None)
def test_no_shape_breaks_a_reader(page: Any) -> None:
    """JSON made of the words that pages are made of, in any order."""
    try:
        claim = understood(body(page), ["API"])
    except UnreadableError:
        return
    assert isinstance(claim, Claim)


def test_instatus_better_stack_and_google() -> None:
    issues = {
        "page": {"status": "HASISSUES"},
        "activeIncidents": [{"name": "slow", "status": "INVESTIGATING", "impact": "MAJOROUTAGE"}],
    }
    assert claim_of(issues).state is PageState.MAJOR_OUTAGE
    assert claim_of({"page": {"status": "UP"}}).state is PageState.OPERATIONAL
    report = {
        "type": "status_report",
        "attributes": {"title": "down", "starts_at": "2026-11-22T10:00:00Z", "ends_at": None},
    }
    stack = claim_of({"data": {"attributes": {"aggregate_state": "downtime"}}, "included": [report]})
    assert (stack.state, [i.title for i in stack.incidents]) == (PageState.MAJOR_OUTAGE, ["down"])
    vertex = {
        "external_desc": "errors",
        "begin": "2026-11-22T10:00:00Z",
        "status_impact": "SERVICE_DISRUPTION",
        "affected_products": [{"id": "Z0"}],
    }
    other = {**vertex, "affected_products": [{"id": "other"}]}
    over = {**vertex, "end": "2026-11-22T11:00:00Z"}
    assert claim_of([vertex, other, over], "Z0").state is PageState.PARTIAL_OUTAGE
    assert claim_of([other, over], "Z0").state is PageState.OPERATIONAL


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
            assert provider.status.kind in KINDS, provider.id


def test_a_vendor_that_changed_the_maker_of_its_page_is_still_read(page: PageServer) -> None:
    """The catalogue is old on the day it is written: what answers is looked for where others answer."""
    moves = {
        "/index.json": {"data": {"attributes": {"aggregate_state": "operational"}}},
        "/api/widget/v1/summary.json": {"overall": {"status": "operational"}, "ongoing_incidents": []},
        "/api/v1/status.json": {"status": {"indicator": "none"}, "incidents": []},
        "/config.json": {
            "components": [{"name": "API", "status": "operational"}],
            "pageUrl": "u",
            "incidents": [],
        },
    }
    for path, answer in moves.items():
        page.answers.clear()
        page.serve("/api/v2/summary.json", "<html>moved</html>")
        page.serve(path, answer)
        assert read(page.url).state is PageState.OPERATIONAL, path
    assert read(f"{page.url}/config.json").state is PageState.OPERATIONAL


def test_a_page_that_says_how_long_it_holds_is_believed_so_long(page: PageServer) -> None:
    answer = {"overall": {"status": "operational"}, "ongoing_incidents": [],
              "generated_at": "2026-09-21T12:53:20Z", "max_stale_seconds": 120}  # fmt: skip
    page.serve("/api/widget/v1/summary.json", answer)
    made = NOW - 4700.0
    fresh, stale = (read(page.url, "flashduty", now=made + later) for later in (0.0, 40_000.0))
    assert (stale.state, "by its own words" in str(stale.problem)) == (PageState.UNKNOWN, True)
    assert fresh.state is PageState.OPERATIONAL


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


def of_vendor(title: str, state: PageState, **changes: Any) -> PageReading:
    return PageReading(
        title.lower(),
        title,
        f"https://status.{title.lower()}.example/a/rather/long/path",
        state,
        NOW,
        **changes,
    )


PAGES = [
    of_vendor("Anthropic", PageState.PARTIAL_OUTAGE, component="Claude API (api.anthropic.com)", changed_at_utc=NOW - 180, reached=True),
    of_vendor("OpenAI", PageState.OPERATIONAL, component="Chat Completions", changed_at_utc=NOW - 7200, reached=True),
    of_vendor("Gemini", PageState.UNKNOWN, problem="it has no form that a program can read; look at it yourself"),
]  # fmt: skip


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_the_status_table_keeps_the_addresses_and_sums_up_first(width: int) -> None:
    told = status_text(PAGES, Look(width=width))
    sentence = (
        "Anthropic tells of a partial outage. 1 of 3 pages says operational. Nothing can be said of Gemini."
    )
    assert " ".join(told.split("\n\n")[0].split()) == sentence
    assert "status.gemini.example/a/rather/long/path" in told.replace("\n", "").replace(" ", "")
    assert all(len(line) <= width for line in told.splitlines())


def test_where_no_page_can_be_reached_it_is_your_network() -> None:
    lost = [
        of_vendor(n, PageState.UNKNOWN, problem="it could not be reached (dns)", reached=False) for n in "ABC"
    ]
    told = status_text([*lost, PAGES[2]], Look(width=80))
    assert told.startswith("Not one of 3 pages could be reached: your network, not the vendors.\n")
    assert told.count("could not be reached (dns)") == 1, "one cause is told once"
    assert len(told.splitlines()) < 15
    assert not status_text([*lost, PAGES[1]], Look(width=80)).startswith("Not one")


def test_the_exit_code_of_status_is_the_networks_where_no_page_is_reached(tmp_path: Path) -> None:
    path = tmp_path / "llmprobe.toml"
    path.write_text(
        '[targets.a]\nprovider = "simulator"\nbase_url = "http://127.0.0.1:9"\nstatus_page = "http://127.0.0.1:9"\n'
    )
    done = llmprobe("status", "-c", str(path))
    assert done.returncode == 5
    assert done.stdout.startswith("The page could not be reached: perhaps your network.")


@pytest.mark.parametrize(
    ("provider", "components", "state", "named"),
    [
        ("anthropic", {"Claude API (api.anthropic.com)": "operational", "Console": "major_outage"}, PageState.OPERATIONAL, "Claude API (api.anthropic.com)"),
        ("openai-compatible", {"API": "operational", "Dashboard": "major_outage"}, PageState.OPERATIONAL, "API"),
        ("openai-compatible", {"Chat API": "partial_outage", "Dashboard": "operational"}, PageState.PARTIAL_OUTAGE, "Chat API"),
        ("openai-compatible", {"Website": "operational"}, PageState.PARTIAL_OUTAGE, None),
    ],
)  # fmt: skip
def test_a_target_s_own_page_is_judged_by_the_api_s_component(
    page: PageServer, provider: str, components: dict[str, str], state: PageState, named: str | None
) -> None:
    """As the vendor's is; a page that lists no such line counts as a whole."""
    listed = [component(name, status) for name, status in components.items()]
    page.serve("/api/v2/summary.json", {"status": {"indicator": "major"}, "components": listed})
    source = page_of(a_target("http://h", provider=provider, status_page=page.url))
    assert source is not None
    found = asyncio.run(read_page(source.provider, source.title, source.page))
    assert (found.state, found.component) == (state, named)
