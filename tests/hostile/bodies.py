"""Answers within every budget that take the longest to read: by their escapes, characters, values and words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial

from tests.hostile.echo import Pieces, answer

KEY = "sk-proj-0123456789abcdefghijKLMN"
_JSON = {"content-type": "application/json"}
_MIB = 1 << 20


def _chat(content: str) -> Pieces:
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return _json({"id": "1", "model": "m", "choices": [choice]})


def _json(value: object, status: str = "200 OK") -> Pieces:
    return answer(status, json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"), _JSON)


def _event(content: str) -> Pieces:
    event = json.dumps({"choices": [{"index": 0, "delta": {"content": content}}]}, ensure_ascii=False)
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    return [head + f"data: {event}\n\ndata: [DONE]\n\n".encode("utf-8", "surrogatepass")]


def _refusal(message: str) -> Pieces:
    return _json({"error": {"message": message, "code": message[:30_000]}}, "400 No")


def _filled(text: str, size: int) -> str:
    return text * (size // len(text.encode("utf-8", "surrogatepass")))


def _filled_chat(text: str) -> Pieces:
    return _chat(_filled(text, 80_000))


def _filled_event(text: str) -> Pieces:
    return _event(_filled(text, 40_000))


FILLINGS = (
    "x", "\x1b", "\u202e", "\ud800", "0123", KEY + " ", "%41", "\\", "&amp;", "\u00e9", "\\u0041", "\n", '"', KEY[8:15] + "/",
)  # fmt: skip
BODIES: Mapping[str, Callable[[], Pieces]] = {
    **{f"chat of {text!r}": partial(_filled_chat, text) for text in FILLINGS},
    **{f"event of {text!r}": partial(_filled_event, text) for text in FILLINGS},
    "50,000 models": lambda: _json({"data": [{"id": f"m{n}\x1b"} for n in range(19_000)]}),
    "50,000 texts": lambda: _json({"error": {"details": ["\x1b" * 5] * 50_000}}),
    "4 MB of a list": lambda: _json({"data": [{"id": "m" * (4 * _MIB - 1000)}]}),
    "4 MB of keys": lambda: _json({"data": [{"id": _filled(KEY, 60_000)}] * 60}),
    "brackets": lambda: answer("200 OK", b"[" * 29_000 + b"]" * 29_000, _JSON),
    "objects in objects": lambda: answer("400 No", b'{"error":' * 900 + b"1" + b"}" * 900, _JSON),
    "errors in texts": lambda: _refusal(json.dumps({"error": {"message": json.dumps({"error": "x" * 15_000})}})),
    "a thousand codes": lambda: _json(
        {"error": {"details": [{"code": f"a_{n}", "message": f"model {n} not found"} for n in range(1_000)]}}, "400 No"
    ),
    "nulls": lambda: answer("500 No", b"\0" * 65_000, {"content-type": "text/html"}),
    "titles": lambda: answer("502 No", b"<title>" * 9_000, {"content-type": "text/html"}),
    "headers": lambda: answer("403 No", b"", {f"x-ratelimit-{n}": "1" * 50 for n in range(1_200)}),
    "one header": lambda: answer("403 No", b"", {"retry-after": "1" * 60_000, "age": "1" * 20_000}),
}  # fmt: skip
"""Answers whose reading was slow, or would be."""

WORDS = (
    "1", "a", "a_", "a.", "'a ", "‘a", "“a", "„a", "«", "「", " ", "A", "aB", "(", "/a", "-a", "$1,", "`", '"', "[", "a=", "us-",
    "us-a", "x1", "key ", "{", "<a", "}", "\\", "http://", "www.", "a@b ", "a-1", "not ", "limit: 0 ", ": ", ";\n", ". ", "、", "模",
    "é", "’", "|", "1.1 ", "1s ", "try again in ", "-a-", "a/1", "a/", " from Us", "%", "0x1", "< a", "at 0x", "<class ", "AAA_",
    "aError", "__", "1_1.", "a[1]", "a.1.", "please ", "exceeded ", "²", "٣", "\u0660",
)  # fmt: skip
"""Pieces of words: a message of nothing else makes a careless pattern look for seconds."""
TAILS = ("", "!", "1", " 1a")
"""What a careless pattern hopes for at the end."""
