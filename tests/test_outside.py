"""Sources outside of a run are witnesses: they are named in the reason, and overrule nothing that was measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from llmprobe.engine.outcome.outside import with_outside
from llmprobe.model import Category, Confidence, Fault, ProbeKind, Result, Status
from llmprobe.model.page import PageIncident, PageReading, PageState, Upstreams
from llmprobe.statuspages.upstreams import understood
from tests.pages import PageServer, page_server
from tests.support import Served, llmprobe

FAILED = Result(
    target="a", provider="openai", dialect="openai-chat", model="m", probe=ProbeKind.CHAT, endpoint="https://x/v1",
    status=Status.FAILED, category=Category.TIMEOUT_HEADERS, fault=Fault.UNKNOWN, phase=None, reason="no headers",
    confidence=Confidence.LIKELY,
)  # fmt: skip
TROUBLE = PageReading(
    "openai", "OpenAI", "https://status", PageState.DEGRADED, 0.0, incidents=(PageIncident("Slow answers"),)
)
GREEN = replace(TROUBLE, state=PageState.OPERATIONAL, incidents=())
REJECTED = replace(FAILED, category=Category.AUTH, fault=Fault.CLIENT, confidence=Confidence.CERTAIN)


def test_a_page_that_tells_of_trouble_gives_a_failure_of_unknown_side_to_the_provider() -> None:
    (seen,) = with_outside([FAILED], {"a": TROUBLE}, {})

    assert (seen.fault, seen.confidence) == (Fault.PROVIDER, Confidence.CERTAIN)
    assert seen.reason == "no headers; OpenAI's status page tells of trouble (Slow answers)"
    assert "OpenAI's status page tells of trouble (Slow answers)" in seen.evidence


def test_a_page_that_says_all_is_well_moves_nothing() -> None:
    (seen,) = with_outside([FAILED], {"a": GREEN}, {})

    assert (seen.fault, seen.confidence) == (FAILED.fault, FAILED.confidence)
    assert seen.reason.endswith("OpenAI's status page says that all is well")


def test_trouble_puts_a_rejected_key_in_doubt_and_leaves_its_side() -> None:
    (seen,) = with_outside([REJECTED], {"a": TROUBLE}, {})

    assert (seen.fault, seen.confidence) == (Fault.CLIENT, Confidence.LIKELY)


def test_what_works_and_what_has_no_page_stays_as_it_is() -> None:
    healthy = replace(FAILED, status=Status.HEALTHY)
    other = replace(FAILED, target="b")

    assert with_outside([healthy, other], {"a": TROUBLE}, {}) == [healthy, other]


def test_upstreams_that_are_all_down_are_named_with_their_number() -> None:
    (down,) = with_outside([FAILED], {}, {"a": Upstreams(3, 0)})
    (up,) = with_outside([FAILED], {}, {"a": Upstreams(3, 3, 41.0)})

    assert (down.fault, down.confidence) == (Fault.PROVIDER, Confidence.CERTAIN)
    assert down.reason.endswith("0 of its 3 upstreams of this model are up")
    assert up.fault is Fault.UNKNOWN
    assert up.reason.endswith(
        "3 of its 3 upstreams of this model are up (one only 41 % of the last half hour)"
    )


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"data": null}', b'{"data": {"endpoints": 3}}', b"<html>"]
)
def test_figures_that_are_none_are_left_out(body: bytes) -> None:
    assert understood(body) is None


def test_an_upstream_that_is_never_up_is_the_worst() -> None:
    """0 percent is a figure; null and a truth value are none."""
    listed = [{"status": 0, "uptime_last_30m": uptime} for uptime in (99.5, 0, None, True)]
    seen = understood(json.dumps({"data": {"endpoints": listed}}).encode())
    assert seen is not None
    assert seen.worst_uptime == 0.0


def test_a_run_with_status_names_the_page_and_the_upstreams(tmp_path: Path) -> None:
    """Asked for with --with-status alone; nothing but the address of the target is used."""
    with page_server() as page:
        down = {"status": -2, "uptime_last_30m": 12.5}
        page.serve("/api/v1/models/maker/model/endpoints", {"data": {"endpoints": [down, down]}})
        path = _config(tmp_path, page)
        plain = json.loads(llmprobe("check", "-c", str(path), "-f", "json").stdout)["results"][0]
        asked = json.loads(llmprobe("check", "-c", str(path), "-f", "json", "--with-status").stdout)[
            "results"
        ][0]

    assert "upstreams" not in plain["reason"]
    assert "0 of its 2 upstreams of this model are up" in asked["reason"]
    assert asked["fault"] == "provider"


def test_a_page_speaks_only_of_its_own_vendors_servers(sim: Served, tmp_path: Path) -> None:
    """A server of your own that speaks a vendor's format has nothing to do with the vendor's page."""
    from llmprobe.model import Target
    from llmprobe.statuspages import page_of, speaks_for

    theirs = Target("a", "openai", "openai-chat", "https://eu.api.openai.com/v1")
    mine = replace(theirs, base_url=sim.at("ok"))

    assert page_of(theirs)
    assert speaks_for(theirs)
    assert not speaks_for(mine)
    assert speaks_for(replace(mine, status_page="https://status.example.com"))


def _config(tmp_path: Path, page: PageServer) -> Path:
    path = tmp_path / "llmprobe.toml"
    path.write_text(
        f'[targets.a]\nprovider = "openrouter"\nbase_url = "{page.url}/api/v1"\nmodel = "maker/model"\nretries = 0\n'
        'api_key = { command = ["echo", "a-key-of-some-length"] }\nproxy = ""\n'
    )
    return path
