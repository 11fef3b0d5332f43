"""What SDKs and HTTP clients write when they fail: tracebacks, and the one line of an exception."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

from msgspec.structs import replace

from llmprobe.explanation.exception_names import STATUS_OF, failure_of, misses_credential, provider_of_module
from llmprobe.explanation.hosts import provider_in
from llmprobe.explanation.observed import Observed
from llmprobe.model import Link
from llmprobe.model.explanation import ReadAs
from llmprobe.providers.error_object import embedded_json

_ENDINGS = (
    "Error|Exception|Timeout|Fault|NotFound|Exhausted|Forbidden|Denied|Unavailable|Exceeded|Unauthenticated"
    "|InvalidArgument|Disconnected|IncompleteRead|gaierror"
)
_EXCEPTION = re.compile(
    rf"(?m)^[ \t|+]*(?:Uncaught |Unhandled |\[?cause\]?: )?((?:[A-Za-z_]\w*\.)*\w*(?:{_ENDINGS}))"
    r"(?:: ?(.*))?$"
)
_STATUSES = (
    r"(?i)\berror code: ?([1-5]\d\d)\b",
    r"(?i)\bstatus(?:[ _-]?code)?['\"]?\s*(?:[:=]|of|is|was)?\s*\(?([1-5]\d\d)\b",
    r"(?i)\bHTTP(?:/\d(?:\.\d)?)?(?: error| status)?[ :]+([1-5]\d\d)\b",
    r"(?i)\b(?:client|server) error:? '?([45]\d\d)\b",
    r"(?i)\b([45]\d\d) (?:client|server) error\b",
    r"^\s*[\[(<]?([45]\d\d)[\])>]?(?=[\s:,]|$)",
    r"(?i)\bre(?:sponded with|turned)(?: a| an)?(?: error| status)?:? ([45]\d\d)\b",
    r"(?i)https?://[^\s\"']{1,300}[\"']?: ([45]\d\d)\b",
)
"""Where clients say the status: the openai and anthropic SDKs, requests, httpx, google-genai, Node's SDKs."""

_GRPC = r"\bStatusCode\.([A-Z_]+)"
_PREFIX = r"(?i)^error code: ?[1-5]\d\d(?:\s*[-:]\s*|$)"
"""What openai and anthropic put before the server's words; a CDN's own pages begin alike."""

_AWS = r"An error occurred \((\w+)\) when calling the \w+ operation(?: \(reached max retries: \d+\))?: (.*)"
_DEEPEST_LITERAL = 50


def read_traceback(text: str) -> Observed | None:
    """A traceback, or the last line of one; None where no exception is named."""
    found = list(_EXCEPTION.finditer(text))
    is_traceback = "Traceback (most recent call last)" in text
    if not found or not (is_traceback or found[0].start() == len(text) - len(text.lstrip())):
        return None
    last = found[-1]
    said = text[last.start(1) :]
    message = said[len(last[1]) :].lstrip(": ")
    observed = read_words(message, ReadAs.TRACEBACK)
    module, _, name = last[1].rpartition(".")
    provider = observed.provider or provider_in(text) or provider_of_module(module)
    status = observed.status or STATUS_OF.get(name)
    if observed.unsent or observed.code:
        return replace(observed, provider=provider)
    failure = None if status or observed.body else failure_of(_links(found))
    return replace(observed, status=status, failure=failure, provider=provider)


def read_words(text: str, read_as: ReadAs = ReadAs.MESSAGE) -> Observed:
    """A client's sentence about an answer: the status, the body and the provider in it."""
    if misses_credential(text):
        return Observed(read_as, message=text, provider=provider_in(text), unsent=True)
    if aws := re.search(_AWS, text):
        return Observed(read_as, message=aws[2], code=aws[1], provider="bedrock")
    if grpc := re.search(_GRPC, text):
        return Observed(read_as, status=STATUS_OF.get(grpc[1]), message=text, code=grpc[1])
    message = re.sub(_PREFIX, "", text.strip())
    status, body = status_in(text), payload_in(text)
    failure = None if status or body else failure_of([Link("", message)])
    return Observed(read_as, status, body=body, message=message, failure=failure, provider=provider_in(text))


def status_in(text: str) -> int | None:
    """The HTTP status that a sentence names, or None."""
    match = next((m for pattern in _STATUSES if (m := re.search(pattern, text))), None)
    return int(match[1]) if match else None


def payload_in(text: str) -> str:
    """The error body inside a sentence, as JSON, where it was written as JSON or as Python writes a dict."""
    start = text.find("{")
    if start < 0:
        return ""
    value = embedded_json(text[start:])
    if value is None:
        value = _literal(text[start : text.rfind("}") + 1])
    return json.dumps(value) if isinstance(value, dict) and value else ""


def _literal(text: str) -> object:
    """A dict as Python writes it, or None. Only literals are read; nesting that no error needs is refused."""
    if not text or max(_depths(text)) > _DEEPEST_LITERAL:
        return None
    try:
        value: object = ast.literal_eval(text)
        json.dumps(value)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None
    return value


def _depths(text: str) -> Iterator[int]:
    depth = 0
    for char in text:
        depth += (char in "{[(") - (char in "}])")
        yield depth


def _links(found: list[re.Match[str]]) -> Iterator[Link]:
    """Printed with the cause first; told with the outermost first."""
    for match in reversed(found):
        message = (match[2] or "").strip()[:500]
        errno = re.search(r"\[(?:Errno|WinError) (-?\d{1,9})\]", message)
        reason = re.search(r"\[SSL: (\w+)\]", message)
        yield Link(
            match[1], message, errno=int(errno[1]) if errno else None, reason=reason[1] if reason else None
        )
