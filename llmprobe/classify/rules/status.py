"""The bare status: what is left when nothing else spoke."""

from __future__ import annotations

from llmprobe.classify.rule import Rule, When
from llmprobe.model import Category as C
from llmprobe.model import Fault

_HTTP = "RFC 9110 section 15, RFC 6585; vendor meanings in providers.md section 25.6 (read 2026-11-22)"


def _bare(
    status: int | range,
    category: C,
    reason: str,
    *,
    fault: Fault | None = None,
    limit: str | None = None,
    futile: bool = False,
) -> Rule:
    name = str(status) if isinstance(status, int) else f"{status.start}s"
    when = When(status=(status,))
    return Rule(
        f"status.{name}",
        category,
        when,
        reason,
        _HTTP,
        f"HTTP {name}",
        fault=fault,
        limit=limit,
        futile=futile,
    )


RULES: tuple[Rule, ...] = (
    _bare(401, C.AUTH, "{provider} does not accept the key (HTTP 401)"),
    _bare(402, C.QUOTA_EXHAUSTED, "{provider} asks for payment (HTTP 402)", limit="credits", futile=True),
    _bare(403, C.PERMISSION, "{provider} forbids it (HTTP 403): {said}"),
    Rule("status.404_model", C.MODEL_NOT_FOUND, When(status=(404,), codes=("not_found_error", "not_found", "resource_not_found_error", "resource_not_found_exception"), has_error=True, says=("model", "deployment", "no endpoints")),
         "{provider} knows no model {model}: {said}", _HTTP, '404 {"error": {"type": "not_found_error", "message": "model: x"}}'),
    _bare(404, C.WRONG_ENDPOINT, "nothing is at this URL (HTTP 404): {said}"),
    _bare(405, C.WRONG_ENDPOINT, "this URL does not take {method} (HTTP 405)"),
    _bare(408, C.SERVER_ERROR, "{provider} gave up waiting (HTTP 408): {said}"),
    _bare(409, C.BAD_REQUEST, "{provider} refuses the request (HTTP 409): {said}"),
    _bare(410, C.MODEL_NOT_FOUND, "it is gone for good (HTTP 410): {said}"),
    _bare(413, C.BAD_REQUEST, "the request is too large (HTTP 413)"),
    _bare(415, C.WRONG_ENDPOINT, "this URL does not take JSON (HTTP 415)"),
    _bare(424, C.SERVER_ERROR, "something that {provider} depends on failed (HTTP 424): {said}"),
    _bare(425, C.SERVER_ERROR, "{provider} is not ready (HTTP 425): {said}"),
    _bare(429, C.RATE_LIMITED, "too many {limit_words} for now (HTTP 429)"),
    _bare(451, C.REGION_BLOCKED, "barred for legal reasons (HTTP 451)"),
    _bare(498, C.AUTH, "{provider} rejects the token (HTTP 498)"),
    _bare(499, C.SERVER_ERROR, "{provider} says that the request was cancelled (HTTP 499)", fault=Fault.UNKNOWN),
    _bare(range(400, 500), C.BAD_REQUEST, "{provider} refuses the request (HTTP {status}): {said}"),
    Rule("status.502_bare", C.GATEWAY, When(status=(502,)), "a gateway could not reach the API behind it (HTTP 502): {said}", _HTTP, "502"),
    Rule("status.503_not_api", C.GATEWAY, When(status=(503,), has_error=False), "the front door says that the API is not there (HTTP 503)", _HTTP, "a 503 without a body"),
    _bare(503, C.OVERLOADED, "{provider} is unavailable for now (HTTP 503): {said}"),
    Rule("status.504_api", C.SERVER_ERROR, When(status=(504,), has_error=True), "{provider} ran into a deadline of its own (HTTP 504): {said}", _HTTP, "504 DEADLINE_EXCEEDED"),
    _bare(504, C.GATEWAY, "a gateway got no answer in time from the API behind it (HTTP 504)"),
    _bare(529, C.OVERLOADED, "{provider} is overloaded (HTTP 529)"),
    _bare(range(500, 600), C.SERVER_ERROR, "{provider} failed with an error of its own (HTTP {status}): {said}"),
    Rule("status.in_stream", C.STREAM_ERROR, When(in_stream=True), "an error came inside the stream: {said}",
         "error events in a 200 (providers.md section 0.8, read 2026-11-22)", 'data: {"error": …}'),
    Rule("status.request_error_in_200", C.BAD_REQUEST, When(code_has=("invalid_request", "bad_request", "validation", "invalid_argument")),
         "HTTP {status} with a refusal inside: {said}", "errors wrapped in a 200 (providers.md section 0.8, read 2026-11-22)",
         '200 {"error": {"type": "invalid_request_error"}}'),
    Rule("status.error_in_200", C.SERVER_ERROR, When(has_error=True), "HTTP 200 with an error inside: {said}",
         "errors wrapped in a 200 (providers.md section 0.8, read 2026-11-22)", '200 {"error": {"message": "…"}}'),
)  # fmt: skip
