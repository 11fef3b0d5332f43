"""Every trouble the simulator knows, through the real command: table, JSON and exit code agree."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from llmprobe.classify import ABOUT
from llmprobe.errors import UsageError
from llmprobe.model import CATEGORY_WORDS, Category, Fault, ProbeKind, Status
from llmprobe.providers import dialects
from llmprobe.simulator import BEHAVIOURS, Scenario, always, load_scenario
from llmprobe.simulator.scenario import Step
from tests.support import Served, a_target, check, check_one, llmprobe

EXPECTED = {
    "ok": ("healthy", "ok"), "slow_headers": ("healthy", "ok"), "slow_first_token": ("healthy", "ok"), "drip": ("failed", "timeout_total"),
    "no_headers": ("failed", "timeout_headers"), "no_first_token": ("failed", "timeout_first_token"), "stall": ("failed", "stream_stalled"),
    "stall_heartbeat": ("failed", "stream_stalled"), "truncated": ("failed", "truncated"), "cut": ("failed", "truncated"),
    "reset": ("failed", "reset"), "reset_stream": ("failed", "truncated"), "hang_up": ("failed", "reset"),
    "stream_error": ("failed", "stream_error"), "stream_overloaded": ("failed", "overloaded"), "error_in_200": ("failed", "gateway"),
    "html": ("failed", "wrong_endpoint"), "login_page": ("failed", "invalid_response"), "html_502": ("failed", "gateway"),
    "cloudflare_522": ("failed", "gateway"), "wrong_shape": ("failed", "invalid_response"), "not_http": ("failed", "wrong_endpoint"),
    "empty": ("failed", "empty_response"), "empty_stream": ("failed", "truncated"), "endless": ("failed", "invalid_response"),
    "buffered": ("degraded", "buffered"), "other_model": ("healthy", "ok"), "thinking_only": ("healthy", "ok"), "retiring": ("healthy", "ok"),
    "little_headroom": ("degraded", "low_headroom"), "auth": ("failed", "auth"), "permission": ("failed", "permission"),
    "region": ("failed", "region_blocked"), "model_not_found": ("failed", "model_not_found"), "wrong_endpoint": ("failed", "wrong_endpoint"),
    "bad_request": ("failed", "bad_request"), "content_filtered": ("failed", "content_filtered"), "rate_limited": ("failed", "rate_limited"),
    "quota": ("failed", "quota_exhausted"), "payment": ("failed", "quota_exhausted"), "overloaded": ("failed", "overloaded"),
    "server_error": ("failed", "server_error"), "loading": ("failed", "loading"), "gateway": ("failed", "gateway"),
    "proxy_407": ("failed", "proxy"), "redirect": ("failed", "wrong_endpoint"),
    "model": ("failed", "overloaded"), "stream": ("failed", "overloaded"), "lists": ("healthy", "ok"), "keyless": ("failed", "overloaded"),
}  # fmt: skip


def test_every_behaviour_is_expected_to_be_something() -> None:
    assert set(EXPECTED) == set(BEHAVIOURS)


def test_every_trouble_is_named_alike_in_table_json_and_exit_code(sim: Served, tmp_path: Path) -> None:
    """One run of the real command over all of them."""
    lines = ["[defaults]", 'timeout = "1.7s"', 'stall_timeout = "900ms"', "retries = 0", 'proxy = ""']
    for name in BEHAVIOURS:
        limits = "{ headroom = 0.1 }" if name == "little_headroom" else "{}"
        lines += [
            f"[targets.{name}]",
            'provider = "simulator"',
            f'base_url = "{sim.at(name)}"',
            f"thresholds = {limits}",
        ]
    config = tmp_path / "all.toml"
    config.write_text("\n".join(lines))
    done = llmprobe("check", "-c", str(config), "-f", "json", "-o", f"table:{tmp_path}/table.txt")
    run = json.loads(done.stdout)
    table = (tmp_path / "table.txt").read_text(encoding="utf-8")

    found = {r["target"]: (r["status"], r["category"]) for r in run["results"]}
    assert found == EXPECTED
    assert done.returncode == run["exit_code"] == 4
    for name, (status, category) in EXPECTED.items():
        words = CATEGORY_WORDS[Category(category)]
        rows = [
            line for line in table.splitlines() if re.match(rf"\S+ \w+ +({name}|\d+ targets at .*) ", line)
        ]
        assert any(status in row and words in row for row in rows), name
        assert re.search(rf"\b{name}\b", table)


@pytest.mark.parametrize(
    "dialect", ["openai-responses", "anthropic-messages", "gemini", "cohere-v2", "ollama", "azure-openai"]
)
def test_the_main_troubles_are_named_in_every_dialect(sim: Served, dialect: str) -> None:
    """Category and side do not depend on the wire format."""
    paths = {"gemini": "/v1beta", "cohere-v2": "", "ollama": "", "azure-openai": "/openai/v1"}
    names = ("ok", "auth", "permission", "model_not_found", "rate_limited", "overloaded", "server_error", "stall", "truncated", "stream_error",
             "stream_overloaded", "no_first_token", "html_502", "empty_stream", "payment", "bad_request")  # fmt: skip
    done = check(*(a_target(sim.at(name, paths.get(dialect, "/v1")), dialect, name=name) for name in names))

    for result in done.results:
        status, category = EXPECTED[result.target]
        assert (str(result.status), str(result.category)) == (status, category), (
            f"{dialect} {result.target}: {result.reason}"
        )
        assert result.fault is ABOUT[Category(category)].fault


def test_a_key_is_checked_when_one_is_set(serve: Callable[..., Served]) -> None:
    from llmprobe.model import Credential, Secret

    served = serve(key="the-right-key")
    right = Credential(Secret("the-right-key"), "x-api-key", "", "test")
    wrong = Credential(Secret("another-key-1"), "authorization", "Bearer", "test")
    done = check(
        a_target(served.url + "/v1", credential=right, name="right"),
        a_target(served.url + "/v1", credential=wrong, name="wrong"),
    )

    assert [r.category for r in done.results] == [Category.OK, Category.AUTH]
    assert done.results[1].fault is Fault.CLIENT


def test_an_unknown_model_is_unknown_to_it(sim: Served) -> None:
    assert check(a_target(sim.url + "/v1", model="sim-9")).results[0].category is Category.MODEL_NOT_FOUND


def test_a_scenario_scripts_an_outage_over_time(tmp_path: Path) -> None:
    """Healthy, overloaded, recovered; looped if asked."""
    file = tmp_path / "s.toml"
    file.write_text(
        'loop = true\n[[step]]\nbehave = "ok"\nfor = "30s"\n[[step]]\nbehave = "stall"\nfor = "1m"\n'
    )
    scenario = load_scenario(file)

    assert [scenario.at(t) for t in (0, 29, 30, 89, 90, 121)] == ["ok", "ok", "stall", "stall", "ok", "stall"]
    assert Scenario((Step("ok", 1.0), Step("auth", None))).at(99) == "auth"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[[step]]\n",
        '[[step]]\nbehave = "nonsense"\n',
        '[[step]]\nbehave = "ok"\nfor = "soon"\n',
        "x = ",
        "step = 3",
    ],
)
def test_a_scenario_that_makes_no_sense_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "s.toml"
    file.write_text(text)
    with pytest.raises(UsageError):
        load_scenario(file)


def test_a_scenario_is_in_force_as_time_goes_by(serve: Callable[..., Served]) -> None:
    served = serve(scenario=Scenario((Step("overloaded", 0.3), Step("ok", None))))
    import time

    first = check(a_target(served.url + "/v1")).results[0]
    time.sleep(0.35)
    second = check(a_target(served.url + "/v1")).results[0]
    assert (first.category, second.status) == (Category.OVERLOADED, Status.HEALTHY)


def test_an_unknown_behaviour_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown behaviour"):
        always("nonsense")


@pytest.mark.parametrize("form", ["12", "1.5", "ms", "date", "past", "text"])
def test_every_form_of_retry_after_is_understood(sim: Served, form: str) -> None:
    waits = {"12": 12, "1.5": 1.5, "ms": 1.5, "date": 12, "past": 0, "text": 72.5}
    assert check(a_target(sim.at(f"rate_limited:{form}"))).results[0].retry_after_s == pytest.approx(
        waits[form], abs=2
    )


@pytest.mark.parametrize("form", ["nonsense", "none"])
def test_nonsense_in_retry_after_is_unknown(sim: Served, form: str) -> None:
    assert check(a_target(sim.at(f"rate_limited:{form}"))).results[0].retry_after_s is None


def test_the_examples_scenario_is_valid() -> None:
    path = Path(__file__).parents[1] / "examples" / "outage.toml"
    assert load_scenario(path).steps
    assert tomllib.loads(path.read_text(encoding="utf-8"))["step"]


_PATHS = {"gemini": "/v1beta", "cohere-v2": "", "ollama": "", "azure-openai": "/openai/v1"}


@pytest.mark.parametrize("dialect", sorted(dialects()))
@pytest.mark.parametrize("probe", [ProbeKind.CHAT, ProbeKind.STREAM])
@pytest.mark.parametrize(
    ("behaviour", "category"),
    [("thinking_only", "ok"), ("empty", "empty_response"), ("quota", "quota_exhausted"), ("rate_limited", "rate_limited")],
)  # fmt: skip
def test_a_behaviour_means_the_same_in_every_dialect(
    sim: Served, dialect: str, probe: ProbeKind, behaviour: str, category: str
) -> None:
    seen = check_one(a_target(sim.at(behaviour, _PATHS.get(dialect, "/v1")), dialect), probe)
    assert seen.category == category, seen.reason
    if behaviour == "thinking_only":
        assert any("token limit ended the answer before any text" in note for note in seen.notes)


@pytest.mark.parametrize(
    "dialect", sorted(d for d in dialects() if ProbeKind.EMBEDDINGS in dialects()[d].probes)
)
def test_an_empty_embedding_is_an_empty_response(sim: Served, dialect: str) -> None:
    seen = check_one(a_target(sim.at("empty", _PATHS.get(dialect, "/v1")), dialect), ProbeKind.EMBEDDINGS)
    assert seen.category == "empty_response"
