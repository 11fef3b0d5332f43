"""
Exceptions of SDKs and HTTP clients, read by their attributes.

Known by shape: openai, anthropic and their kin (`status_code`, `response`, `body`), httpx and requests
(`response`), google-genai (`code`, `details`), botocore (`response` is a dict), aiohttp (`status`,
`headers`), cohere and mistralai (`status_code`, `headers`, `body`). None of them is imported, and
nothing is read from a socket: a body that was not read stays unread.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from llmprobe.explanation.credentials import without_credentials
from llmprobe.explanation.exception_names import STATUS_OF, failure_of, provider_of_module
from llmprobe.explanation.hosts import provider_in
from llmprobe.explanation.observed import Headers, Observed
from llmprobe.explanation.sdk_text import read_words
from llmprobe.explanation.text import clean
from llmprobe.model import Link
from llmprobe.model.explanation import ReadAs

_LONGEST_CHAIN = 20
_MOST_HEADERS = 200


def read_exception(exc: BaseException) -> Observed:
    """What an exception shows. Raises nothing, whatever its attributes do."""
    chain = list(_chain(exc))
    answer = next((found for each in chain if (found := _answer(each))), None)
    if answer is not None:
        return answer
    failure = failure_of(map(_link, chain))
    if failure is not None:
        return Observed(ReadAs.EXCEPTION, failure=failure, provider=_provider(exc))
    words = read_words(_words(exc), ReadAs.EXCEPTION)
    status = words.status or STATUS_OF.get(type(exc).__name__)
    return replace(words, status=status, provider=words.provider or _provider(exc))


def _answer(exc: BaseException) -> Observed | None:
    """The HTTP answer that an exception carries, or None where it carries none."""
    response = _get(exc, "response")  # of requests, an error's response is false
    response = _get(exc, "raw_response") if response is None else response
    if isinstance(response, Mapping):
        return _aws_answer(response)
    status = _status(exc, response)
    body = _body(exc, response)
    if status is None and not body:
        return None
    return Observed(
        ReadAs.EXCEPTION,
        status if status is not None else STATUS_OF.get(type(exc).__name__),
        headers=_headers(_get(response, "headers") or _get(exc, "headers")),
        body=body,
        message="" if body else _words(exc),
        provider=_provider(exc, response),
    )


def _aws_answer(response: Mapping[str, Any]) -> Observed | None:
    """botocore keeps the parsed answer: `Error.Code`, `Error.Message`, `ResponseMetadata`."""
    error, meta = response.get("Error"), response.get("ResponseMetadata")
    if not isinstance(error, Mapping) or not isinstance(meta, Mapping):
        return None
    headers = _headers(meta.get("HTTPHeaders"))
    code = str(error.get("Code") or "")
    if code and not any(name.lower() == "x-amzn-errortype" for name, _ in headers):
        headers = (*headers, ("x-amzn-errortype", code))
    body = _as_text({"message": str(error.get("Message") or "")})
    return Observed(ReadAs.EXCEPTION, _number(meta.get("HTTPStatusCode")), headers, body, provider="bedrock")


def _status(exc: BaseException, response: Any) -> int | None:
    values = (_get(exc, "status_code"), _get(response, "status_code"), _get(exc, "http_status"),
              _get(exc, "code"), _get(exc, "status"))  # fmt: skip
    return next((number for value in values if (number := _number(value)) is not None), None)


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599 else None


def _body(exc: BaseException, response: Any) -> str:
    """The server's own words: as it sent them where they were read, else as the SDK parsed them."""
    raw = _get(response, "text") if _was_read(response) else None
    if isinstance(raw, str) and raw.strip():
        return _as_text(raw)
    parsed = next((value for name in ("body", "details") if (value := _get(exc, name))), None)
    if isinstance(parsed, Mapping) and "error" not in parsed and _get(parsed, "type") != "error":
        parsed = {"error": dict(parsed)} if "message" in parsed else parsed
    return _as_text(parsed)


def _was_read(response: Any) -> bool:
    """requests reads the socket when it is asked for the content; what was not read yet is `False` there."""
    return _get(response, "_content") is not False


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str | bytes):
        try:
            value = json.dumps(value, default=str, ensure_ascii=False)
        except (TypeError, ValueError, RecursionError):
            value = str(value)
    return without_credentials(clean(value))


def _headers(found: Any) -> Headers:
    """Pairs of text. A mapping of any kind, or nothing."""
    try:
        pairs = list(found.items())[:_MOST_HEADERS]
        return tuple((str(name), without_credentials(clean(str(value)))) for name, value in pairs)
    except Exception:  # an SDK's own mapping may do anything
        return ()


def _provider(exc: BaseException, response: Any = None) -> str | None:
    request = _get(response, "request") or _get(exc, "request")
    url = str(_get(request, "url") or _get(response, "url") or "")
    return provider_in(url) or provider_of_module(type(exc).__module__)


def _chain(exc: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while exc is not None and id(exc) not in seen and len(seen) < _LONGEST_CHAIN:
        seen.add(id(exc))
        yield exc
        exc = exc.__cause__ or exc.__context__


def _link(exc: BaseException) -> Link:
    errno, verify, reason = _get(exc, "errno"), _get(exc, "verify_code"), _get(exc, "reason")
    return Link(
        type=f"{type(exc).__module__}.{type(exc).__qualname__}",
        message=_words(exc)[:500],
        errno=errno if isinstance(errno, int) and verify is None else None,
        verify_code=verify if isinstance(verify, int) else None,
        reason=reason if isinstance(reason, str) else None,
    )


def _words(exc: BaseException) -> str:
    try:
        return without_credentials(clean(str(exc)))
    except Exception:  # an exception's own __str__ may do anything
        return ""


def _get(value: Any, name: str) -> Any:
    """An attribute, or None. A property may raise, as httpx's `request` does where there was none."""
    try:
        return value.get(name) if isinstance(value, dict) else getattr(value, name, None)
    except Exception:  # whatever a property of an SDK raises, there is nothing to read
        return None
