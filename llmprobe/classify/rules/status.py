"""The bare status, and identifiers that say no more than a status does."""

from __future__ import annotations

from llmprobe.classify.rule import Rule, When
from llmprobe.model import Category as C
from llmprobe.model import Confidence, Fault

_HTTP = "RFC 9110 section 15, RFC 6585; vendor meanings in providers.md section 25.6 (read 2026-11-22)"
_GRPC = "google.rpc.Code; error types of the OpenAI and Anthropic APIs (read 2026-11-22)"
_GUESS = Confidence.GUESS


def _bare(
    status: int | range,
    category: C,
    reason: str,
    *,
    fault: Fault | None = None,
    limit: str | None = None,
    futile: bool = False,
    sure: Confidence | None = None,
) -> Rule:
    name = str(status) if isinstance(status, int) else f"{status.start}s"
    when = When(status=(status,))
    return Rule(
        f"status.{name}", category, when, reason, _HTTP, f"HTTP {name}",
        fault=fault, limit=limit, futile=futile, sure=sure,
    )  # fmt: skip


UNIVERSAL: tuple[Rule, ...] = (
    Rule("code.insufficient_quota", C.QUOTA_EXHAUSTED, When(codes=("insufficient_quota", "billing_hard_limit_reached")),
         "no credit left ({code})", "OpenAI error codes guide, copied by relays (read 2026-11-22)", "429 insufficient_quota", limit="credits", futile=True),
    Rule("code.unauthenticated", C.AUTH, When(codes=("unauthenticated", "unauthorized", "authentication")),
         "{provider} does not accept the key ({code})", _GRPC, "401 UNAUTHENTICATED", broad=True),
    Rule("code.permission", C.PERMISSION, When(codes=("permission_error", "forbidden", "access_denied_exception")),
         "the key may not do this: {said}", _GRPC, "403 permission_error", broad=True),
    Rule("code.resource_exhausted", C.RATE_LIMITED, When(codes=("resource_exhausted",), says=("resource exhausted", "resource has been exhausted"), says_not=("quota", "billing", "limit", "your ")),
         "something is used up, and whose it is was not said ({code}): {said}", _GRPC, "429 Resource exhausted, says the server, and names no allowance", fault=Fault.UNKNOWN, broad=True),
    Rule("code.object_store", C.WRONG_ENDPOINT, When(codes=("no_such_key", "no_such_bucket", "blob_not_found", "container_not_found")),
         "a store of files answered in place of the API ({code})", "error codes of Amazon S3 and Azure Blob Storage (read 2026-11-24)", "404 <Error><Code>NoSuchKey</Code>"),
    Rule("code.content_filter", C.CONTENT_FILTERED, When(codes=("content_filtered", "refusal", "content_blocked")),
         "a content filter stopped it ({code})", _GRPC, "400 content_filtered"),
    Rule("code.invalid_request", C.BAD_REQUEST, When(codes=("invalid_request", "invalid_argument", "bad_request", "bad_request_error", "validation_error", "validation_exception")),
         "{provider} refuses the request: {said}", _GRPC, "400 INVALID_ARGUMENT", broad=True),
)  # fmt: skip

NO_KEY = Rule(
    "status.no_key", C.AUTH, When(status=(401, 403), key_sent=False),
    "{provider} wants a key, and none was sent: {said}", _HTTP, "401 with `api_key = false`",
    hint="set api_key for this target, or check that base_url is the server that you mean",
)  # fmt: skip
"""Whatever words an API has for it, a key that was not sent is not a wrong one."""

STATUS: tuple[Rule, ...] = (
    _bare(401, C.AUTH, "{provider} does not accept the key (HTTP 401): {said}"),
    _bare(402, C.QUOTA_EXHAUSTED, "{provider} asks for payment (HTTP 402): {said}", limit="credits", futile=True),
    Rule("status.403_api", C.PERMISSION, When(status=(403,), plain=False, has_error=True, bare=False),
         "{provider} forbids it (HTTP 403): {said}", _HTTP, '403 {"error": {"message": "in words that no rule knows"}}'),
    _bare(403, C.PERMISSION, "{provider} forbids it (HTTP 403): {said}", sure=_GUESS),
    Rule("status.404_no_words", C.WRONG_ENDPOINT, When(status=(404,), says=("not found",), codes_none=True, bare=True),
         "nothing is at this URL (HTTP 404): {said}", _HTTP, '404 {"detail": "Not Found"}'),
    Rule("status.404_empty", C.WRONG_ENDPOINT, When(status=(404,), has_error=False),
         "nothing is at this URL (HTTP 404)", _HTTP, "a 404 without a body"),
    _bare(404, C.WRONG_ENDPOINT, "something was not found, perhaps this URL (HTTP 404): {said}", sure=_GUESS),
    _bare(405, C.WRONG_ENDPOINT, "this URL does not take {method} (HTTP 405)"),
    _bare(408, C.GATEWAY, "the other side gave up waiting (HTTP 408): {said}", fault=Fault.UNKNOWN),
    _bare(410, C.MODEL_NOT_FOUND, "it is gone for good (HTTP 410): {said}"),
    _bare(415, C.WRONG_ENDPOINT, "this URL does not take JSON (HTTP 415)"),
    _bare(424, C.SERVER_ERROR, "something that {provider} depends on failed (HTTP 424): {said}"),
    _bare(425, C.SERVER_ERROR, "{provider} is not ready (HTTP 425): {said}"),
    _bare(429, C.RATE_LIMITED, "too many {limit_words} for now (HTTP 429): {said}"),
    _bare(451, C.REGION_BLOCKED, "barred for legal reasons (HTTP 451)"),
    _bare(498, C.AUTH, "{provider} rejects the token (HTTP 498)"),
    _bare(499, C.SERVER_ERROR, "{provider} says that the request was cancelled (HTTP 499)", fault=Fault.UNKNOWN),
    _bare(range(400, 500), C.BAD_REQUEST, "{provider} refuses the request (HTTP {status}): {said}"),
    _bare(502, C.GATEWAY, "a gateway could not reach the API behind it (HTTP 502): {said}"),
    Rule("status.503_not_api", C.GATEWAY, When(status=(503,), has_error=False), "the front door says that the API is not there (HTTP 503)", _HTTP, "a 503 without a body"),
    _bare(503, C.OVERLOADED, "{provider} is unavailable for now (HTTP 503): {said}"),
    Rule("status.504_api", C.SERVER_ERROR, When(status=(504,), codes_none=False), "{provider} ran into a deadline of its own (HTTP 504): {said}", _HTTP, "504 DEADLINE_EXCEEDED"),
    _bare(504, C.GATEWAY, "a gateway got no answer in time from the API behind it (HTTP 504): {said}"),
    Rule("status.501", C.BAD_REQUEST, When(status=(501,)), "the server does not offer this (HTTP 501): {said}", _HTTP, "501 Not Implemented"),
    _bare(529, C.OVERLOADED, "{provider} is overloaded (HTTP 529)"),
    _bare(range(500, 600), C.SERVER_ERROR, "{provider} failed with an error of its own (HTTP {status}): {said}"),
    Rule("status.in_stream", C.STREAM_ERROR, When(in_stream=True), "an error came inside the stream: {said}",
         "error events in a 200 (providers.md section 0.8, read 2026-11-22)", 'data: {"error": …}'),
    Rule("status.error_in_200", C.SERVER_ERROR, When(has_error=True), "HTTP {status} with an error inside: {said}",
         "errors wrapped in a 200 (providers.md section 0.8, read 2026-11-22)", '200 {"error": {"message": "…"}}'),
    Rule("status.none", C.INVALID_RESPONSE, When(), "no rule knows this answer", "llmprobe's own last resort", "HTTP 999", sure=_GUESS),
)  # fmt: skip
