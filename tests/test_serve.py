"""`llmprobe serve`, asked over real sockets."""

from __future__ import annotations

import json
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics

from llmprobe.errors import MissingExtraError
from llmprobe.model.metrics import BUCKETS_S
from tests.serve_support import Metrics, Serving, metrics_in, serving, toml
from tests.support import Served, llmprobe, started
from tests.web import SilentHandler
from tests.web import serving as web

TARGETS = {"good": "ok", "busy": "overloaded", "silent": "no_headers", "limited": "rate_limited:60"}
GROUPS = """
[groups.chat]
members = ["good", "busy"]

[groups.broken]
members = ["busy"]
"""


@pytest.fixture
def served(sim: Served, tmp_path: Path) -> Iterator[Serving]:
    with serving(toml(tmp_path / "llmprobe.toml", sim.url, TARGETS, GROUPS)) as one:
        yield one


@pytest.fixture
def asked(sim: Served) -> Callable[[], int]:
    """How many requests the simulator has had since the test began."""
    before = sim.simulator.requests
    return lambda: sim.simulator.requests - before


def value(found: Metrics, name: str, **labels: str) -> float:
    """The only sample of a name that has these labels."""
    (only,) = [v for have, v in found[name] if labels.items() <= have.items()]
    return only


# /probe


def test_a_working_target_is_told_in_both_vocabularies(served: Serving) -> None:
    found = served.metrics("/probe?target=good")
    assert value(found, "probe_success") == 1
    assert value(found, "probe_http_status_code") == 200
    assert 0 < value(found, "probe_duration_seconds") < 10
    phases = {labels["phase"] for labels, _ in found["probe_http_duration_seconds"]}
    assert phases == {"resolve", "connect", "tls", "processing", "transfer"}
    assert value(found, "llmprobe_up", target="good", probe="stream") == 1
    assert value(found, "llmprobe_result", category="ok", fault="") == 1
    assert value(found, "llmprobe_result_age_seconds") == 0
    assert "probe_ssl_earliest_cert_expiry" not in found


def test_a_failed_probe_is_a_success_of_http(served: Serving) -> None:
    found = served.metrics("/probe?target=busy")
    assert value(found, "probe_success") == 0
    assert value(found, "llmprobe_result", category="overloaded", fault="provider") == 1
    assert "llmprobe_ttft_seconds" not in found


def test_a_group_works_while_enough_of_its_members_do(served: Serving) -> None:
    works = served.metrics("/probe?target=group:chat")
    assert value(works, "probe_success") == 1
    assert value(works, "llmprobe_group_members_working", group="chat") == 1
    assert value(works, "probe_http_status_code") == 200
    assert value(served.metrics("/probe?target=group:broken"), "probe_success") == 0


def test_a_tag_works_where_all_do(served: Serving) -> None:
    found = served.metrics("/probe?target=@all", X_Prometheus_Scrape_Timeout_Seconds="3")
    assert value(found, "probe_success") == 0
    assert {labels["target"] for labels, _ in found["llmprobe_result"]} == set(TARGETS)


def test_a_module_is_another_kind_of_probe(served: Serving) -> None:
    found = served.metrics("/probe?target=good&module=models")
    assert {labels["probe"] for labels, _ in found["llmprobe_up"]} == {"models"}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "target is missing"),
        ("?target=", "target is missing"),
        ("?target=goood", 'did you mean "good"'),
        ("?target=group:chta", 'did you mean "group:chat"'),
        ("?target=@al", 'did you mean "@all"'),
        ("?target=good&module=strem", 'did you mean "stream"'),
        ("?target=good&target=busy", "given 2 times"),
        ("?target=http://127.0.0.1:1/v1", "unknown target"),
        ("?target=openai", "unknown target"),
    ],
)
def test_a_wrong_parameter_is_400_in_words_and_probes_nothing(
    served: Serving, asked: Callable[[], int], query: str, words: str
) -> None:
    answer = served.get(f"/probe{query}")
    assert answer.status_code == 400
    assert words in answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    assert asked() == 0


@pytest.mark.parametrize("timeout", ["soon", "nan", "-1", "0", "inf", ""])
def test_a_scrape_timeout_that_is_no_number_is_400(served: Serving, timeout: str) -> None:
    assert served.get("/probe?target=good", X_Prometheus_Scrape_Timeout_Seconds=timeout).status_code == 400


def test_a_scrape_s_own_deadline_is_ours_and_leaves_half_a_second(served: Serving) -> None:
    began = time.monotonic()
    found = served.metrics("/probe?target=silent", X_Prometheus_Scrape_Timeout_Seconds="2")
    assert 1.4 < time.monotonic() - began < 8
    assert value(found, "probe_success") == 0
    assert value(found, "probe_timeout_seconds") == 1.5
    assert value(found, "llmprobe_result", category="deadline", fault="", status="skipped") == 1
    assert "llmprobe_up" not in found


def test_a_target_s_own_timeout_wins_where_it_is_shorter(sim: Served, tmp_path: Path) -> None:
    config = toml(tmp_path / "c.toml", sim.url, {"silent": "no_headers"}, '[defaults]\ntimeout = "700ms"\n')
    with serving(config) as served:
        found = served.metrics("/probe?target=silent", X_Prometheus_Scrape_Timeout_Seconds="9")
    assert value(found, "probe_timeout_seconds") == pytest.approx(0.7)
    assert value(found, "llmprobe_result", fault="provider") == 1


def test_histograms_are_classic_with_the_boundaries_of_opentelemetry(served: Serving) -> None:
    found = served.metrics("/probe?target=good")
    bounds = [labels["le"] for labels, _ in found["llmprobe_ttft_duration_seconds_bucket"]]
    assert bounds == [*map(str, BUCKETS_S), "+Inf"]
    assert value(found, "llmprobe_total_duration_seconds_count") == 1
    assert value(found, "llmprobe_phase_duration_seconds_count", phase="processing") == 1
    assert value(found, "llmprobe_probes_total", category="ok") == 1


def test_debug_is_a_log_with_the_metrics_and_the_module(served: Serving) -> None:
    answer = served.get("/probe?target=busy&debug=true")
    assert answer.headers["content-type"].startswith("text/plain")
    log, metrics, module = answer.text.split("\n\n\n")
    assert "overloaded" in log
    assert value(metrics_in(metrics.partition("\n")[2] + "\n"), "probe_success") == 0
    assert "dialect" in module or "openai-chat" in module


def test_a_scraper_gets_the_format_that_it_asks_for(served: Serving) -> None:
    wanted = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
    answer = served.get("/probe?target=good", Accept=wanted, Accept_Encoding="gzip")
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.headers["content-encoding"] == "gzip"
    read: Iterator[Metric] = openmetrics(answer.text)  # type: ignore[no-untyped-call]
    assert {family.name for family in read} >= {"probe_success", "llmprobe_probes"}
    plain = served.get("/probe?target=good", Accept="text/plain", Accept_Encoding="identity")
    assert plain.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize(
    "accept", ["application/openmetrics-text; version=x", "text/plain;version=1.x.y", ";;,=;q="]
)
def test_a_format_that_makes_no_sense_is_answered_with_text(served: Serving, accept: str) -> None:
    answer = served.get("/metrics", Accept=accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert served.notes == []


@pytest.mark.parametrize("target", ["%00", "%ff%fe", "%3Cscript%3E", "@", "group:", "[", "%F0%9F%92%A9"])
def test_a_name_of_strange_characters_is_unknown_and_no_failure(served: Serving, target: str) -> None:
    answer = served.get(f"/probe?target={target}")
    assert answer.status_code == 400
    assert answer.text.startswith("unknown target ")
    assert served.notes == []


# The cost guard


def test_twenty_scrapes_at_once_cost_one_probe(sim: Served, tmp_path: Path, asked: Callable[[], int]) -> None:
    config = toml(tmp_path / "c.toml", sim.url, {"slow": "slow_first_token:400ms"})
    with serving(config) as served, ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: served.metrics("/probe?target=slow"), range(20)))
        hits = served.metrics("/metrics")
    assert asked() == 1
    assert all(value(one, "probe_success") == 1 for one in found)
    shared = value(hits, "llmprobe_guard_hits_total", reason="shared")
    assert shared + value(hits, "llmprobe_guard_hits_total", reason="interval") == 19


def test_a_scrape_that_comes_too_soon_gets_the_last_result_and_its_age(
    served: Serving, asked: Callable[[], int]
) -> None:
    first = served.metrics("/probe?target=good")
    time.sleep(0.05)
    second = served.metrics("/probe?target=good")
    assert asked() == 1
    assert value(second, "probe_duration_seconds") == value(first, "probe_duration_seconds")
    assert value(second, "llmprobe_result_age_seconds") >= 0.05
    assert value(second, "llmprobe_probes_total", category="ok") == 1


def test_a_target_may_be_probed_again_after_its_interval(sim: Served, tmp_path: Path) -> None:
    with serving(toml(tmp_path / "c.toml", sim.url, {"good": "ok"}), min_interval_s=0.01) as served:
        for count in (1, 2):
            assert value(served.metrics("/probe?target=good"), "llmprobe_probes_total") == count
            time.sleep(0.02)


def test_a_pause_is_kept_and_told_with_the_last_verdict(
    sim: Served, tmp_path: Path, asked: Callable[[], int]
) -> None:
    config = toml(tmp_path / "c.toml", sim.url, {"limited": "rate_limited:60"})
    with serving(config, min_interval_s=0.001) as served:
        served.metrics("/probe?target=limited")
        time.sleep(0.01)
        found = served.metrics("/probe?target=limited")
    assert asked() == 1
    assert value(found, "llmprobe_result", category="rate_limited") == 1
    assert 50 < value(found, "llmprobe_paused_seconds") <= 60
    assert value(found, "probe_success") == 0


def test_no_probe_goes_beyond_the_hour_s_tokens(
    sim: Served, tmp_path: Path, asked: Callable[[], int]
) -> None:
    config = toml(tmp_path / "c.toml", sim.url, {"good": "ok", "also": "ok"})
    with serving(config, tokens_per_hour=1) as served:
        found = served.metrics("/probe?target=good")
    assert asked() == 0
    assert value(found, "llmprobe_result", category="budget") == 1
    assert value(found, "probe_success") == 0


def test_a_request_with_no_time_does_not_spoil_the_probe_of_another(
    sim: Served, tmp_path: Path, asked: Callable[[], int]
) -> None:
    config = toml(tmp_path / "c.toml", sim.url, {"slow": "slow_first_token:900ms"})
    with serving(config) as served, ThreadPoolExecutor(2) as pool:
        patient = pool.submit(served.metrics, "/probe?target=slow", X_Prometheus_Scrape_Timeout_Seconds="9")
        time.sleep(0.2)
        hasty = served.metrics("/probe?target=slow", X_Prometheus_Scrape_Timeout_Seconds="0.2")
        assert value(hasty, "llmprobe_result", category="deadline") == 1
        assert value(patient.result(), "llmprobe_result", category="ok") == 1
    assert asked() == 1


def test_limits_of_the_configuration_hold_over_all_requests(sim: Served, tmp_path: Path) -> None:
    """Each request is a run of its own, and a host has one limit."""
    names = {f"t{number}": "slow_first_token:300ms" for number in range(4)}
    config = toml(tmp_path / "c.toml", sim.url, names, "[defaults]\nper_host = 1\n")
    with serving(config) as served, ThreadPoolExecutor(4) as pool:
        began = time.monotonic()
        list(pool.map(lambda name: served.metrics(f"/probe?target={name}"), names))
        assert time.monotonic() - began >= 1.2


class _Picky(SilentHandler):
    """A model that refuses `max_tokens`, as reasoning models of OpenAI do."""

    asked = 0

    def do_POST(self) -> None:
        type(self).asked += 1
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        why = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        refusal = {"error": {"message": why, "param": "max_tokens", "code": "unsupported_parameter"}}
        answer = {"choices": [{"index": 0, "message": {"content": "ok"}, "finish_reason": "stop"}]}
        refused = "max_tokens" in body
        text = json.dumps(refusal if refused else answer).encode()
        self.send_response(400 if refused else 200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def test_what_a_refusal_has_taught_is_known_at_the_next_request(tmp_path: Path) -> None:
    _Picky.asked = 0
    with web(_Picky) as url:
        config = tmp_path / "c.toml"
        config.write_text(
            f'[targets.picky]\ndialect = "openai-chat"\nbase_url = "{url}/v1"\nmodel = "o"\napi_key = false\n'
            'proxy = ""\nprobes = ["chat"]\nretries = 0\n'
        )
        with serving(config, min_interval_s=0.001) as served:
            for requests in (2, 3, 4):
                assert value(served.metrics("/probe?target=picky"), "probe_success") == 1
                assert _Picky.asked == requests


# The process itself


def test_metrics_are_about_the_process_alone_where_it_only_answers(served: Serving) -> None:
    served.get("/probe?target=good")
    found = served.metrics("/metrics")
    assert value(found, "llmprobe_targets") == len(TARGETS)
    assert value(found, "llmprobe_probes_running") == 0
    assert value(found, "llmprobe_tokens_last_hour") > 0
    assert value(found, "llmprobe_config_last_reload_successful") == 1
    assert value(found, "llmprobe_loop_lag_seconds") >= 0
    assert "llmprobe_up" not in found


def test_health_and_readiness_are_told(served: Serving) -> None:
    assert served.get("/-/healthy").status_code == 200
    assert served.get("/-/ready").status_code == 200
    assert served.get("/nothing").status_code == 404
    assert served.get("/-/reload").status_code == 405


def test_a_reload_takes_the_new_configuration_and_keeps_the_old_one_where_it_is_wrong(
    served: Serving, sim: Served, tmp_path: Path
) -> None:
    served.get("/probe?target=good")
    toml(tmp_path / "llmprobe.toml", sim.url, {"good": "ok", "fresh": "ok"})
    assert served.post("/-/reload").status_code == 200
    assert value(served.metrics("/probe?target=good"), "llmprobe_probes_total") == 1
    assert served.get("/probe?target=busy").status_code == 400
    assert served.get("/probe?target=fresh").status_code == 200
    (tmp_path / "llmprobe.toml").write_text("[targets.good]\nprovidr = 1\n")
    answer = served.post("/-/reload")
    assert answer.status_code == 500
    assert 'did you mean "provider"' in answer.text or "providr" in answer.text
    assert value(served.metrics("/metrics"), "llmprobe_config_last_reload_successful") == 0
    assert served.get("/probe?target=fresh").status_code == 200


def test_with_a_schedule_of_its_own_metrics_have_everything(sim: Served, tmp_path: Path) -> None:
    config = toml(tmp_path / "c.toml", sim.url, {"good": "ok", "busy": "overloaded"}, GROUPS)
    with serving(config, every_s=1.0) as served:
        found = _until(served, lambda found: len(found.get("llmprobe_up", [])) == 2)
        assert value(found, "llmprobe_up", target="good") == 1
        assert value(found, "llmprobe_group_up", group="chat") == 1
        assert value(found, "llmprobe_group_up", group="broken") == 0
        assert value(found, "llmprobe_ttft_duration_seconds_count", target="good") >= 1
        _until(served, lambda found: value(found, "llmprobe_probes_total", target="good") >= 3)
        assert value(served.metrics("/probe?target=good"), "probe_success") == 1


def _until(served: Serving, holds: Callable[[Metrics], bool]) -> Metrics:
    """The metrics, once they are as they should be."""
    for _ in range(100):
        if holds(found := served.metrics("/metrics")):
            return found
        time.sleep(0.1)
    raise AssertionError("it never came")


# The gate


def test_a_stranger_s_name_for_a_loopback_address_is_refused(
    sim: Served, tmp_path: Path, asked: Callable[[], int]
) -> None:
    config = toml(tmp_path / "c.toml", sim.url, {"good": "ok"})
    with serving(config, hosts=["localhost", "127.0.0.1"]) as served:
        assert served.get("/metrics").status_code == 200
        for host in ("evil.example", "evil.example:9750", "127.0.0.1.evil.example", ""):
            assert served.get("/probe?target=good", Host=host).status_code in (400, 421)
    assert asked() == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "image"},
        {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "cors", "Sec_Fetch_Dest": "empty"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_site_s_page_costs_no_probe_and_reloads_nothing(
    served: Serving, asked: Callable[[], int], headers: dict[str, str]
) -> None:
    assert served.get("/probe?target=good", **headers).status_code == 403
    assert served.post("/-/reload", **headers).status_code == 403
    assert asked() == 0


def test_a_long_query_is_refused(served: Serving) -> None:
    assert served.get(f"/probe?target={'x' * 5000}").status_code == 414


# The command


def test_the_command_says_where_it_listens_reloads_on_sighup_and_ends_on_sigterm(
    sim: Served, tmp_path: Path
) -> None:
    config = toml(tmp_path / "c.toml", sim.url, {"good": "ok"})
    process = started("serve", "-c", str(config), "--listen", "127.0.0.1:0")
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line
        assert httpx.get(f"{found[0]}/probe?target=good", trust_env=False).status_code == 200
        assert httpx.get(f"{found[0]}/metrics", headers={"host": "evil"}, trust_env=False).status_code == 421
        toml(config, sim.url, {"good": "ok", "more": "ok"})
        process.send_signal(signal.SIGHUP)
        assert "2 targets" in process.stderr.readline()
        process.terminate()
        assert process.wait(20) == 0
        assert process.stderr.read() == ""
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")
def test_systemd_is_told_ready_alive_reloading_and_stopping(sim: Served, tmp_path: Path) -> None:
    config, address = toml(tmp_path / "c.toml", sim.url, {"good": "ok"}), str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(20)
        env = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "200000"}
        process = started("serve", "-c", str(config), "--listen", "127.0.0.1:0", env=env)

        def hear(wanted: str) -> None:
            while wanted not in manager.recv(4096).decode():
                pass

        hear("READY=1\nSTATUS=serving 1 target")
        hear("WATCHDOG=1")
        process.send_signal(signal.SIGHUP)
        hear("RELOADING=1")
        hear("READY=1\nSTATUS=reloaded: 1 target")
        process.terminate()
        hear("STOPPING=1")
        process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_wrong_configuration_or_an_address_in_use_is_exit_2(sim: Served, tmp_path: Path) -> None:
    config = toml(tmp_path / "c.toml", sim.url, {"good": "ok"})
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        done = llmprobe("serve", "-c", str(config), "--listen", where)
    assert done.returncode == 2
    assert "cannot listen on" in done.stderr
    done = llmprobe("serve", "-c", str(config), "--listen", "nonsense")
    assert done.returncode == 2
    assert "expected ADDRESS:PORT" in done.stderr
    config.write_text('[serve]\nlisten = "here"\nmin_intervall = "1s"\n')
    done = llmprobe("serve", "-c", str(config))
    assert done.returncode == 2
    assert "expected ADDRESS:PORT" in done.stderr
    assert "min_interval" in done.stderr


def test_without_its_packages_one_sentence_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    from llmprobe.serving import extra

    monkeypatch.setattr(extra, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError) as caught:
        extra.require_extra()
    assert caught.value.hint == 'install it with: pip install "llmprobe-cli[serve]"'
