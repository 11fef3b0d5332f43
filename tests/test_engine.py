"""The engine: retries, learning, samples, groups, the conclusion and the exit code."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from pytest_httpx import HTTPXMock

import llmprobe.engine.run as engine
from llmprobe.classify import ABOUT
from llmprobe.engine.outcome.exit_code import FailOn, exit_code, group_results, worst_status
from llmprobe.engine.outcome.statistics import summary
from llmprobe.engine.probing.probe import MAX_RETRY_WAIT_S, retry_wait_s
from llmprobe.engine.run import Options, run
from llmprobe.model import (
    Category,
    ExitCode,
    Expect,
    Fault,
    Group,
    ProbeKind,
    Result,
    Status,
    Thresholds,
    Timeouts,
    Verdict,
    Wire,
)
from tests.support import Served, a_target, check, check_one


def on(*words: str) -> FailOn:
    return FailOn(frozenset(words))


def a_result(
    name: str = "t", category: Category = Category.OK, fault: Fault | None = None, **changes: Any
) -> Result:
    """A result of a category, as the engine would make it."""
    from llmprobe.classify import ABOUT, status_of

    values: dict[str, Any] = {
        "provider": "p", "dialect": "openai-chat", "model": "m", "probe": ProbeKind.STREAM, "endpoint": "https://a.example.com/v1",
        "status": status_of(category), "category": category, "fault": fault or ABOUT[category].fault, "phase": None, "reason": "because",
        **changes,
    }  # fmt: skip
    return Result(target=name, **values)


def test_a_transient_failure_is_retried_and_said(sim: Served) -> None:
    """Healthy after one retry is healthy, and the reason tells."""
    result = check_one(a_target(sim.at("flaky:1:overloaded:" + str(time.time())), retries=1))

    assert result.status is Status.HEALTHY
    assert result.reason == "answered; healthy after 1 retry (overloaded)"
    assert [a.category for a in result.attempts] == [Category.OVERLOADED, Category.OK]


def test_what_waiting_cannot_cure_is_not_retried(sim: Served) -> None:
    """A rejected key stays rejected; trying again only looks like an attack."""
    assert len(check_one(a_target(sim.at("auth"), retries=3)).attempts) == 1
    assert len(check_one(a_target(sim.at("quota"), retries=3)).attempts) == 1


@pytest.mark.parametrize(
    ("verdict", "lower", "upper"),
    [
        (Verdict(Category.OVERLOADED, None, "", transient=True), 0.375, 0.5),
        (Verdict(Category.OVERLOADED, None, "", transient=True, retry_after_s=3.0), 3.0, 3.0),
    ],
)
def test_the_wait_is_the_servers_or_jittered(verdict: Verdict, lower: float, upper: float) -> None:
    assert lower <= (retry_wait_s(verdict, 0) or 0) <= upper


def test_a_long_retry_after_is_told_and_not_waited_for(sim: Served) -> None:
    """A prober that sleeps for minutes is no prober."""
    started = time.monotonic()
    result = check_one(a_target(sim.at("rate_limited:600"), retries=2))

    assert time.monotonic() - started < 2
    assert (len(result.attempts), result.retry_after_s) == (1, 600)
    assert (
        retry_wait_s(
            Verdict(Category.RATE_LIMITED, None, "", transient=True, retry_after_s=MAX_RETRY_WAIT_S + 1), 0
        )
        is None
    )


def chat_answer(**more: Any) -> dict[str, Any]:
    return {"model": "m", "choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}], **more}


@pytest.mark.parametrize(
    ("wire", "refusal", "adapted"),
    [
        (Wire(token_param="max_tokens"), {"message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "param": "max_tokens"}, "sent max_completion_tokens instead of max_tokens"),
        (Wire(token_param="max_completion_tokens"), {"message": "unknown field max_completion_tokens"}, "sent max_tokens instead of max_completion_tokens"),
        (Wire(max_tokens=1), {"message": "Invalid 'max_tokens': integer below minimum value. Expected a value >= 16, but got 1 instead."}, "raised the token limit to 16"),
        (Wire(body={"reasoning_effort": "low"}), {"message": "Unrecognized request argument supplied: reasoning_effort"}, "left out reasoning_effort"),
    ],
)  # fmt: skip
def test_a_refused_parameter_is_learned_from_once(
    httpx_mock: HTTPXMock, wire: Wire, refusal: dict[str, str], adapted: str
) -> None:
    """The probe's own mistake is not the provider's failure: it adapts, tries again, and says so."""
    httpx_mock.add_response(status_code=400, json={"error": {"type": "invalid_request_error", **refusal}})
    httpx_mock.add_response(json=chat_answer())
    result = check_one(a_target("http://mock/v1", wire=wire), ProbeKind.CHAT)

    first, second = (json.loads(request.content) for request in httpx_mock.get_requests())
    assert result.status is Status.HEALTHY
    assert result.notes[0] == adapted
    assert result.reason == "answered", "an adaptation is no retry"
    assert first != second


EFFORTS = (
    (
        {"reasoning_effort": "low"},
        "Unsupported value: 'reasoning_effort' does not support 'low' with this model.",
    ),
    ({"thinking": {"type": "disabled"}}, "unknown field `thinking`"),
    ({"thinkingConfig": {"thinkingLevel": "low"}}, "Thinking level is not supported for this model."),
    (
        {"thinkingConfig": {"thinkingBudget": 0}},
        "Budget 0 is invalid. This model only works in thinking mode.",
    ),
)


@pytest.mark.parametrize(("effort", "message"), EFFORTS)
def test_a_refused_effort_is_left_out_once_and_for_the_run(
    httpx_mock: HTTPXMock, effort: dict[str, Any], message: str
) -> None:
    """One refusal in five samples: the run remembers it."""
    refusal = {"error": {"type": "invalid_request_error", "message": message}}
    httpx_mock.add_response(status_code=400, json=refusal)
    for _ in range(5):
        httpx_mock.add_response(json=chat_answer())
    target = a_target("http://mock/v1", wire=Wire(effort=effort), probes=(ProbeKind.CHAT,))
    result = check(target, samples=5).results[0]

    sent = [json.loads(request.content) for request in httpx_mock.get_requests()]
    assert result.status is Status.HEALTHY
    assert [effort.items() <= body.items() for body in sent] == [True, *[False] * 5]
    assert result.notes[0] == f"left out {next(iter(effort))}"


def test_another_lesson_may_follow_the_one_on_effort(httpx_mock: HTTPXMock) -> None:
    for message in ("unknown field reasoning_effort", "Unsupported parameter: 'max_tokens'"):
        httpx_mock.add_response(status_code=400, json={"error": {"message": message}})
    httpx_mock.add_response(json=chat_answer())
    wire = Wire(effort={"reasoning_effort": "low"})
    result = check_one(a_target("http://mock/v1", wire=wire), ProbeKind.CHAT)
    assert result.notes[0] == "left out reasoning_effort; sent max_completion_tokens instead of max_tokens"


def test_a_model_that_could_not_finish_gets_more_room(httpx_mock: HTTPXMock) -> None:
    message = "Could not finish the message because max_tokens or model output limit was reached."
    httpx_mock.add_response(status_code=400, json={"error": {"message": message}})
    httpx_mock.add_response(json=chat_answer())
    result = check_one(a_target("http://mock/v1", wire=Wire(max_tokens=512)), ProbeKind.CHAT)
    assert (result.status, result.notes[0]) == (Status.HEALTHY, "raised the token limit to 2048")


def test_refused_stream_options_are_left_out(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(
        status_code=422,
        json={
            "detail": [
                {"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted: stream_options"}
            ]
        },
    )
    httpx_mock.add_response(
        headers={"content-type": "text/event-stream"},
        text='data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    )

    assert check_one(a_target("http://mock/v1")).notes[0] == "left out stream_options"


def test_a_refusal_that_teaches_nothing_is_reported(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=400, json={"error": {"message": "messages: wrong shape"}})
    assert check_one(a_target("http://mock/v1"), ProbeKind.CHAT).category is Category.BAD_REQUEST


def test_learning_happens_once(httpx_mock: HTTPXMock) -> None:
    """A server that refuses everything is not argued with."""
    for name in ("max_tokens", "max_completion_tokens"):
        httpx_mock.add_response(status_code=400, json={"error": {"message": f"{name} is not supported"}})
    result = check_one(a_target("http://mock/v1"), ProbeKind.CHAT)

    assert (result.category, len(result.attempts)) == (Category.BAD_REQUEST, 2)


def test_samples_are_counted_with_their_failures(sim: Served) -> None:
    """Failures count in the rate and never in the latencies; n decides which figures are shown."""
    result = check_one(a_target(sim.at("flaky:2:server_error:" + str(time.time()))), samples=6)
    stats = result.stats

    assert stats is not None
    assert (stats.n, stats.failed, stats.categories) == (6, 2, {"server_error": 2})
    assert stats.success_rate == pytest.approx(4 / 6)
    assert stats.ttft is not None
    assert stats.ttft["median"] is not None
    assert (stats.ttft["p95"], stats.ttft["p99"]) == (None, None)
    assert (result.status, result.category) == (Status.DEGRADED, Category.SERVER_ERROR)
    assert result.reason.startswith("2 of 6 samples failed")


def test_half_of_the_samples_failing_is_a_failure(sim: Served) -> None:
    assert (
        check_one(a_target(sim.at("flaky:2:overloaded:" + str(time.time()))), samples=4).status
        is Status.FAILED
    )


def test_figures_need_their_n() -> None:
    """Median from 3, p95 from 20, p99 from 100."""
    assert summary([]) is None
    for n, missing in ((2, {"median", "p95", "p99"}), (19, {"p95", "p99"}), (99, {"p99"}), (100, set())):
        found = summary([float(i) for i in range(n)])
        assert found is not None
        assert {name for name, value in found.items() if value is None} == missing


@pytest.mark.parametrize("probe", [ProbeKind.CHAT, ProbeKind.STREAM])
def test_a_warm_probe_measures_a_reused_connection(sim: Served, probe: ProbeKind) -> None:
    """The opening exchange is not counted."""
    result = check_one(a_target(sim.at("ok")), probe, warm=True)

    assert result.connection == "reused"
    assert result.timings.connect_s is None
    assert len(result.attempts) == 1


@pytest.mark.parametrize(
    ("behaviour", "changes", "category"),
    [
        ("slow_first_token:150ms", {"thresholds": Thresholds(ttft_s=0.1)}, Category.SLOW),
        ("drip:30ms", {"thresholds": Thresholds(total_s=0.1)}, Category.SLOW),
        ("drip:120ms", {"thresholds": Thresholds(silence_s=0.05)}, Category.SLOW),
        ("little_headroom", {"thresholds": Thresholds(headroom=0.1)}, Category.LOW_HEADROOM),
        ("buffered:600ms", {}, Category.BUFFERED),
        ("other_model", {"provider": "openai"}, Category.MODEL_MISMATCH),
        ("ok", {"expect": Expect(contains="no such text")}, Category.EXPECTATION),
        ("ok", {"expect": Expect(regex="^[0-9]+$")}, Category.EXPECTATION),
        ("ok", {"expect": Expect(pointer="/a", equals=1)}, Category.EXPECTATION),
        ("ok", {"retires_on": "2026-12-31"}, None),
    ],
)  # fmt: skip
def test_a_working_target_can_be_degraded(
    sim: Served, behaviour: str, changes: dict[str, Any], category: Category | None
) -> None:
    """By thresholds, expectations, and what its answer gives away."""
    result = check_one(a_target(sim.at(behaviour), **changes))

    assert result.status is Status.DEGRADED or category is None
    assert category is None or result.category is category


@pytest.mark.parametrize(
    "dialect",
    [
        "openai-chat",
        "openai-responses",
        "anthropic-messages",
        "gemini",
        "cohere-v2",
        "ollama",
        "azure-openai",
    ],
)
@pytest.mark.parametrize("probe", [ProbeKind.JSON, ProbeKind.TOOLS])
def test_structured_answers_and_tool_calls_are_checked(sim: Served, dialect: str, probe: ProbeKind) -> None:
    """A tool call must really be made, and JSON be of the schema; an answer in prose is neither."""
    paths = {"gemini": "/v1beta", "cohere-v2": "", "ollama": "", "azure-openai": "/openai/v1"}
    good = check_one(a_target(sim.url + paths.get(dialect, "/v1"), dialect), probe)

    assert (good.status, good.reason) == (Status.HEALTHY, "answered")


@pytest.mark.parametrize("probe", [ProbeKind.JSON, ProbeKind.TOOLS])
def test_prose_is_no_structured_answer(httpx_mock: HTTPXMock, probe: ProbeKind) -> None:
    httpx_mock.add_response(json=chat_answer())
    assert check_one(a_target("http://mock/v1"), probe).category is Category.EXPECTATION


def test_an_answer_is_checked_against_a_schema(sim: Served, httpx_mock: HTTPXMock) -> None:
    """JSON that fits, and prose that does not."""
    schema = {"type": "object", "required": ["a"]}
    for text, category in (
        ('{"a": 1}', Category.OK),
        ('{"b": 1}', Category.EXPECTATION),
        ("prose", Category.EXPECTATION),
    ):
        httpx_mock.add_response(json={"choices": [{"message": {"content": text}, "finish_reason": "length"}]})
        assert (
            check_one(a_target("http://mock/v1", expect=Expect(schema=schema)), ProbeKind.CHAT).category
            is category
        )


def test_a_canned_answer_is_told(httpx_mock: HTTPXMock) -> None:
    """It works, but a cache could have said it: a note, and a failed expectation where one is asked for."""
    httpx_mock.add_response(json=chat_answer(), is_reusable=True)
    told = check_one(a_target("http://mock/v1"), ProbeKind.CHAT)
    demanded = check_one(a_target("http://mock/v1", expect=Expect(challenge=True)), ProbeKind.CHAT)

    assert told.status is Status.HEALTHY
    assert any("does not repeat the word asked for" in note for note in told.notes)
    assert demanded.category is Category.EXPECTATION


def test_an_unknown_model_gets_the_nearest_names(sim: Served) -> None:
    """From the provider's own list."""
    result = check_one(a_target(sim.url + "/v1", model="sim-3"))

    assert result.category is Category.MODEL_NOT_FOUND
    assert (result.hint or "").startswith("did you mean `sim-")


def test_every_key_rejected_at_once_is_perhaps_theirs(sim: Served) -> None:
    """One bad key is its owner's; several different ones at the same moment are not."""
    from llmprobe.model import Credential, Secret

    def key(value: str) -> Credential:
        return Credential(Secret(value), "authorization", "Bearer", "test")

    two = check(*(a_target(sim.at("auth"), name=n, credential=key(n * 8)) for n in "ab"))
    same = check(*(a_target(sim.at("auth"), name=n, credential=key("x" * 8)) for n in "ab"))
    one_works = check(
        a_target(sim.at("auth"), name="a", credential=key("a" * 8)),
        a_target(sim.at("ok"), name="b", credential=key("b" * 8)),
    )

    assert {r.fault for r in two.results} == {Fault.UNKNOWN}
    assert "1 other key of simulator is rejected too: perhaps theirs" in two.results[0].reason
    assert two.exit_code is ExitCode.FAILED
    assert {r.fault for r in same.results} == {Fault.CLIENT}
    assert one_works.results[0].fault is Fault.CLIENT
    assert "another key of simulator works" in one_works.results[0].reason


def test_the_same_key_at_work_elsewhere_speaks_for_the_key(sim: Served) -> None:
    """Then a rejection is nobody's mistake that we can name."""
    from llmprobe.model import Confidence, Credential, Secret

    key = Credential(Secret("x" * 8), "authorization", "Bearer", "test")
    run = check(*(a_target(sim.at(n), name=n, credential=key) for n in ("auth", "ok")))

    assert run.results[0].fault is Fault.UNKNOWN
    assert run.results[0].confidence is Confidence.GUESS
    assert "the same key works for ok" in run.results[0].reason


def test_what_other_models_and_providers_show_is_named_in_the_reason(sim: Served, refused_url: str) -> None:
    """A failure that two models share is the provider's; a way that others were reached on is told so."""
    models = check(*(a_target(sim.at("server_error"), name=n, model=n) for n in ("one", "two")))
    way = check(
        a_target(refused_url, name="lost"),
        a_target(sim.at("ok"), name="found", provider="openai"),
    )

    assert all("1 other model of simulator fails too" in r.reason for r in models.results)
    assert "1 other provider was reached meanwhile" in way.results[0].reason
    assert way.results[0].fault is Fault.NETWORK


def test_another_server_of_the_same_kind_is_no_witness(sim: Served, serve: Callable[..., Served]) -> None:
    """Two gateways on two ports have keys and models of their own."""
    from llmprobe.model import Credential, Secret

    key, other = Credential(Secret("x" * 8), "authorization", "Bearer", "test"), serve()
    run = check(
        a_target(sim.at("auth"), credential=key),
        a_target(other.at("ok"), name="elsewhere", credential=key),
        a_target(sim.at("overloaded"), name="m1", model="m1", retries=0),
        a_target(other.at("server_error"), name="m2", model="m2", retries=0),
    )
    assert "elsewhere" not in run.results[0].reason
    assert (run.results[0].fault, run.results[0].category) == (Fault.CLIENT, Category.AUTH)
    assert all("other model" not in result.reason for result in run.results)


def test_a_result_says_how_sure_it_is_and_what_else_it_could_be(sim: Served) -> None:
    """In the result and in the JSON; a certain verdict names its evidence."""
    result = check_one(a_target(sim.at("auth")))

    assert result.confidence == "certain"
    assert result.evidence
    assert set(result.runner_up_evidence).isdisjoint(result.evidence)


@pytest.mark.parametrize(
    ("body", "hit"),
    [
        ({"code": "rate_limit_exceeded", "message": "Rate limit reached on tokens per min (TPM)"}, "tokens"),
        ({"code": "rate_limit_exceeded", "message": "Rate limit reached for requests"}, "requests"),
        ({"code": "rate_limit_exceeded", "message": "too many concurrent requests"}, "concurrency"),
        (
            {
                "code": "rate_limit_exceeded",
                "message": "Rate limit reached on requests per day (RPD). Please try again in 7m.",
            },
            "daily",
        ),
        (
            {
                "code": "rate_limit_exceeded",
                "message": "Request too large for x on tokens per min: Limit 1, Requested 2",
            },
            "request_size",
        ),
        ({"code": "insufficient_quota", "message": "x"}, "credits"),
        ({"code": "project_spend_limit_exceeded", "message": "x"}, "spend"),
        ({"code": "x", "message": "limited to 1000 API calls / month."}, "monthly"),
        ({"code": "free_tier_limit", "message": "x"}, "free_tier"),
    ],
)
def test_limits_are_told_apart(httpx_mock: HTTPXMock, body: dict[str, str], hit: str) -> None:
    """Which limit was hit decides what to do about it."""
    httpx_mock.add_response(status_code=429, json={"error": body})
    assert check_one(a_target("http://mock/v1"), ProbeKind.CHAT).rate_limit.hit == hit


def test_an_answer_as_expected_is_healthy(sim: Served) -> None:
    """The simulator repeats the word that it was asked for, as a live model does."""
    assert (
        check_one(a_target(sim.at("ok"), expect=Expect(challenge=True, contains="Here"))).category
        is Category.OK
    )


def test_a_retiring_model_is_told_in_time(sim: Served) -> None:
    from datetime import UTC, datetime, timedelta

    soon = str((datetime.now(UTC) + timedelta(days=10)).date())
    later = str((datetime.now(UTC) + timedelta(days=200)).date())
    assert check_one(a_target(sim.at("ok"), retires_on=soon)).category is Category.RETIRING
    assert check_one(a_target(sim.at("ok"), retires_on=later)).category is Category.OK


def test_an_expiring_certificate_is_told(serve: Callable[..., Served]) -> None:
    url = serve(certificate="trusted").url + "/v1"
    import tempfile

    from llmprobe.simulator import certificate_authority

    with tempfile.NamedTemporaryFile("w", suffix=".pem") as ca:
        ca.write(certificate_authority())
        ca.flush()
        target = a_target(url, ca_bundle=ca.name, thresholds=Thresholds(cert_days=99999))
        assert check_one(target).category is Category.CERT_EXPIRING


def expiring(target: str, days: float, url: str = "https://h.example/v1", **changes: Any) -> Result:
    status = Status.FAILED if days < 3 else Status.DEGRADED
    return a_result(
        target, Category.CERT_EXPIRING, endpoint=url, **{"status": status, "fault": Fault.PROVIDER, **changes}
    )


def test_a_certificate_is_told_once_for_each_host() -> None:
    """The others of the host stay healthy, or degraded where it is about to end; another host is told, too."""
    from llmprobe.engine.outcome.cross_check import reconsider

    other = expiring("c", 10, "https://other.example/v1")
    soon = reconsider([expiring("a", 10), expiring("b", 10), other], [])
    assert [r.category for r in soon] == [Category.CERT_EXPIRING, Category.OK, Category.CERT_EXPIRING]
    assert soon[1].status is Status.HEALTHY
    assert soon[1].notes[-1].endswith("(told of a)")
    now = reconsider([expiring("a", 1), expiring("b", 1)], [])
    assert [r.status for r in now] == [Status.FAILED, Status.DEGRADED]


@pytest.mark.parametrize(
    ("days", "critical_days", "status"),
    [(None, None, Status.HEALTHY), (14, 3, Status.HEALTHY), (99999, 3, Status.DEGRADED), (99999, 99998, Status.FAILED)],
)  # fmt: skip
def test_days_left_decide_between_degraded_and_failed(
    serve: Callable[..., Served],
    tmp_path: Path,
    days: float | None,
    critical_days: float | None,
    status: Status,
) -> None:
    from llmprobe.simulator import certificate_authority

    ca = tmp_path / "ca.pem"
    ca.write_text(certificate_authority())
    limits = Thresholds(cert_days=days, cert_critical_days=critical_days)
    url = serve(certificate="trusted").url + "/v1"
    assert check_one(a_target(url, ca_bundle=str(ca), thresholds=limits)).status is status


@pytest.mark.parametrize(
    ("limits", "status", "reason"),
    [
        (Thresholds(first_event_s=1e-6), Status.DEGRADED, "first event "),
        (Thresholds(first_text_s=1e-6), Status.DEGRADED, "first text "),
        (Thresholds(critical={"first_event": 1e-6}), Status.FAILED, "critical limit"),
        (Thresholds(tokens_per_second=1e9), Status.DEGRADED, " tokens/s, limit 1e+09"),
        (Thresholds(critical={"tokens_per_second": 1e9}), Status.FAILED, " tokens/s, critical limit"),
        (Thresholds(first_event_s=60, tokens_per_second=1e-9), Status.HEALTHY, "answered"),
    ],
)
def test_every_timing_and_the_rate_can_be_limited(
    sim: Served, limits: Thresholds, status: Status, reason: str
) -> None:
    result = check_one(a_target(sim.at("drip:5ms"), thresholds=limits))
    assert (result.status, reason in result.reason) == (status, True), result.reason


def test_a_missing_key_sends_nothing(sim: Served) -> None:
    """It is yours to fix, and no request leaves."""
    before = sim.simulator.last_headers
    result = check_one(a_target(sim.at("ok"), missing_keys=("X_KEY",)))

    assert (result.category, result.fault, result.attempts) == (Category.MISSING_CREDENTIAL, Fault.CLIENT, ())
    assert '"X_KEY" is not set; nothing was sent' in result.reason
    assert sim.simulator.last_headers is before


def test_a_retired_provider_says_so(sim: Served) -> None:
    result = check_one(a_target(sim.at("ok"), retired="It was retired on 2026-07-30"))
    assert (result.status, result.attempts) == (Status.FAILED, ())
    assert "retired on 2026-07-30" in result.reason


def test_two_hundred_targets_are_probed_side_by_side(sim: Served) -> None:
    """The run takes a fraction of the time that its probes take together."""
    targets = [
        a_target(
            sim.at("slow_headers:100ms"),
            name=f"t{i}",
            probes=(ProbeKind.CHAT,),
            timeouts=Timeouts(total_s=20),
        )
        for i in range(200)
    ]
    started = time.monotonic()
    done = check(*targets)
    elapsed_s = time.monotonic() - started

    assert [r.target for r in done.results] == [t.name for t in targets]
    assert all(r.status is Status.HEALTHY for r in done.results), done.conclusion
    assert elapsed_s < sum(r.timings.total_s or 0 for r in done.results) / 4


def test_a_bug_of_ours_is_a_result_and_stops_nobody(sim: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """`internal`, exit 70, and the others are still probed; it blames no provider."""
    real: Callable[..., Any] = vars(engine)["run_probe"]
    told: list[str] = []

    async def buggy(target: Any, probe: Any, **options: Any) -> Result:
        if target.name == "bad":
            raise ZeroDivisionError("a bug")
        found: Result = await real(target, probe, **options)
        return found

    monkeypatch.setattr(engine, "run_probe", buggy)
    done = check(a_target(sim.at("ok"), name="bad"), a_target(sim.at("ok"), name="good"), on_bug=told.append)

    assert [r.category for r in done.results] == [Category.INTERNAL, Category.OK]
    assert done.exit_code is ExitCode.INTERNAL
    assert "ZeroDivisionError" in told[0]


def test_a_stop_keeps_what_is_finished(sim: Served) -> None:
    """Ctrl-C in the middle: the finished are reported, the others are `cancelled`."""

    async def main() -> Any:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(0.4, stop.set)
        slow = a_target(sim.at("no_headers"), name="slow", timeouts=Timeouts(total_s=30))
        return await run([a_target(sim.at("ok"), name="quick"), slow], options=Options(stop=stop))

    started = time.monotonic()
    done = asyncio.run(main())
    assert time.monotonic() - started < 2
    assert [(r.target, r.category) for r in done.results] == [
        ("quick", Category.OK),
        ("slow", Category.CANCELLED),
    ]


def test_results_arrive_as_they_are_done(sim: Served) -> None:
    arrived: list[str] = []
    check(
        a_target(sim.at("slow_headers:200ms"), name="slow"),
        a_target(sim.at("ok"), name="quick"),
        on_result=lambda r: arrived.append(r.target),
    )
    assert arrived == ["quick", "slow"]


def test_a_slow_host_starves_nobody(sim: Served, serve: Callable[..., Served]) -> None:
    """Its queue is its own: others do not wait behind it."""
    slow = serve()
    targets = [a_target(slow.at("slow_headers:300ms"), name=f"slow{i}") for i in range(6)]
    arrived: list[str] = []
    check(
        *targets,
        a_target(sim.at("ok"), name="quick"),
        concurrency=3,
        per_host=2,
        on_result=lambda r: arrived.append(r.target),
    )
    assert arrived[0] == "quick"


CODES = [
    ([Category.OK], on("failed"), ExitCode.OK),
    ([Category.OVERLOADED], on("failed"), ExitCode.FAILED),
    ([Category.AUTH], on("failed"), ExitCode.CLIENT),
    ([Category.DNS], on("failed"), ExitCode.NETWORK),
    ([Category.SLOW], on("failed"), ExitCode.OK),
    ([Category.SLOW], on("degraded"), ExitCode.DEGRADED),
    ([Category.OVERLOADED, Category.AUTH, Category.DNS], on("failed"), ExitCode.CLIENT),
    ([Category.OVERLOADED, Category.DNS], on("failed"), ExitCode.NETWORK),
    ([Category.SLOW, Category.OVERLOADED], on("degraded"), ExitCode.FAILED),
    ([Category.INTERNAL, Category.AUTH], on("never"), ExitCode.INTERNAL),
    ([Category.OVERLOADED], on("auth"), ExitCode.OK),
    ([Category.OVERLOADED, Category.AUTH], on("auth"), ExitCode.CLIENT),
    ([Category.OVERLOADED, Category.DNS], on("provider"), ExitCode.FAILED),
    ([Category.SLOW], on("provider"), ExitCode.OK),
    ([Category.SLOW], on("slow"), ExitCode.DEGRADED),
    ([Category.DNS], on("provider", "auth"), ExitCode.OK),
    ([Category.TIMEOUT_HEADERS], on("timeout"), ExitCode.FAILED),
    ([Category.OK, Category.BUDGET], on("auth"), ExitCode.FAILED),
    ([Category.AUTH], on("never"), ExitCode.OK),
    ([Category.MISSING_CREDENTIAL], on("failed"), ExitCode.CLIENT),
    ([Category.BACKOFF], on("failed"), ExitCode.USAGE),
    ([Category.BACKOFF, Category.OK], on("failed"), ExitCode.FAILED),
    ([], on("failed"), ExitCode.USAGE),
]


@pytest.mark.parametrize(("categories", "fail_on", "code"), CODES)
def test_the_exit_code_follows_the_contract(
    categories: list[Category], fail_on: FailOn, code: ExitCode
) -> None:
    """70, then 4, 5, 1, 3; an outage of theirs never hides a key of ours."""
    results = [a_result(f"t{i}", category) for i, category in enumerate(categories)]
    assert exit_code(results, [], fail_on) is code


def test_a_group_counts_for_its_members() -> None:
    """Any one of them is enough, or `need` of them; a failed group tells why through its members."""
    results = [a_result("a", Category.OVERLOADED), a_result("b"), a_result("c", Category.DNS)]
    enough = group_results([Group("g", ("a", "b", "c"), 1)], results)
    short = group_results([Group("g", ("a", "b", "c"), 2)], results)

    assert (enough[0].status, exit_code(results, enough, on("failed"))) == (Status.DEGRADED, ExitCode.OK)
    assert exit_code(results, enough, on("degraded")) is ExitCode.DEGRADED
    assert (short[0].status, exit_code(results, short, on("failed"))) == (Status.FAILED, ExitCode.NETWORK)
    assert worst_status(results, enough) is Status.DEGRADED


@pytest.mark.parametrize("fail_on", [on("failed"), on("auth"), on("client"), on("request"), on("degraded")])
def test_a_group_never_excuses_what_is_ours(fail_on: FailOn) -> None:
    """Key, quota, model, request: the program will meet it as soon as it fails over."""
    results = [a_result("a", Category.AUTH), a_result("b")]
    groups = group_results([Group("g", ("a", "b"), 1)], results)
    assert exit_code(results, groups, fail_on) is ExitCode.CLIENT
    assert worst_status(results, groups) is Status.FAILED
    unknown = [replace(results[0], fault=Fault.UNKNOWN), results[1]]
    assert exit_code(unknown, groups, on("failed")) is ExitCode.OK


@pytest.mark.parametrize(
    ("cause", "fail_on", "code"),
    [
        (Category.RATE_LIMITED, on("failed"), ExitCode.CLIENT),
        (Category.OVERLOADED, on("failed"), ExitCode.FAILED),
        (Category.RATE_LIMITED, on("provider"), ExitCode.OK),
        (Category.RATE_LIMITED, on("rate_limited"), ExitCode.CLIENT),
        (Category.RATE_LIMITED, on("limit"), ExitCode.CLIENT),
        (Category.RATE_LIMITED, on("never"), ExitCode.OK),
    ],
)
def test_a_pause_counts_as_the_failure_that_caused_it(
    cause: Category, fail_on: FailOn, code: ExitCode
) -> None:
    """Alone and beside others, and in a group."""
    pause = replace(a_result("a", Category.BACKOFF), fault=ABOUT[cause].fault, paused_by=cause)
    assert exit_code([pause], [], fail_on) is code
    assert exit_code([pause, a_result("b")], [], fail_on) is code
    groups = group_results([Group("g", ("a", "b"), 1)], [pause, a_result("b")])
    excused = code if cause is Category.RATE_LIMITED else ExitCode.OK
    assert exit_code([pause, a_result("b")], groups, fail_on) is excused


def conclusion(*results: Result) -> str:
    from llmprobe.engine.outcome.conclusion import conclude

    return conclude(results)


def test_the_conclusion_is_one_sentence_that_helps() -> None:
    from llmprobe.model import RateLimit

    overloaded = a_result("a", Category.OVERLOADED, title="Anthropic", rate_limit=RateLimit(retry_after_s=12))
    assert (
        conclusion(overloaded, a_result("b"), a_result("c"))
        == "2 of 3 healthy. a (Anthropic): overloaded (their side); retry in 12 s."
    )
    several = [a_result(name, Category.OVERLOADED, title="Anthropic") for name in ("prod", "batch")]
    assert conclusion(*several) == "0 of 2 healthy. prod, batch (all of Anthropic): overloaded (their side)."
    five = [a_result(f"t{n}", Category.OVERLOADED, title="Anthropic") for n in range(5)]
    assert "t0, t1, t2 and 2 more (all of Anthropic): overloaded" in conclusion(*five)
    two = [a_result(name, Category.OVERLOADED, title=name.upper()) for name in ("one", "two")]
    assert conclusion(*two).endswith(
        "one (ONE): overloaded (their side). two (TWO): overloaded (their side)."
    )
    itself = a_result(overloaded.provider, Category.OVERLOADED, title="Anthropic")
    assert conclusion(itself) == "0 of 1 healthy. Anthropic: overloaded (their side)."
    assert conclusion(a_result("a"), a_result("b")) == "All 2 healthy."
    partly = [a_result("prod", Category.OVERLOADED, title="Anthropic"), a_result("batch", title="Anthropic")]
    assert "prod (Anthropic): overloaded" in conclusion(*partly)


@pytest.mark.parametrize("count", [1, 2, 7, 400])
@pytest.mark.parametrize("name", ["t{}", "gateway/meta-llama/llama-3.3-70b-instruct-{}", "x" * 300 + "{}"])
def test_the_conclusion_fits_a_line_of_a_chat(count: int, name: str) -> None:
    """At most 200 characters, and it names a target whatever the names and however many causes."""
    kinds = (Category.OVERLOADED, Category.AUTH, Category.TIMEOUT_FIRST_TOKEN, Category.MODEL_NOT_FOUND)
    results = [
        a_result(name.format(n), kinds[n % len(kinds)], title=f"A vendor with a long name {n % 5}")
        for n in range(count)
    ]
    text = conclusion(*results)
    assert len(text) <= 200
    assert name.format(0)[-20:] in text
    assert text.startswith(f"0 of {count} healthy.")


def test_unrelated_hosts_that_fail_on_the_way_are_one_network() -> None:
    """Nobody's outage hits several vendors' DNS at once."""
    results = [
        a_result("a", Category.DNS, endpoint="https://api.anthropic.com/v1"),
        a_result("b", Category.TIMEOUT_CONNECT, endpoint="https://api.openai.com/v1"),
    ]
    assert "your network, not the providers" in conclusion(*results)
    assert "your network" not in conclusion(*results, a_result("c", endpoint="https://x.example/v1"))
    assert "your network" not in conclusion(results[0], results[0])
    local = [
        a_result(f"l{port}", Category.CONNECT, endpoint=f"http://127.0.0.1:{port}/v1") for port in (1, 2)
    ]
    assert "your network" not in conclusion(*local), "two servers of this machine are no network"


def test_threads_do_not_pile_up(sim: Served) -> None:
    """Resolver threads are one shared pool."""
    for _ in range(3):
        check_one(a_target(sim.url.replace("127.0.0.1", "localhost") + "/v1"))
    assert sum(thread.name.startswith("dns") for thread in threading.enumerate()) <= 64
