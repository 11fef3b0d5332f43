"""
Finding the error in whatever came back.

Providers, routers and gateways put it in an `error` object, an `error`
string, an array, a flat object, `detail`, `message`, `base_resp`, a JSON
string inside `metadata.raw` … (providers.md section 25.3, read 2026-11-22).
This module turns each of these into one `ErrorObject`.
"""

from __future__ import annotations

import json
import re
from typing import Any

from llmprobe.durations import parse_duration_s
from llmprobe.foreign import clean_lines, cleaned, json_value, text_of
from llmprobe.model import ErrorObject

_DEEPEST = 6
_LONGEST_MESSAGE = 2000
_CODE_KEYS = (
    "error_code", "errorCode", "errorcode", "reason", "error_type", "code", "type", "__type", "status",
    "state", "provider_code", "limit_source", "quotaId", "blockReason", "status_code", "http_status_code",
    "statusCode",
)  # fmt: skip
_MESSAGE_KEYS = (
    "message", "Message", "error_message", "errorMessage", "error_description", "msg", "status_msg", "detail",
    "details", "title", "faultstring", "description", "finishMessage", "reason", "error", "raw", "text",
)  # fmt: skip
_NEST_KEYS = (
    "error", "errors", "detail", "details", "innererror", "inner_error", "metadata", "raw", "violations",
    "previous_errors", "fault", "base_resp", "response", "body", "message", "cause", "data", "provider_error",
)  # fmt: skip
_GENERIC = {
    "error",
    "object",
    "true",
    "false",
    "null",
    "none",
    "failed",
    "fail",
    "list",
    "message",
    "unknown",
}
_CAMEL = r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"


def canonical(code: str) -> str:
    """
    One spelling for an identifier: `RateLimitReached`, `rate-limit-reached` → `rate_limit_reached`.

    A Java-like namespace (`com.amazon#ThrottlingException`) and a trailing URL are cut off.
    """
    code = code.strip().split(":http", 1)[0].rsplit("#", 1)[-1]
    return re.sub(r"[^a-z0-9]+", "_", re.sub(_CAMEL, "_", code).lower()).strip("_")


def find_error(obj: Any, *, status: int | None) -> ErrorObject | None:
    """
    The error in a JSON value, or None where it holds none.

    Args:
        obj: Any JSON value.
        status: The HTTP status; from 400 on, a bare `message` or `detail` is an error too.
    """
    failed = status is not None and status >= 400
    root = _error_root(obj, failed)
    if root is None:
        return None
    shape = "base_resp" if isinstance(obj, dict) and root is obj.get("base_resp") else ""
    found = _Found()
    found.walk(root, 0)
    if isinstance(obj, dict) and root is not obj:
        found.read_siblings(obj)
    return found.build(explicit=_is_explicit(obj), shape=shape)


def read_error(body: bytes, status: int | None) -> ErrorObject | None:
    """The error in a body of an HTTP answer: JSON, or JSON somewhere in a text, or a short plain text."""
    text = text_of(body).strip()
    if not text:
        return None
    obj = _loads(text)
    if obj is None:
        obj = embedded_json(text)
    if obj is not None and (error := find_error(obj, status=status)):
        return error
    if obj is None and status is not None and status >= 400 and not text.startswith("<"):
        return ErrorObject(message=text[:_LONGEST_MESSAGE], explicit=False)
    return None


def error_from_header(header: str | None) -> tuple[str, ...]:
    """Identifiers in `x-amzn-errortype: ThrottlingException:http://…` (botocore, read 2026-11-22)."""
    return (canonical(header),) if header else ()


def embedded_json(text: str) -> Any:
    """The JSON object or array inside a text such as `data: {…}` or `BadRequestError: {…} Traceback`."""
    for opening in ("{", "["):
        start = text.find(opening)
        if start < 0:
            continue
        try:
            return cleaned(json.JSONDecoder().raw_decode(text[start:])[0], clean_lines)
        except (ValueError, RecursionError):
            continue
    return None


def _error_root(obj: Any, failed: bool) -> Any:
    """The part of a value that speaks of an error, or None."""
    if isinstance(obj, list):
        return next((root for item in obj[:8] if (root := _error_root(item, failed)) is not None), None)
    if not isinstance(obj, dict):
        return {"message": obj} if failed and isinstance(obj, str) and obj else None
    for key in ("error", "errors", "fault"):
        if obj.get(key) and obj.get(key) is not True:
            return obj[key] if isinstance(obj[key], dict | list) else {"message": obj[key]}
    nested = _in_choices(obj) or _in_response(obj) or _in_base_resp(obj) or _as_exception_member(obj)
    if nested is not None:
        return nested
    if _is_flat_error(obj):
        return obj
    return obj if failed and obj else None


def _in_choices(obj: dict[str, Any]) -> Any:
    """OpenRouter: an upstream error inside the choice of a 200 (Errors and Debugging page)."""
    choices = obj.get("choices")
    if isinstance(choices, list):
        return next((c["error"] for c in choices if isinstance(c, dict) and c.get("error")), None)
    return None


def _in_response(obj: dict[str, Any]) -> Any:
    """OpenAI Responses: `response.failed` carries `response.error`; xAI-like shims say `x_groq.error`."""
    for key in ("response", "x_groq", "delta"):
        inner = obj.get(key)
        if isinstance(inner, dict) and inner.get("error"):
            error = inner["error"]
            return error if isinstance(error, dict) else {"message": error}
    return None


def _in_base_resp(obj: dict[str, Any]) -> Any:
    """MiniMax: `base_resp.status_code` other than 0 in a 200."""
    base = obj.get("base_resp")
    return base if isinstance(base, dict) and base.get("status_code") not in (0, None) else None


def _as_exception_member(obj: dict[str, Any]) -> Any:
    """Bedrock: `{"throttlingException": {"message": …}}` inside a stream."""
    for key, value in obj.items():
        if key.endswith(("Exception", "Error")) and isinstance(value, dict):
            return {"code": key, **value}
    return None


def _is_flat_error(obj: dict[str, Any]) -> bool:
    """vLLM, SGLang, Mistral `object: error`; Anthropic `type: error`; envelopes with `success: false`."""
    if obj.get("object") == "error" or obj.get("success") is False:
        return True
    if obj.get("status") in ("error", "failure") and isinstance(obj.get("message"), str):
        return True
    if obj.get("type") == "error" or obj.get("event_type") == "error":
        return True
    has_words = isinstance(obj.get("message") or obj.get("msg"), str)
    has_code = isinstance(obj.get("code"), str | int) and obj.get("code") not in (
        0,
        200,
        "0",
        "200",
        "",
        "OK",
    )
    looks_like_answer = any(
        obj.get(key) is not None for key in ("choices", "candidates", "content", "output", "data", "id")
    )
    return has_words and has_code and not looks_like_answer


def _is_explicit(obj: Any) -> bool:
    item = obj[0] if isinstance(obj, list) and obj else obj
    return isinstance(item, dict) and (bool(item.get("error") or item.get("errors")) or _is_flat_error(item))


class _Found:
    """Gathers identifiers, messages and numbers from an error, the deepest (most specific) first."""

    def __init__(self) -> None:
        self.codes: list[tuple[int, str]] = []
        self.messages: list[tuple[int, str]] = []
        self.status: int | None = None
        self.param: str | None = None
        self.retry_after_s: float | None = None
        self.upstream: str | None = None

    def walk(self, node: Any, depth: int) -> None:
        if depth > _DEEPEST:
            return
        if isinstance(node, list):
            for item in node[:16]:
                self.walk(item, depth + 1)
        elif isinstance(node, str):
            self._take_text(node, depth)
        elif isinstance(node, dict):
            self._take_dict(node, depth)

    def read_siblings(self, outer: dict[str, Any]) -> None:
        """Identifiers beside the error itself: `{"error": "text", "code": "permission-denied"}`."""
        self._take_facts(outer)
        for key in ("code", "type", "error_type", "errorType", "status", "status_code", "msg", "message"):
            value = outer.get(key)
            if key in ("msg", "message") and isinstance(value, str):
                self.messages.append((-1, value))
            elif isinstance(value, str | int) and not isinstance(value, bool):
                self._take_code(value, -1)

    def build(self, *, explicit: bool, shape: str) -> ErrorObject:
        ordered = [code for _, code in sorted(self.codes, key=lambda pair: -pair[0])]
        names = list(dict.fromkeys(filter(None, map(canonical, ordered))))
        texts = [text for _, text in sorted(self.messages, key=lambda pair: pair[0])]
        message = " · ".join(dict.fromkeys(t.strip() for t in texts if t.strip()))
        shown = next((code for code in ordered if canonical(code) not in _GENERIC), None)
        return ErrorObject(
            message=message[:_LONGEST_MESSAGE],
            code=shown,
            codes=tuple(name for name in names if name not in _GENERIC),
            status=self.status,
            param=self.param,
            retry_after_s=self.retry_after_s,
            upstream=self.upstream,
            explicit=explicit,
            shape=shape,
        )

    def _take_dict(self, node: dict[str, Any], depth: int) -> None:
        for key in _CODE_KEYS:
            if isinstance(node.get(key), str | int) and not isinstance(node.get(key), bool):
                self._take_code(node[key], depth)
        for key in _MESSAGE_KEYS:
            if isinstance(node.get(key), str):
                self._take_text(node[key], depth)
        self._take_facts(node)
        for key, value in node.items():
            if isinstance(value, dict | list) and (key in _NEST_KEYS or depth < 2):
                self.walk(value, depth + 1)

    def _take_facts(self, node: dict[str, Any]) -> None:
        if isinstance(node.get("param"), str):
            self.param = self.param or node["param"]
        if isinstance(node.get("provider_name"), str):
            self.upstream = self.upstream or node["provider_name"]
        if str(node.get("quota_limit_value")) == "0":
            self.codes.append((0, "quota_limit_value_zero"))
        for key in (
            "retryDelay",
            "retry_after",
            "retry_after_seconds",
            "resets_in_seconds",
            "quotaResetDelay",
            "estimated_time",
        ):
            seconds = _seconds(node.get(key))
            if seconds is not None and self.retry_after_s is None:
                self.retry_after_s = seconds

    def _take_code(self, value: str | int, depth: int) -> None:
        text = str(value).strip()
        if text.isdigit() and 100 <= int(text) <= 599:
            self.status = self.status or int(text)
        elif text.isdigit():
            self.codes.append((depth, f"code_{text}"))
        elif text and len(text) <= 120 and not text.startswith("type.googleapis.com"):
            self.codes.append((depth, text))

    def _take_text(self, text: str, depth: int) -> None:
        nested = embedded_json(text) if "{" in text else None
        if isinstance(nested, dict | list) and nested:
            self.walk(nested, depth + 1)
        if nested is None or not text.lstrip().startswith(("{", "[")):
            self.messages.append((depth, text[:_LONGEST_MESSAGE]))


def _seconds(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if 0 <= value < 1e9 else None
    return parse_duration_s(value) if isinstance(value, str) else None


def _loads(text: str) -> Any:
    try:
        return json_value(text)
    except ValueError:
        return None
