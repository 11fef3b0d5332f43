"""The classifier: rules that can be trusted, and a verdict for everything."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmprobe.classify import ABOUT, classify, status_of
from llmprobe.classify.retry_after import wait_in_text
from llmprobe.classify.rule import When
from llmprobe.classify.rules import Rule, every
from llmprobe.engine.probing.evidence import evidence_of
from llmprobe.model import (
    CATEGORY_WORDS,
    Category,
    Confidence,
    Evidence,
    Exchange,
    Failure,
    FailureKind,
    Fault,
    Link,
    Phase,
    ProbeKind,
    Status,
    Target,
    Timings,
    Verdict,
)
from llmprobe.providers import OwnCode, dialects, providers

EVERY = every()
OURS = {
    Category.MISSING_CREDENTIAL,
    Category.CANCELLED,
    Category.DEADLINE,
    Category.BUDGET,
    Category.BACKOFF,
    Category.INTERNAL,
}
BY_POLICY = {c for c in Category if status_of(c) is Status.DEGRADED}


def answered(
    status: int,
    body: Any,
    *,
    provider: str = "openai",
    dialect: str = "openai-chat",
    probe: ProbeKind = ProbeKind.CHAT,
    headers: dict[str, str] | None = None,
) -> Verdict:
    """The verdict on an HTTP answer."""
    raw = (
        body
        if isinstance(body, bytes)
        else body.encode()
        if isinstance(body, str)
        else json.dumps(body).encode()
    )
    pairs = tuple((name.replace("_", "-"), value) for name, value in (headers or {}).items())
    exchange = Exchange(Phase.DONE, status=status, headers=pairs, body=raw, timings=Timings(connect_s=0.01))
    return classify(evidence_of(provider, dialect, probe, exchange, dialects()[dialect].reader(probe)))


def broken(
    kind: FailureKind, *links: Link, phase: Phase = Phase.CONNECT, status: int | None = None, **changes: Any
) -> Verdict:
    """The verdict on an exchange that ended early."""
    exchange = Exchange(phase, status=status, failure=Failure(kind, phase, links, limit_s=1.0), **changes)
    return classify(Evidence("openai", "openai-chat", ProbeKind.STREAM, exchange))


@pytest.mark.parametrize("rule", EVERY, ids=lambda r: r.id)
def test_a_rule_says_why_and_where_from(rule: Rule) -> None:
    """A reason, a source with its date (or our own design), and an example."""
    assert len(rule.reason) > 5
    assert rule.example
    assert re.search(r"read 2026-\d\d-\d\d|RFC \d+|llmprobe", rule.source), rule.source
    assert rule.category not in OURS


def test_rule_names_are_unique() -> None:
    assert len({rule.id for rule in EVERY}) == len(EVERY)


def test_every_category_has_a_rule_or_is_our_own() -> None:
    """Degraded categories come from the policy, some of ours from the engine; all else from the rules."""
    assert {rule.category for rule in EVERY} | OURS | BY_POLICY == set(Category)


_EXAMPLE = re.compile(r"(\d{3}) ([^…]+)")


def _example(rule: Rule) -> Verdict:
    """Examples such as `429 some_code`, `400 Some words` or `402 {json}` can be classified."""
    match = _EXAMPLE.fullmatch(rule.example)
    assert match is not None
    status, rest = int(match[1]), match[2]
    if rest.startswith(("{", "[")):
        body: Any = json.loads(rest)
    elif re.fullmatch(r"[A-Za-z_.]+", rest) and ("_" in rest or "." in rest or not rest.islower()):
        body = {"error": {"code": rest, "message": "x"}}
    else:
        body = {"error": {"message": rest}}
    return answered(status, body)


@pytest.mark.parametrize(
    "rule",
    [
        r
        for r in EVERY
        if _EXAMPLE.fullmatch(r.example) and not (isinstance(r.when, When) and (r.when.html or r.when.empty))
    ],
    ids=lambda r: r.id,
)
def test_the_example_of_a_rule_leads_to_its_category(rule: Rule) -> None:
    """Whichever rule decides in the end, the example means what the rule says it means."""
    verdict = _example(rule)
    assert verdict.category in (rule.category, Category.STREAM_ERROR), f"{verdict.rule}: {verdict.reason}"


@pytest.mark.parametrize(
    ("name", "entry"),
    [(name, entry) for name, provider in providers().items() for entry in provider.codes],
    ids=lambda value: value if isinstance(value, str) else value.code[0],
)
def test_a_providers_own_code_means_what_its_entry_says(name: str, entry: OwnCode) -> None:
    """The code alone, in that provider's answer."""
    code = entry.code[0]
    status = entry.status[0] if entry.status else 400
    body: Any = {"error": {"code": code, "type": entry.beside, "message": code.replace("_", " ")}}
    if entry.shape == "base_resp":
        body, status = {"base_resp": {"status_code": int(code)}}, 200
    verdict = answered(status, body, provider=name)
    assert verdict.category == entry.category, f"{verdict.rule}: {verdict.evidence}"
    if not entry.broad:
        assert verdict.confidence is Confidence.CERTAIN


@pytest.mark.parametrize(
    ("headers", "category"),
    [
        ({"x_ratelimit_remaining_requests": "0", "x_ratelimit_reset_requests": "9h12m"}, Category.QUOTA_EXHAUSTED),
        ({"x_ratelimit_remaining_requests": "0", "x_ratelimit_reset_requests": "12s"}, Category.RATE_LIMITED),
        ({"x_ratelimit_remaining_requests": "7", "x_ratelimit_reset_requests": "9h12m"}, Category.RATE_LIMITED),
        ({"x_ratelimit_remaining_requests_day": "0", "x_ratelimit_limit_requests_day": "50"}, Category.QUOTA_EXHAUSTED),
        ({"x_ratelimit_remaining_requests_minute": "0", "x_ratelimit_limit_requests_minute": "5"}, Category.RATE_LIMITED),
        ({"retry_after": "20", "x_ratelimit_remaining_tokens": "0", "x_ratelimit_reset_tokens": "2s"}, Category.RATE_LIMITED),
    ],
)  # fmt: skip
def test_a_429_is_decided_by_what_remains_and_by_the_distance_of_the_reset(
    headers: dict[str, str], category: Category
) -> None:
    """The words alone leave it open."""
    verdict = answered(429, {"error": {"message": "A limit is reached"}}, headers=headers)
    assert verdict.category is category, verdict.evidence


def test_every_category_is_explained() -> None:
    """Meaning, words, and for what is not healthy a hint."""
    assert set(ABOUT) == set(Category) == set(CATEGORY_WORDS)
    for category, about in ABOUT.items():
        assert about.meaning.endswith(".")
        assert about.hint or category is Category.OK


@pytest.mark.parametrize(
    ("status", "body", "category"),
    [
        (
            400,
            {
                "error": {
                    "message": "API key not valid. Please pass a valid key.",
                    "status": "INVALID_ARGUMENT",
                }
            },
            Category.AUTH,
        ),
        (400, {"code": "invalid-argument", "error": "Incorrect API key provided."}, Category.AUTH),
        (
            403,
            {"code": "permission-denied", "error": "The team doesn't have any credits left"},
            Category.QUOTA_EXHAUSTED,
        ),
        (
            400,
            {"error": {"type": "invalid_request_error", "message": "Your credit balance is too low"}},
            Category.QUOTA_EXHAUSTED,
        ),
        (
            429,
            {"error": {"type": "insufficient_quota", "code": "insufficient_quota", "message": "quota"}},
            Category.QUOTA_EXHAUSTED,
        ),
        (429, {"error": {"type": "engine_overloaded_error", "message": "busy"}}, Category.OVERLOADED),
        (
            429,
            {"error": {"type": "exceeded_current_quota_error", "message": "balance"}},
            Category.QUOTA_EXHAUSTED,
        ),
        (500, {"error": {"message": "boom"}}, Category.SERVER_ERROR),
        (503, {"error": {"message": "come back later"}}, Category.OVERLOADED),
        (503, "", Category.GATEWAY),
        (529, "", Category.OVERLOADED),
        (404, {"detail": "Not Found"}, Category.WRONG_ENDPOINT),
        (404, {"error": {"message": "model 'x' not found, try pulling it first"}}, Category.MODEL_NOT_FOUND),
        (401, "", Category.AUTH),
        (402, {"error": "pay"}, Category.QUOTA_EXHAUSTED),
        (418, {"error": "teapot"}, Category.BAD_REQUEST),
        (451, "", Category.REGION_BLOCKED),
        (200, {"error": {"message": "Upstream error", "code": 502}}, Category.GATEWAY),
        (200, {"error": {"message": "something", "code": None}}, Category.SERVER_ERROR),
        (200, "", Category.EMPTY_RESPONSE),
        (200, "<html><title>Sign in</title></html>", Category.INVALID_RESPONSE),
        (200, "<!doctype html><html>Welcome</html>", Category.WRONG_ENDPOINT),
        (502, "<html><h1>502 Bad Gateway</h1>", Category.GATEWAY),
        (302, "", Category.WRONG_ENDPOINT),
        (407, "", Category.PROXY),
    ],
)
def test_the_status_alone_misleads(status: int, body: Any, category: Category) -> None:
    """The same status means other things with other words, and the other way round."""
    assert answered(status, body).category is category


@pytest.mark.parametrize(
    ("raw", "category"),
    [
        ('{"error": {"message": "Insufficient credits", "code": 402}}', Category.QUOTA_EXHAUSTED),
        (
            '{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}',
            Category.OVERLOADED,
        ),
        ('{"error": {"code": "invalid_api_key", "message": "bad"}}', Category.AUTH),
    ],
)
def test_an_error_inside_a_string_inside_a_200_is_found(raw: str, category: Category) -> None:
    """Routers put the upstream's whole answer into `metadata.raw`."""
    body = {
        "error": {
            "message": "Provider returned error",
            "code": 502,
            "metadata": {"raw": raw, "provider_name": "X"},
        }
    }
    assert answered(200, body, provider="openrouter").category is category


@pytest.mark.parametrize(
    ("kind", "link", "category", "fault"),
    [
        (FailureKind.DNS, Link("gaierror", "", errno=-2), Category.DNS, Fault.NETWORK),
        (FailureKind.DNS, Link("gaierror", "", errno=-3), Category.DNS, Fault.NETWORK),
        (FailureKind.CONNECT, Link("ConnectionRefusedError", "", errno=111), Category.CONNECT, Fault.NETWORK),
        (
            FailureKind.CONNECT,
            Link("x", "[WinError 10061] 대상 컴퓨터에서 연결을 거부했으므로"),
            Category.CONNECT,
            Fault.NETWORK,
        ),
        (
            FailureKind.CONNECT,
            Link("x", "[WinError 10060] Se produjo un error"),
            Category.TIMEOUT_CONNECT,
            Fault.NETWORK,
        ),
        (FailureKind.CONNECT, Link("OSError", "", errno=101), Category.CONNECT, Fault.NETWORK),
        (FailureKind.TLS, Link("SSLError", "", verify_code=10), Category.TLS, Fault.UNKNOWN),
        (FailureKind.TLS, Link("SSLError", "", verify_code=19), Category.TLS, Fault.NETWORK),
        (FailureKind.TLS, Link("SSLError", "", reason="WRONG_VERSION_NUMBER"), Category.TLS, Fault.CLIENT),
        (
            FailureKind.PROXY,
            Link("ProxyError", "407 Proxy Authentication Required"),
            Category.PROXY,
            Fault.NETWORK,
        ),
        (FailureKind.RESET, Link("ConnectionResetError", "", errno=104), Category.RESET, Fault.NETWORK),
        (FailureKind.CONNECT_TIMEOUT, Link("x"), Category.TIMEOUT_CONNECT, Fault.NETWORK),
    ],
)
def test_the_network_is_judged_by_numbers(
    kind: FailureKind, link: Link, category: Category, fault: Fault
) -> None:
    """Errno, verify code and alert decide; texts may be localized or empty."""
    verdict = broken(kind, link)
    assert (verdict.category, verdict.fault) == (category, fault)


@pytest.mark.parametrize("kind", list(FailureKind))
def test_every_kind_of_failure_gets_a_verdict(kind: FailureKind) -> None:
    for status in (None, 200):
        verdict = broken(kind, status=status)
        assert verdict.rule
        assert verdict.category is not Category.OK


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry_after": "12"}, 12), ({"retry_after": "1.5"}, 1.5), ({"retry_after_ms": "1500"}, 1.5),
        ({"retry_after": "1", "retry_after_ms": "0"}, 1), ({"retry_after": "nan"}, None), ({"retry_after": "inf"}, None),
        ({"retry_after": ""}, None), ({"retry_after": "999999999"}, None), ({"retry_after": "-3"}, None),
        ({"date": "Fri, 29 Sep 2023 16:26:37 GMT", "retry_after": "Fri, 29 Sep 2023 16:26:57 GMT"}, 20),
        ({"date": "Fri, 29 Sep 2023 16:26:37 GMT", "retry_after": "Fri, 29 Sep 2023 16:20:57 GMT"}, 0),
    ],
)  # fmt: skip
def test_retry_after_is_read_in_every_form(headers: dict[str, str], wait: float | None) -> None:
    """Nonsense and the absurd are unknown; the past is now."""
    assert answered(429, {"error": {"code": "rate_limit_exceeded"}}, headers=headers).retry_after_s == wait


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("Please try again in 9m38.016s.", 578.016), ("Please retry in 44.097740004s.", 44.097740004), ("try again in 1ms", 0.001),
        ("Please wait 5631 seconds before retrying", 5631), ("Retry after 20 seconds", 20), ("try again in 1 hour and 5 minutes", 3900),
        ("Your quota will reset after 12s.", 12), ("try again later", None), ("10 requests per minute", None),
    ],
)  # fmt: skip
def test_a_wait_named_in_words_is_read(text: str, wait: float | None) -> None:
    assert wait_in_text(text) == (pytest.approx(wait) if wait is not None else None)


def test_waiting_is_not_advised_where_it_is_futile() -> None:
    """No credit comes back by waiting, whatever the header says."""
    assert (
        answered(429, {"error": {"code": "insufficient_quota"}}, headers={"retry_after": "30"}).retry_after_s
        is None
    )
    assert (
        answered(401, {"error": {"code": "invalid_api_key"}}, headers={"retry_after": "30"}).retry_after_s
        is None
    )


def test_the_servers_own_word_on_retrying_wins() -> None:
    """`x-should-retry` (OpenAI, Anthropic)."""
    assert not answered(500, {"error": {"message": "x"}}, headers={"x_should_retry": "false"}).transient
    assert answered(409, {"error": {"message": "x"}}, headers={"x_should_retry": "true"}).transient


def test_keyless_any_answer_of_the_api_proves_the_way() -> None:
    """An edge probe is healthy on a 401 in JSON, and not on a gateway's page."""
    assert answered(401, {"error": {"code": "x"}}, probe=ProbeKind.EDGE).category is Category.OK
    assert answered(502, "<html>Bad Gateway</html>", probe=ProbeKind.EDGE).category is Category.GATEWAY
    assert (
        answered(503, {"error": {"message": "Loading model"}}, probe=ProbeKind.EDGE).category
        is Category.LOADING
    )


def test_length_limited_and_reasoning_only_answers_are_healthy() -> None:
    """They prove that the model works."""
    choice = {"message": {"content": ""}, "finish_reason": "length"}
    thought = {"message": {"content": "", "reasoning_content": "Hm"}, "finish_reason": "stop"}
    tools = {
        "message": {"content": None, "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]},
        "finish_reason": "tool_calls",
    }

    for one in (choice, thought, tools):
        assert answered(200, {"choices": [one]}).category is Category.OK
    assert (
        answered(200, {"choices": [{"message": {"content": ""}, "finish_reason": "stop"}]}).category
        is Category.EMPTY_RESPONSE
    )
    assert (
        answered(200, {"choices": [{"message": {"content": ""}, "finish_reason": "content_filter"}]}).category
        is Category.CONTENT_FILTERED
    )


HEADERS = st.dictionaries(
    st.sampled_from(["retry_after", "retry_after_ms", "server", "content_type", "date", "location", "x_should_retry", "cf_ray", "x_amzn_errortype"]),
    st.text(max_size=30), max_size=4,
)  # fmt: skip


@given(
    st.integers(100, 999),
    st.binary(max_size=300) | st.text(max_size=300),
    HEADERS,
    st.sampled_from(sorted(dialects())),
)
def test_whatever_comes_there_is_a_verdict(
    status: int, body: Any, headers: dict[str, str], dialect: str
) -> None:
    """Arbitrary bytes, headers and statuses: no exception, always a category, always a sentence."""
    for probe in sorted(dialects()[dialect].probes):
        verdict = answered(status, body, dialect=dialect, probe=probe, headers=headers)
        assert verdict.category in Category
        assert verdict.reason
        assert (verdict.fault is None) == (verdict.category is Category.OK)


def _written_cases() -> list[tuple[int, list[str], str]]:
    from tests.classify_cases import CASES

    parts = [line.split(" | ", 2) for line in CASES.strip().splitlines()]
    return [(int(status), categories.split(), body) for status, categories, body in parts]


@pytest.mark.parametrize(("status", "categories", "body"), _written_cases())
def test_other_wordings_are_understood(status: int, categories: list[str], body: str) -> None:
    """No rule was made for these: they show that the rules generalise. Any of the categories named is right."""
    verdict = answered(status, body)
    assert verdict.category in categories, f"{verdict.rule}: {verdict.reason}"


@pytest.mark.parametrize(
    "location", ["http://[bad", "", "//", "http://h:port/", "\x00", "javascript:alert(1)"]
)
def test_a_hostile_location_is_only_a_word(location: str) -> None:
    """What a server writes into a header cannot make us fail."""
    assert answered(302, "", headers={"location": location}).category is Category.WRONG_ENDPOINT


def test_a_reason_is_one_line() -> None:
    """Logs and `--quiet` count on it, whatever a server (or a model's name) holds."""
    verdict = answered(400, {"error": {"message": "line one\nline two\r\n\tline three"}})
    assert "\n" not in verdict.reason
    assert "line one line two line three" in verdict.reason


def test_a_model_past_its_end_is_told_with_the_day() -> None:
    """What the catalogue knows of its retirement; a day to come says nothing of this failure."""
    body = b'{"error": {"message": "There is no such model"}}'
    exchange = Exchange(Phase.DONE, status=404, body=body)
    reader = dialects()["openai-chat"].reader(ProbeKind.CHAT)
    seen = evidence_of("openai", "openai-chat", ProbeKind.CHAT, exchange, reader)

    def reason(day: str) -> str:
        return classify(seen, Target("t", "openai", "openai-chat", "https://x/v1", retires_on=day)).reason

    assert reason("2020-05-17").endswith("; it was retired on 2020-05-17")
    assert "retired" not in reason("2999-01-01")
