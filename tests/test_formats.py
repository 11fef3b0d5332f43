"""Machine formats, each read by a consumer that is not ours."""

from __future__ import annotations

import csv
import html.parser
import io
import re
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families
from tap.line import Result as TapResult
from tap.parser import Parser as TapParser

from llmprobe.model import Category, ExitCode, GroupResult, Run, Status
from llmprobe.model.page import PageReading, PageState
from llmprobe.reports import FORMATS, Format, Look, nagios, renderer
from llmprobe.reports.parts.html_page import linked
from tests.runs import EMPTY, EVERYTHING, HOSTILE, MIXED, result


def text_of(format: str, run: Run = EVERYTHING) -> str:
    return renderer(format)(run, Look())


def test_every_format_of_the_registry_can_be_asked_for() -> None:
    """`--format` lists them without importing the registry."""
    assert {*map(str, Format), "quiet"} == set(FORMATS)


# Cloudprober


def cloudprober_line(line: str) -> tuple[str, dict[str, str], float]:
    """As its own reader does it: labels up to the first brace, values as they stand between their quotes."""
    name, brace, rest = line.partition("{")
    if not brace:
        bare, _, value = line.partition(" ")
        return bare, {}, float(value)
    inside, _, value = rest.partition("}")
    labels = {}
    while inside:
        key, _, inside = inside.partition('="')
        assert re.fullmatch(r"\w+", key)
        labels[key], _, inside = inside.partition('"')
        assert inside[:1] in ("", ",")
        inside = inside[1:]
    return name, labels, float(value)


def test_cloudprober_reads_the_same_figures_as_prometheus() -> None:
    found = {
        (name, frozenset(labels.items())): value
        for name, labels, value in map(cloudprober_line, text_of("cloudprober").splitlines())
    }
    samples = [
        sample
        for family in text_string_to_metric_families(text_of("prometheus"))
        for sample in family.samples
    ]
    assert found == {(s.name, frozenset(s.labels.items())): s.value for s in samples}


def test_what_would_end_a_label_is_replaced() -> None:
    run = replace(MIXED, results=[result("t", Status.HEALTHY, Category.OK, model='m"} 1\n{x\\')], groups=[])
    lines = text_of("cloudprober", run).splitlines()
    assert {labels["model"] for _, labels, _ in map(cloudprober_line, lines) if labels} == {"m___1__x_"}


# JUnit


def cases(run: Run) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(text_of("junit", run))
    return {str(case.get("name")): case for case in root.iter("testcase")}


def test_junit_says_what_gitlab_and_jenkins_show() -> None:
    """Totals, class names, and the category as the type of a failure."""
    root = ElementTree.fromstring(text_of("junit"))
    totals = [sum(int(s.get(name, 0)) for s in root) for name in ("tests", "failures", "errors", "skipped")]
    assert totals == [6, 2, 1, 1]
    assert [s.get("name") for s in root.iter("testsuite")] == [r.target for r in EVERYTHING.results]
    busy = cases(EVERYTHING)["busy stream"]
    failure = busy.find("failure")
    assert failure is not None
    assert (busy.get("classname"), busy.get("time")) == ("llmprobe.anthropic", "0.1")
    assert (failure.get("type"), failure.get("message")) == (
        "overloaded",
        "Anthropic says that it is overloaded; do this",
    )
    assert "retry after: 12 s" in str(failure.text)


def test_junit_properties_hold_only_what_is_known() -> None:
    suites = {s.get("name"): s for s in ElementTree.fromstring(text_of("junit")).iter("testsuite")}
    claude = {p.get("name"): p.get("value") for p in suites["claude"].iter("property")}
    assert claude["stream.ttft_ms"] == "310.0"
    assert "stream.ttft_ms" not in {p.get("name") for p in suites["busy"].iter("property")}


def test_a_member_that_its_group_can_spare_is_no_failure() -> None:
    """A target of a group counts through its group alone, as in the exit code."""
    case = cases(MIXED)["busy stream"]
    assert case.find("failure") is None
    skipped = case.find("skipped")
    assert skipped is not None
    assert "group chat works without it" in str(skipped.get("message"))
    failed = replace(MIXED, groups=[GroupResult("chat", Status.FAILED, 3, 2, ("claude", "slow", "busy"))])
    assert cases(failed)["busy stream"].find("failure") is not None


# TAP


def points(run: Run) -> list[Any]:
    return list(TapParser().parse_text(text_of("tap", run).replace("TAP version 14", "TAP version 13")))


def test_tap_points() -> None:
    """Read by tap.py; the YAML blocks by PyYAML."""
    lines = points(EVERYTHING)
    results = [line for line in lines if isinstance(line, TapResult)]
    assert [(r.ok, bool(r.skip), bool(r.todo)) for r in results] == [
        (True, False, False), (True, False, False), (False, False, False), (False, False, False), (True, True, False), (False, False, False),
    ]  # fmt: skip
    blocks = re.findall(r"  ---\n(.*?)  \.\.\.\n", text_of("tap"), re.S)
    assert len(blocks) == 6
    assert yaml.safe_load(blocks[2])["category"] == "overloaded"
    assert yaml.safe_load(blocks[3])["message"] == HOSTILE
    assert text_of("tap").startswith("TAP version 14\n1..6\n")


def test_tap_of_a_spared_member_is_a_todo() -> None:
    assert [bool(r.todo) for r in points(MIXED) if isinstance(r, TapResult)] == [False, False, True]


# GitHub


def test_github_annotations_are_one_command_a_line() -> None:
    """A server's text can neither end a command nor begin another."""
    lines = text_of("github").splitlines()
    assert [line.split(" ", 1)[0] for line in lines] == [
        "::warning",
        "::error",
        "::error",
        "::notice",
        "::error",
        "::notice",
    ]
    assert (
        lines[1]
        == "::error title=busy stream%3A overloaded (theirs)::Anthropic says that it is overloaded%0A→ do this"
    )
    assert "%250A::error::x%0D%0A" in lines[2]


# Markdown


def test_markdown_of_hostile_text_stays_text() -> None:
    text = text_of("markdown")
    assert "<script" not in text
    assert "\n| ❌ | busy | stream | overloaded | theirs | 529 |  | 100 ms | " in text
    assert r"\[l\](http" in text
    assert all(line.count("|") == 10 for line in text.splitlines() if line.startswith("| "))


# CSV


def test_csv_reads_back() -> None:
    rows = list(csv.DictReader(io.StringIO(text_of("csv"))))
    assert [row["category"] for row in rows] == [
        "ok",
        "slow",
        "overloaded",
        "server_error",
        "budget",
        "internal",
    ]
    assert (rows[0]["ttft_ms"], rows[2]["ttft_ms"], rows[2]["http_status"]) == ("310.0", "", "529")
    assert rows[3]["reason"] == HOSTILE


def test_a_formula_is_no_formula_in_csv() -> None:
    run = replace(EMPTY, results=[result("=1+1", Status.FAILED, Category.AUTH, reason="@SUM(A1)")])
    row = next(csv.DictReader(io.StringIO(text_of("csv", run))))
    assert (row["target"], row["reason"]) == ("'=1+1", "'@SUM(A1)")


# Prometheus


def metrics(run: Run) -> dict[str, list[tuple[dict[str, str], float]]]:
    families = text_string_to_metric_families(text_of("prometheus", run))
    return {family.name: [(dict(s.labels), s.value) for s in family.samples] for family in families}


def test_prometheus_families() -> None:
    """Read by prometheus-client's own parser; promtool reads it among the integration tests."""
    found = metrics(EVERYTHING)
    up = {labels["target"]: value for labels, value in found["llmprobe_up"]}
    assert up == {"claude": 1, "slow": 1, "busy": 0, "hostile": 0, "bug": 0}
    verdicts = {
        labels["target"]: (labels["category"], labels["fault"]) for labels, _ in found["llmprobe_result"]
    }
    assert verdicts["busy"] == ("overloaded", "provider")
    assert verdicts["skipped"] == ("budget", "")
    assert found["llmprobe_last_run_timestamp_seconds"] == [({}, 1_700_000_000.0)]
    assert found["llmprobe_certificate_expiry_timestamp_seconds"][0][1] == 1_893_456_000
    assert found["llmprobe_headroom_ratio"][0][1] == 0.9


def test_a_failed_target_exports_no_latency() -> None:
    found = metrics(EVERYTHING)
    for name in ("llmprobe_ttft_seconds", "llmprobe_total_seconds", "llmprobe_phase_seconds"):
        assert {labels["target"] for labels, _ in found[name]} == {"claude", "slow"}


# Nagios

PERFDATA = re.compile(r"'[^'=]+'=[\d.]+(?:s|ms|%|B|c)?;[\d.]*;[\d.]*;[\d.]*;[\d.]*")


def test_nagios_is_one_line_with_performance_data() -> None:
    text = text_of("nagios")
    said, data = text.rstrip("\n").split(" | ")
    assert "\n" not in said
    assert said == "LLMPROBE CRITICAL - 1 of 3 healthy. Anthropic: overloaded (their side); retry in 12 s."
    parts = re.findall(r"'[^']+'=\S+", data)
    assert all(PERFDATA.fullmatch(part) for part in parts)
    assert parts[0] == "'claude stream ttft'=0.310000s;2;5;0;"
    assert not any("busy" in part for part in parts)


@pytest.mark.parametrize(
    ("code", "status", "results", "expected"),
    [
        (ExitCode.OK, Status.HEALTHY, [], 0),
        (ExitCode.OK, Status.DEGRADED, [], 1),
        (ExitCode.DEGRADED, Status.DEGRADED, [], 1),
        (ExitCode.FAILED, Status.FAILED, [Status.FAILED], 2),
        (ExitCode.CLIENT, Status.FAILED, [Status.FAILED], 2),
        (ExitCode.NETWORK, Status.FAILED, [Status.FAILED], 2),
        (ExitCode.FAILED, Status.SKIPPED, [Status.SKIPPED], 3),
        (ExitCode.USAGE, Status.SKIPPED, [], 3),
        (ExitCode.INTERNAL, Status.FAILED, [Status.FAILED], 3),
        (ExitCode.OK, Status.FAILED, [Status.FAILED], 0),
    ],
)
def test_nagios_has_its_own_exit_codes(
    code: ExitCode, status: Status, results: list[Status], expected: int
) -> None:
    run = replace(
        EMPTY, exit_code=code, status=status, results=[result("t", s, Category.AUTH) for s in results]
    )
    assert nagios.exit_code(run) == expected


# HTML


class Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html_is_whole_and_loads_nothing() -> None:
    """Every tag is closed; no script, no link, no image, no address that a browser would fetch."""
    tags = Tags()
    text = text_of("html")
    tags.feed(text)
    assert tags.open == []
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in tags.seen}
    assert not [a for _, attrs in tags.seen for a in attrs if a in ("src", "onclick", "onload")]
    assert {tag for tag, attrs in tags.seen if "href" in attrs} <= {"a"}, "links are followed, not fetched"
    assert "url(" not in text
    assert "prefers-color-scheme: dark" in text
    assert "width=device-width" in text


def test_html_has_a_waterfall_for_what_was_timed() -> None:
    text = text_of("html")
    assert text.count('class="bar"') == 4
    assert 'title="first token 110 ms"' in text
    assert "&lt;script&gt;alert(1)" in text


def test_addresses_in_advice_and_pages_are_links() -> None:
    """Whole, with their end found; what a stranger wrote as the reason is no link."""
    page = PageReading("anthropic", "Anthropic", "https://status.example.com", PageState.OPERATIONAL, 0.0)
    failed = replace(
        MIXED.results[2],
        reason="go to https://evil.example/x",
        hint="see https://console.example.com/keys?a=1&b=2.",
    )
    run = replace(MIXED, results=[failed], pages=(page,))
    text = renderer("html")(run, Look())
    assert 'href="https://console.example.com/keys?a=1&amp;b=2" rel="noopener noreferrer">' in text
    assert '"https://status.example.com"' in text
    assert 'href="https://evil' not in text
    assert linked('"><script> https://a.example/"onclick=x') == (
        '&quot;&gt;&lt;script&gt; <a href="https://a.example/" rel="noopener noreferrer">https://a.example/</a>'
        "&quot;onclick=x"
    )


def test_details_stand_open_where_something_failed_and_tell_the_rest_in_short() -> None:
    text = text_of("html")
    assert "<details open><summary>details" in text
    assert "<summary>details, new connection, 8 tokens, certificate " in text
    said = replace(MIXED, results=[replace(MIXED.results[0], answer_start="Here I am")])
    assert "Here I am" not in renderer("html")(said, Look())
    assert "Here I am" in renderer("html")(said, Look(verbose=True))
