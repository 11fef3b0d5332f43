"""Text that someone pastes: bounded, cleaned, rid of credentials, and read for what it is."""

from __future__ import annotations

import json
import re

from llmprobe.explanation.credentials import without_credentials
from llmprobe.explanation.http_text import read_http
from llmprobe.explanation.observed import Observed
from llmprobe.explanation.sdk_text import payload_in, read_traceback, read_words
from llmprobe.model.explanation import ReadAs

HEAD, TAIL = 48_000, 16_000
"""Characters kept of a longer text: a body says it at its start, a traceback at its end."""

_STATUS_WORDS = r"http(?:/\d(?:\.\d)?)?[ :]*|status(?: code)?[ :]*|error[ :]*(?:code[ :]*)?"
_BARE_STATUS = rf"(?i)(?:{_STATUS_WORDS})?([1-5]\d\d)(?: [A-Za-z][A-Za-z '-]{{0,40}})?"
_IDENTIFIER = r"[A-Za-z0-9_][A-Za-z0-9_.:#-]{0,99}"
_INVISIBLE = r"\u00ad\u200b-\u200f\u202a-\u202e\u2028\u2029\u2060-\u206f\ud800-\udfff\ufeff"
_UNPRINTABLE = rf"[^\S\n\t ]|[\x00-\x08\x0b-\x1f\x7f-\x9f{_INVISIBLE}]"


def read_text(text: str | bytes) -> Observed:
    """What a text shows of an error. Reads anything, and raises nothing."""
    text = without_credentials(clean(text))
    word = text.strip()
    if bare := re.fullmatch(_BARE_STATUS, word):
        return Observed(ReadAs.STATUS, status=int(bare[1]))
    if re.fullmatch(_IDENTIFIER, word):
        return Observed(ReadAs.CODE, code=word)
    if _is_json(word):
        return Observed(ReadAs.BODY, body=word)
    return (
        read_http(text)
        or _read_stream(word)
        or read_traceback(text)
        or _read_literal(word)
        or read_words(word)
    )


def clean(text: str | bytes) -> str:
    if isinstance(text, bytes):
        text = _decoded(text[: 4 * (HEAD + TAIL)])
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]}\n{text[-TAIL:]}"
    return re.sub(_UNPRINTABLE, " ", text.replace("\r\n", "\n").replace("\r", "\n"))


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
