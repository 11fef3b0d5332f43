"""Text that someone pastes: bounded, cleaned, rid of credentials, and read for what it is."""

from __future__ import annotations

import json
import re

from llmprobe.explanation.credentials import without_credentials
from llmprobe.explanation.exception_names import STATUS_OF, failure_of
from llmprobe.explanation.http_text import read_http
from llmprobe.explanation.observed import Observed
from llmprobe.explanation.sdk_text import payload_in, read_traceback, read_words
from llmprobe.foreign import clean_lines
from llmprobe.model import Link
from llmprobe.model.explanation import ReadAs

HEAD, TAIL = 48_000, 16_000
"""Characters kept of a longer text: a body says it at its start, a traceback at its end."""

_STATUS_WORDS = r"http(?:/\d(?:\.\d)?)?[ :]*|status(?: code)?[ :]*|error[ :]*(?:code[ :]*)?"
_BARE_STATUS = rf"(?i)(?:{_STATUS_WORDS})?([1-5]\d\d)(?: [A-Za-z][A-Za-z '-]{{0,40}})?"
_IDENTIFIER = r"[A-Za-z0-9_][A-Za-z0-9_.:#-]{0,99}"


def read_text(text: str | bytes) -> Observed:
    """What a text shows of an error. Reads anything, and raises nothing."""
    text = without_credentials(clean(text))
    word = text.strip()
    if bare := re.fullmatch(_BARE_STATUS, word):
        return Observed(ReadAs.STATUS, status=int(bare[1]))
    if re.fullmatch(_IDENTIFIER, word):
        return _read_code(word)
    if _is_json(word):
        return _read_log_line(word) or Observed(ReadAs.BODY, body=word)
    return (
        read_http(text)
        or _read_stream(word)
        or _read_page(word)
        or read_traceback(text)
        or _read_literal(word)
        or read_words(word)
    )


def _read_code(word: str) -> Observed:
    """An identifier: of a provider, of an exception's class, or of the operating system."""
    status = STATUS_OF.get(word.rsplit(".", 1)[-1])
    return Observed(
        ReadAs.CODE,
        status,
        code=word,
        failure=None if status else failure_of([Link(word, word.replace("_", " "))]),
    )


def _read_log_line(text: str) -> Observed | None:
    """A line of a log in JSON, whose message is the error; None for the body of an answer."""
    line = json.loads(text)
    if not isinstance(line, dict) or "error" in line or not {"level", "severity", "levelname"} & set(line):
        return None
    words = [value for value in line.values() if isinstance(value, str)]
    return read_text(max(words, key=len)) if words else None


def _read_page(text: str) -> Observed | None:
    """An HTML page alone; its title often says the status."""
    if not re.match(r"(?i)<(?:!doctype html|html|head|title|body|h1|center)\b", text):
        return None
    title = re.search(r"(?is)<(title|h1)\b[^>]*>[^<]*?\b([45]\d\d)\b", text)
    return Observed(
        ReadAs.BODY, int(title[2]) if title else None, (("content-type", "text/html"),), body=text
    )


def clean(text: str | bytes) -> str:
    """Bounded, in lines, of printable characters only."""
    if isinstance(text, bytes):
        text = _decoded(text[: 4 * (HEAD + TAIL)])
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]}\n{text[-TAIL:]}"
    return clean_lines(text)


def _decoded(raw: bytes) -> str:
    """UTF-8, or UTF-16 as PowerShell pipes it; what is neither keeps its readable parts."""
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    return raw.decode(encoding, "replace")


def _is_json(text: str) -> bool:
    if not text.startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _read_stream(text: str) -> Observed | None:
    """Server-sent events: they come in an answer that began with 200."""
    if not re.match(r"(?:event|data|id|retry):|:", text) or not re.search(r"(?m)^data:", text):
        return None
    return Observed(ReadAs.STREAM, status=200, headers=(("content-type", "text/event-stream"),), body=text)


def _read_literal(text: str) -> Observed | None:
    """A body as Python prints a dict."""
    body = payload_in(text) if text.startswith("{") else ""
    return Observed(ReadAs.BODY, body=body) if body else None
