"""Errors of every shape come out as one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmprobe.model import ErrorObject
from llmprobe.providers.error_object import canonical, find_error, read_error
from llmprobe.providers.error_object.shapes import SHAPES


@pytest.mark.parametrize(
    ("code", "spelled"),
    [
        ("RateLimitReached", "rate_limit_reached"), ("API_KEY_INVALID", "api_key_invalid"), ("invalid-argument", "invalid_argument"),
        ("ThrottlingException:http://internal.amazon.com/x", "throttling_exception"), ("com.amazon.x#AccessDenied", "access_denied"),
        ("Throttling.RateQuota", "throttling_rate_quota"), ("GenerateRequestsPerDayPerProject", "generate_requests_per_day_per_project"),
    ],
)  # fmt: skip
def test_an_identifier_has_one_spelling(code: str, spelled: str) -> None:
    assert canonical(code) == spelled


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({"error": {"message": "m", "type": "t", "code": "the_code"}}, "the_code", "m"),
        ({"error": "text", "code": "the_code"}, "the_code", "text"),
        ([{"error": {"code": 429, "status": "THE_CODE", "message": "m"}}], "the_code", "m"),
        ({"object": "error", "message": "m", "type": "the_code", "code": 404}, "the_code", "m"),
        ({"type": "error", "error": {"type": "the_code", "message": "m"}}, "the_code", "m"),
        ({"detail": "text"}, None, "text"),
        ({"detail": [{"loc": ["body"], "msg": "field required", "type": "the_code"}]}, "the_code", "field required"),
        ({"message": "text"}, None, "text"),
        ({"__type": "TheCode", "Message": "m"}, "the_code", "m"),
        ({"errors": [{"code": 4006, "message": "m"}]}, "code_4006", "m"),
        ({"base_resp": {"status_code": 1008, "status_msg": "m"}}, "code_1008", "m"),
        ({"success": False, "error": {"code": "THE_CODE"}, "message": "m"}, "the_code", "m"),
        ({"error": {"message": "Provider returned error", "metadata": {"raw": '{"error": {"code": "the_code", "message": "deep"}}'}}}, "the_code", "deep"),
        ({"error": {"message": 'Error: {"error": {"type": "the_code", "message": "deep"}} Traceback'}}, "the_code", "deep"),
        ({"fault": {"faultstring": "m", "detail": {"errorcode": "the.code"}}}, "the_code", "m"),
        ({"choices": [{"error": {"code": "the_code", "message": "m"}}]}, "the_code", "m"),
        ({"errors": [{"message": "m", "extensions": {"code": "THE_CODE"}}]}, "the_code", "m"),
        ({"type": "https://errors.example/the_code", "title": "t", "status": 400, "detail": "m"}, None, "m"),
        ({"error": True, "reason": "the_code", "message": "m"}, "the_code", "m"),
        ({"error": "m", "error_description": "the words"}, None, "the words"),
        ({"error": "t", "details": {"error": {"message": "m", "code": "the_code"}, "provider": "x"}}, "the_code", "m"),
        ({"data": {"error": {"message": "m", "code": "the_code"}}}, "the_code", "m"),
        ({"throttlingException": {"message": "m"}}, "throttling_exception", "m"),
    ],
)  # fmt: skip
def test_the_error_is_found(body: Any, code: str | None, words: str) -> None:
    """Objects, strings, arrays, flat, nested in strings: identifier and words come out."""
    error = find_error(body, status=400)

    assert error is not None
    assert words in error.message
    assert code is None or code in error.codes


@pytest.mark.parametrize(
    "body",
    [
        {"choices": [{"message": {"content": "ok"}}]},
        {"id": "x", "type": "message", "content": []},
        {"error": None, "status": "completed", "object": "response"},
        {"candidates": [{"finishReason": "STOP"}]},
        {"object": "list", "data": []},
        {"base_resp": {"status_code": 0}},
        [1, 2],
        "text",
        None,
    ],
)
def test_an_answer_is_no_error(body: Any) -> None:
    """In a 200 only what calls itself an error is one."""
    assert find_error(body, status=200) is None


def test_waits_and_upstreams_are_facts_of_the_error() -> None:
    google = {
        "error": {"code": 429, "details": [{"@type": "x/google.rpc.RetryInfo", "retryDelay": "34.07s"}]}
    }
    router = {"error": {"code": 429, "message": "m", "metadata": {"provider_name": "Somebody"}}}

    assert find_error(google, status=429) == ErrorObject(
        codes=(), status=429, retry_after_s=34.07, shape="google"
    )
    found = find_error(router, status=429)
    assert found is not None
    assert found.upstream == "Somebody"


def test_xml_is_read_for_its_code_and_its_words() -> None:
    found = read_error(
        b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>no</Message></Error>", 403
    )

    assert found is not None
    assert (found.codes, found.message) == (("access_denied",), "no")


def test_every_shape_reads_something_and_says_where_it_is_from() -> None:
    assert len({shape.name for shape in SHAPES}) == len(SHAPES)
    for shape in SHAPES:
        assert shape.known_by, shape.name
        assert shape.codes or shape.says or shape.inner, shape.name
        assert shape.source, shape.name


@pytest.mark.parametrize("member", ["payload", "notes", "settings"])
def test_what_fits_no_shape_is_not_searched(member: str) -> None:
    """A word that looks like an error somewhere in the request's echo is not one."""
    found = find_error({member: {"error": {"message": "insufficient_quota", "code": "x"}}}, status=400)

    assert found is not None
    assert (found.message, found.codes) == ("", ())


def test_plain_text_is_an_error_only_when_the_status_says_so() -> None:
    text = b"upstream connect error"
    found = read_error(text, 503)

    assert found is not None
    assert found.message == "upstream connect error"
    assert read_error(b"<html>", 503) is None
    assert read_error(b"", 503) is None


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9),
                    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.sampled_from(["error", "message", "code", "detail", "raw", "metadata", "errors", "response", "status", "retryDelay"]), x, max_size=4), max_leaves=14),
       st.sampled_from([None, 200, 400, 500]))  # fmt: skip
def test_no_json_makes_it_raise(value: Any, status: int | None) -> None:
    for found in (find_error(value, status=status), read_error(json.dumps(value).encode(), status)):
        assert found is None or isinstance(found, ErrorObject)
