"""An error in hand, as text or as an exception: read for what it is, judged, and never repeated with its secrets."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from typing import Any

import httpx
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import llmprobe
from llmprobe.errors import UsageError
from llmprobe.model import Category, Confidence, Fault
from llmprobe.model.explanation import Explanation, ReadAs
from tests.support import clean_env
from tests.support import llmprobe as command

KEY = "sk-proj-Zq81Lm0pXw93Rt7uVb25"
QUOTA = {
    "error": {
        "message": "No quota is left.",
        "type": "insufficient_quota",
        "param": None,
        "code": "insufficient_quota",
    }
}
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "We are over capacity"}}

TRACEBACK = f"""Traceback (most recent call last):
  File "app.py", line 9, in <module>
    client.chat.completions.create(model="m", messages=[])
openai.RateLimitError: Error code: 429 - {QUOTA}
"""
CHAINED = """Traceback (most recent call last):
  File "httpcore/_exceptions.py", line 10, in map_exceptions
httpcore.ConnectError: [Errno -2] Name or service not known

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "app.py", line 9, in <module>
openai.APIConnectionError: Connection error.
"""
CURL_I = f"""HTTP/1.1 200 Connection established\r
\r
HTTP/2 429 \r
content-type: application/json\r
retry-after: 12\r
\r
{json.dumps({"error": {"message": "Slow down.", "type": "requests", "code": "rate_limit_exceeded"}})}"""
CURL_V = f"""* Connected to api.anthropic.com (10.0.0.1) port 443
> POST /v1/messages HTTP/2
> Host: api.anthropic.com
> x-api-key: {KEY}
>
< HTTP/2 529
< request-id: req_1
< content-type: application/json
<
{json.dumps(OVERLOADED)}
* Connection #0 to host api.anthropic.com left intact
"""
GENAI = (
    "google.genai.errors.ClientError: 400 INVALID_ARGUMENT. {'error': {'code': 400, 'message': 'Send a valid key.', "
    "'status': 'INVALID_ARGUMENT', 'details': [{'reason': 'API_KEY_INVALID'}]}}"
)
BOTO = (
    "botocore.errorfactory.ThrottlingException: An error occurred (ThrottlingException) when calling the Converse "
    "operation (reached max retries: 4): Too many requests"
)
NODE = """APIConnectionError: Connection error.
    at OpenAI.makeRequest (core.mjs:317:19)
  [cause]: Error: getaddrinfo ENOTFOUND api.openai.example
"""
GO = 'Post "https://api.anthropic.com/v1/messages": dial tcp: lookup api.anthropic.com: no such host'
GRPC = """grpc._channel._InactiveRpcError: <_InactiveRpcError of RPC that terminated with:
\tstatus = StatusCode.RESOURCE_EXHAUSTED
\tdetails = "Too many requests"
"""
GROUP = """  + Exception Group Traceback (most recent call last):
  | ExceptionGroup: unhandled errors (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    | httpx.ConnectError: [Errno 111] Connection refused
    +------------------------------------
"""
REQUESTS = "requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://api.groq.com/openai/v1/models"


@pytest.mark.parametrize(
    ("text", "read_as", "category", "provider"),
    [
        ("529", ReadAs.STATUS, Category.OVERLOADED, None),
        ("HTTP 429", ReadAs.STATUS, Category.RATE_LIMITED, None),
        ("429 Too Many Requests", ReadAs.STATUS, Category.RATE_LIMITED, None),
        ("HTTP/1.1 401 Unauthorized", ReadAs.STATUS, Category.AUTH, None),
        ("Error code: 404", ReadAs.STATUS, None, None),
        ("insufficient_quota", ReadAs.CODE, Category.QUOTA_EXHAUSTED, None),
        ("overloaded_error", ReadAs.CODE, Category.OVERLOADED, None),
        ("ThrottlingException", ReadAs.CODE, Category.RATE_LIMITED, None),
        (json.dumps(QUOTA), ReadAs.BODY, Category.QUOTA_EXHAUSTED, None),
        (str(QUOTA), ReadAs.BODY, Category.QUOTA_EXHAUSTED, None),
        (CURL_I, ReadAs.HTTP, Category.RATE_LIMITED, None),
        (CURL_V, ReadAs.HTTP, Category.OVERLOADED, "anthropic"),
        (TRACEBACK, ReadAs.TRACEBACK, Category.QUOTA_EXHAUSTED, None),
        (CHAINED, ReadAs.TRACEBACK, Category.DNS, None),
        (GENAI, ReadAs.TRACEBACK, Category.AUTH, "gemini"),
        (BOTO, ReadAs.TRACEBACK, Category.RATE_LIMITED, "bedrock"),
        (REQUESTS, ReadAs.TRACEBACK, Category.AUTH, "groq"),
        (
            "openai.InternalServerError: Error code: 529 - Overloaded",
            ReadAs.TRACEBACK,
            Category.OVERLOADED,
            None,
        ),
        ("openai.APITimeoutError: Request timed out.", ReadAs.TRACEBACK, Category.TIMEOUT_HEADERS, None),
        (
            f"2026-11-24 10:00:01 ERROR app: openai.RateLimitError: Error code: 429 - {QUOTA}",
            ReadAs.MESSAGE,
            Category.QUOTA_EXHAUSTED,
            None,
        ),
        (
            json.dumps(
                {"level": "error", "msg": f"anthropic.OverloadedError: Error code: 529 - {OVERLOADED}"}
            ),
            ReadAs.TRACEBACK,
            Category.OVERLOADED,
            "anthropic",
        ),
        (NODE, ReadAs.TRACEBACK, Category.DNS, None),
        (GO, ReadAs.MESSAGE, Category.DNS, "anthropic"),
        (GRPC, ReadAs.TRACEBACK, Category.RATE_LIMITED, None),
        (GROUP, ReadAs.TRACEBACK, Category.CONNECT, None),
        ("curl: (22) The requested URL returned error: 503", ReadAs.MESSAGE, Category.OVERLOADED, None),
        ("curl: (6) Could not resolve host: api.openai.com", ReadAs.MESSAGE, Category.DNS, None),
        ("curl: (60) SSL certificate problem: self-signed certificate", ReadAs.MESSAGE, Category.TLS, None),
        ("ECONNREFUSED", ReadAs.CODE, Category.CONNECT, None),
        ("RateLimitError", ReadAs.CODE, Category.RATE_LIMITED, None),
        ("503", ReadAs.STATUS, Category.OVERLOADED, None),
        ("<html><head><title>502 Bad Gateway</title></head></html>", ReadAs.BODY, Category.GATEWAY, None),
        (
            "openai.OpenAIError: The api_key client option must be set by passing it or by OPENAI_API_KEY",
            ReadAs.TRACEBACK,
            Category.MISSING_CREDENTIAL,
            None,
        ),
        ("Error code: 401 - {'error': {'code': 'invalid_api_key'}}", ReadAs.MESSAGE, Category.AUTH, None),
        (f"event: error\ndata: {json.dumps(OVERLOADED)}\n\n", ReadAs.STREAM, Category.OVERLOADED, None),
    ],
)
def test_an_error_is_read_for_what_it_is(
    text: str, read_as: ReadAs, category: Category | None, provider: str | None
) -> None:
    told = llmprobe.explain(text)

    assert (told.read_as, told.provider) == (read_as, provider)
    assert category is None or told.category == category, told


def test_a_wait_that_the_answer_names_is_told() -> None:
    told = llmprobe.explain(CURL_I)
    assert (told.retry_after_s, told.transient, told.http_status) == (12.0, True, 429)


def test_a_healthy_body_is_healthy() -> None:
    body = {"choices": [{"message": {"role": "assistant", "content": "pong"}, "finish_reason": "stop"}]}
    told = llmprobe.explain(json.dumps(body))
    assert (told.category, told.fault) == (Category.OK, None)


@pytest.mark.parametrize("status", ["200", "HTTP 204", "100"])
def test_a_status_of_success_alone_is_called_no_error(status: str) -> None:
    """Its body was not shown, so it cannot be called empty."""
    assert llmprobe.explain(status).category is None
    done = command("explain", status)
    assert (done.returncode, done.stdout) == (2, "")
    assert "alone is no error" in done.stderr


def test_the_provider_that_is_named_decides_what_a_code_means() -> None:
    told = llmprobe.explain("insufficient_quota", provider="openai")

    assert told.provider == "openai"
    assert told.hint
    assert "platform.openai.com" in told.hint


def test_a_provider_outside_of_the_catalogue_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown provider"):
        llmprobe.explain("429", provider="nobody")


@pytest.mark.parametrize(
    "text", ["", "   ", "frobnicate", "the weather is nice today", "\x00\xff\x1b[31m", "{" * 9000]
)
def test_what_is_not_known_is_called_unknown_and_accuses_no_side(text: str) -> None:
    told = llmprobe.explain(text)
    assert (told.category, told.fault, told.confidence) == (None, Fault.UNKNOWN, Confidence.GUESS)


@given(st.one_of(st.text(), st.binary()))
def test_any_text_gets_an_answer(text: str | bytes) -> None:
    assert isinstance(llmprobe.explain(text), Explanation)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 5_000_000,
        "{'a': " * 200_000,
        "[" * 200_000,
        "HTTP/1.1 200 OK\n" * 100_000,
        "openai.RateLimitError: Error code: 429 - " * 50_000,
        "a: b\n" * 500_000,
        "data: {}\n\n" * 300_000,
        "sk-" * 1_000_000,
        "https://" * 300_000,
        "bearer " * 300_000,
        "Error." * 300_000,
        "?key=" * 300_000,
        "\n" * 300_000,
    ],
    ids=lambda text: text[:12].strip(),
)
def test_a_huge_error_is_bounded(text: str) -> None:
    """The reading of a large input costs about what a bounded one costs: nothing grows with its square."""
    started = time.process_time()
    llmprobe.explain(text)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "text",
    [
        CURL_V,
        f"HTTP/1.1 401 Unauthorized\nset-cookie: session={KEY}\n\n"
        + json.dumps({"error": {"message": f"Incorrect API key: {KEY}"}}),
        f"POST /v1/chat HTTP/1.1\nAuthorization: Bearer {KEY}\n\nHTTP/1.1 400 Bad Request\n\nyour header was Bearer {KEY}",
        json.dumps(
            {"error": {"message": f"key {KEY} is wrong", "code": KEY, "type": "invalid_request_error"}}
        ),
        f"openai.AuthenticationError: Error code: 401 - {{'error': {{'message': 'Incorrect API key provided: {KEY}'}}}}",
        f"requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://x.example/v1?key={KEY}&a=b",
        f"requests.exceptions.ConnectionError: https://user:{KEY}@proxy.example refused",
        f"curl: (22) error 401 with x-goog-api-key: {KEY}",
        KEY,
    ],
)
def test_a_credential_in_an_error_is_never_shown(text: str) -> None:
    told = llmprobe.explain(text)
    for part in (KEY, KEY[8:20]):
        assert part not in str(told)


def test_control_characters_never_come_back() -> None:
    told = llmprobe.explain(
        '{"error":{"message":"no \\u001b]52;c;x\\u0007 model\\u202e","code":"model_not_found\\u001b[31m"}}'
    )
    assert not any(ord(c) < 32 or c in "\u202e\x7f" for c in str(told))


# Exceptions


class Fake(Exception):
    """An SDK's exception: whatever attributes it is given."""

    def __init__(self, message: str = "", **attributes: Any) -> None:
        super().__init__(message)
        self.__dict__.update(attributes)


def response(
    status: int, body: Any, url: str = "https://api.openai.com/v1/chat/completions", **headers: str
) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=body, headers=named, request=httpx.Request("POST", url))


def test_an_exception_with_a_response_is_read_from_it() -> None:
    told = llmprobe.explain(
        Fake("Error code: 429", response=response(429, QUOTA), status_code=429, body=QUOTA["error"])
    )

    assert (told.category, told.fault, told.provider) == (Category.QUOTA_EXHAUSTED, Fault.CLIENT, "openai")
    assert told.read_as is ReadAs.EXCEPTION


def test_the_headers_of_the_response_name_the_wait() -> None:
    error = {"error": {"message": "Slow down", "code": "rate_limit_exceeded"}}
    told = llmprobe.explain(Fake(response=response(429, error, retry_after="7"), status_code=429))
    assert (told.category, told.retry_after_s) == (Category.RATE_LIMITED, 7.0)


def test_a_body_without_its_envelope_is_understood() -> None:
    """The openai SDK hands out the inner error object."""
    told = llmprobe.explain(
        Fake("x", status_code=400, body={"message": "No such model", "code": "model_not_found"})
    )
    assert told.category == Category.MODEL_NOT_FOUND


def test_an_error_in_a_stream_has_a_body_and_no_status() -> None:
    told = llmprobe.explain(Fake("Overloaded", body=OVERLOADED, status_code=200))
    assert told.category == Category.OVERLOADED


def test_botocore_keeps_its_answer_in_a_dict() -> None:
    answer = {
        "Error": {"Code": "ExpiredTokenException", "Message": "The token has expired"},
        "ResponseMetadata": {"HTTPStatusCode": 403, "HTTPHeaders": {}},
    }
    told = llmprobe.explain(Fake("An error occurred", response=answer))
    assert (told.category, told.provider, told.http_status) == (Category.AUTH, "bedrock", 403)


def test_google_genai_calls_the_status_code_and_the_body_details() -> None:
    details = {
        "error": {
            "code": 429,
            "status": "RESOURCE_EXHAUSTED",
            "message": "Quota exceeded for requests per minute",
        }
    }
    told = llmprobe.explain(
        Fake("429", code=429, status="RESOURCE_EXHAUSTED", details=details), provider="gemini"
    )
    assert told.category == Category.RATE_LIMITED


def test_httpx_itself_is_understood() -> None:
    with pytest.raises(httpx.HTTPStatusError) as caught:
        response(404, {"error": {"message": "No such model", "code": "model_not_found"}}).raise_for_status()
    assert llmprobe.explain(caught.value).category == Category.MODEL_NOT_FOUND


@pytest.mark.parametrize(
    ("cause", "category"),
    [
        (ConnectionRefusedError(111, "Connection refused"), Category.CONNECT),
        (httpx.ConnectTimeout("timed out"), Category.TIMEOUT_CONNECT),
        (httpx.ReadTimeout("timed out"), Category.TIMEOUT_HEADERS),
        (ConnectionResetError(104, "Connection reset by peer"), Category.RESET),
        (httpx.ProxyError("403 Forbidden"), Category.PROXY),
    ],
)
def test_a_failure_of_the_network_is_found_in_the_chain(cause: Exception, category: Category) -> None:
    try:
        try:
            raise cause
        except Exception as inner:
            raise Fake("Connection error.") from inner
    except Fake as exc:
        told = llmprobe.explain(exc)

    assert told.category == category
    assert told.http_status is None


class Hostile(Exception):
    """Every attribute of it raises, and so does its text."""

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__"):
            return super().__getattribute__(name)
        raise RuntimeError(name)

    def __str__(self) -> str:
        raise RuntimeError("str")


def test_an_exception_that_raises_from_its_attributes_raises_nothing_here() -> None:
    assert llmprobe.explain(Hostile()).category is None


def test_a_chain_that_leads_back_to_itself_ends() -> None:
    one, two = Fake("one"), Fake("two")
    one.__cause__, two.__cause__ = two, one
    assert llmprobe.explain(one).category is None


def test_a_response_that_counts_as_false_is_read_all_the_same() -> None:
    """In requests, the response of an error is false."""

    class Falsy:
        status_code = 429
        headers: dict[str, str] = {}  # noqa: RUF012
        text = json.dumps(QUOTA)

        def __bool__(self) -> bool:
            return False

    assert llmprobe.explain(Fake(response=Falsy())).category == Category.QUOTA_EXHAUSTED


def test_a_body_that_was_not_read_stays_unread() -> None:
    """requests reads the socket when it is asked for the content."""

    class Unread:
        _content = False
        status_code = 503
        headers: dict[str, str] = {}  # noqa: RUF012

        @property
        def text(self) -> str:
            raise AssertionError("the socket was read")

    told = llmprobe.explain(Fake(response=Unread()))
    assert told.http_status == 503


def test_an_explanation_keeps_no_text_of_the_error_but_what_its_reason_quotes() -> None:
    told = llmprobe.explain(
        Fake(
            "prompt: my secret novel",
            response=response(400, {"error": {"message": "m", "code": "c"}}),
            status_code=400,
        )
    )
    assert "novel" not in str(told)


# The command


def test_the_command_explains_a_status_and_says_how_sure_it_is() -> None:
    shown = command("explain", "529", "-p", "anthropic")

    assert shown.returncode == 0
    assert shown.stdout.startswith("overloaded")
    for label in ("why", "side", "wait", "do", "sure"):
        assert f"\n  {label} " in shown.stdout
    assert "Anthropic" in shown.stdout
    assert "theirs" in shown.stdout


def test_words_need_no_quotes() -> None:
    assert command("explain", "429", "Too", "Many", "Requests").stdout.startswith("rate_limited")


def piped(text: bytes, *args: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "llmprobe", "explain", "-", *args],
        input=text,
        capture_output=True,
        env=clean_env(),
        timeout=60,
    )


def test_an_error_is_read_from_standard_input() -> None:
    shown = piped(TRACEBACK.encode())
    assert shown.returncode == 0
    assert shown.stdout.startswith(b"quota_exhausted")


def test_what_powershell_pipes_is_read() -> None:
    assert piped(CURL_I.encode("utf-16")).stdout.startswith(b"rate_limited")


def test_the_json_document_keeps_to_its_schema() -> None:
    schema = json.loads(command("schema", "explain").stdout)
    for text in (CURL_V, CHAINED, "429", TRACEBACK):
        document = json.loads(piped(text.encode(), "-f", "json").stdout)
        jsonschema.validate(document, schema)
        assert document["schema"] == "llmprobe.explain/1"
    assert {"category", "fault", "retry_after_s", "reason", "hint", "confidence"} <= set(document)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("ovrloaded", 'did you mean "overloaded"?'),
        ("insufficent_quota", 'did you mean "insufficient_quota"?'),
        ("999", "did you mean 499"),
    ],
)
def test_an_unknown_word_ends_with_near_names(word: str, hint: str) -> None:
    shown = command("explain", word)
    assert shown.returncode == 2
    assert hint in shown.stderr
    assert shown.stdout == ""


def test_a_word_of_the_operating_system_is_a_failure_of_the_network() -> None:
    told = llmprobe.explain("Connection_refused")
    assert (told.category, told.fault) == (Category.CONNECT, Fault.NETWORK)


@pytest.mark.parametrize("error", ["401", "418", "429", "500", '402 {"error": {}}'])
def test_a_reason_does_not_end_in_the_lack_of_one(error: str) -> None:
    assert re.search(r"\w\)?$", llmprobe.explain(error).reason)


@pytest.mark.parametrize("text", [b"", b"\x00\xff\xfe\x00" * 1000, b"nothing that anyone knows"])
def test_input_that_says_nothing_ends_with_what_to_give_instead(text: bytes) -> None:
    shown = piped(text)
    assert shown.returncode == 2
    assert b"llmprobe explain -" in shown.stderr
    assert b"Traceback" not in shown.stderr


def test_no_output_of_the_command_shows_a_credential_of_the_error() -> None:
    for flags in ([], ["-f", "json"]):
        shown = piped(CURL_V.encode(), *flags)
        assert KEY[8:20].encode() not in shown.stdout + shown.stderr
    alone = command("explain", KEY)
    assert KEY not in alone.stdout + alone.stderr


def test_an_unknown_provider_is_named_with_the_nearest() -> None:
    shown = command("explain", "529", "-p", "antropic")
    assert shown.returncode == 2
    assert 'did you mean "anthropic"?' in shown.stderr


def test_categories_complete() -> None:
    from llmprobe.cli.completion import category_names

    assert category_names("over") == ["overloaded"]
    assert len(category_names("")) == len(Category)


def test_neither_httpx_nor_rich_is_imported_to_explain_an_exception() -> None:
    code = "import sys, llmprobe; llmprobe.explain(Exception('Error code: 429')); print({'httpx', 'rich', 'typer'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=clean_env())
    assert shown.stdout.strip() == "set()", shown
