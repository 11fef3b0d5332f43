"""From a request line and body to a `Call`: which dialect and which probe this is."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote, urlsplit

from llmprobe.simulator.dialects import MODELS
from llmprobe.simulator.plan import Call

_BEHAVIOUR = re.compile(r"^/~([^/]+)")
_ROUTES: tuple[tuple[str, str, str, str], ...] = (
    ("GET", r"/v1beta/models$|/v1/publishers/.*models$", "gemini", "models"),
    ("GET", r"/api/tags$", "ollama", "models"),
    ("GET", r"/models(/.*)?$", "openai-chat", "models"),
    ("POST", r":(generate|streamGenerate)Content$", "gemini", "chat"),
    ("POST", r":embedContent$", "gemini", "embeddings"),
    ("POST", r"/api/chat$", "ollama", "chat"),
    ("POST", r"/api/embed$", "ollama", "embeddings"),
    ("POST", r"/v2/chat$", "cohere-v2", "chat"),
    ("POST", r"/v2/embed$", "cohere-v2", "embeddings"),
    ("POST", r"/responses$", "openai-responses", "chat"),
    ("POST", r"/messages$", "anthropic-messages", "chat"),
    ("POST", r"/chat/completions$", "openai-chat", "chat"),
    ("POST", r"/embeddings$", "openai-chat", "embeddings"),
    ("GET", r"^/(health|health/liveliness|api/version|v1/tcp_warming)?$", "openai-chat", "edge"),
)

KEY_HEADERS = ("x-api-key", "api-key", "x-goog-api-key")
"""Where a key may stand besides `authorization`."""


def split_behaviour(target: str) -> tuple[str | None, str]:
    """`/~stall:2/v1/messages?x=1` to (`stall:2`, `/v1/messages`); the query is dropped."""
    path = urlsplit(target).path
    match = _BEHAVIOUR.match(path)
    return (unquote(match[1]), path[match.end() :] or "/") if match else (None, path)


def call_for(method: str, path: str, headers: dict[str, str], body: bytes) -> Call | None:
    """The call, or None where nothing is at that path."""
    for verb, pattern, dialect, probe in _ROUTES:
        if method == verb and re.search(pattern, path):
            return _refine(Call(dialect, probe, path=path), headers, _json(body))
    return None


def _refine(call: Call, headers: dict[str, str], body: dict[str, Any]) -> Call:
    dialect, probe = call.dialect, call.probe
    if probe == "models" and dialect == "openai-chat" and "anthropic-version" in headers:
        dialect = "anthropic-messages"
    wants_stream = body.get("stream") is True or ":stream" in call.path
    if dialect == "ollama" and probe == "chat" and body.get("stream", True):
        wants_stream = True
    if probe == "chat" and wants_stream:
        probe = "stream"
    model = _model(call.path, body)
    known = model in MODELS or probe in ("models", "edge")
    return Call(dialect, probe, model, _prompt(body), call.path, known, _task(body), _is_keyed(headers))


def _is_keyed(headers: dict[str, str]) -> bool:
    return any(headers.get(name) for name in ("authorization", *KEY_HEADERS))


def _task(body: dict[str, Any]) -> str:
    """Whether JSON or a tool call is asked for, in any dialect's words."""
    if body.get("tools"):
        return "tools"
    generation = body.get("generationConfig")
    wants_json = "responseSchema" in generation if isinstance(generation, dict) else False
    asked = wants_json or any(body.get(key) for key in ("response_format", "output_config", "format", "text"))
    return "json" if asked else "talk"


def _model(path: str, body: dict[str, Any]) -> str:
    for pattern in (r"/models/([^/:]+):", r"/deployments/([^/]+)/"):
        if match := re.search(pattern, path):
            return unquote(match[1])
    return str(body.get("model", "sim-1"))


def _prompt(body: dict[str, Any]) -> str:
    """The last text of the request, wherever its dialect puts it."""
    match body:
        case {"messages": [*_, {"content": str(text)}]} | {"input": str(text)}:
            return text
        case {"contents": [*_, {"parts": [{"text": str(text)}, *_]}]}:
            return text
        case _:
            return ""


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
