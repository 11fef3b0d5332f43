"""Ollama's native API: NDJSON, ended by `done: true`."""

from __future__ import annotations

from typing import Any, ClassVar

from llmprobe.model import Finish, Framing, Mark, ProbeKind, Request, Target, Usage
from llmprobe.providers.interface import Ask, Dialect
from llmprobe.providers.reader import Reader, dig, number
from llmprobe.providers.tasks import JSON_SCHEMA, TOOL_NAME, TOOL_PARAMETERS

_FINISHES = {
    "stop": Finish.STOP,
    "length": Finish.LENGTH,
    "load": Finish.STOP,
    "unload": Finish.STOP,
}
"""`done_reason` (ollama server/routes.go, read 2026-11-22)."""


class Ollama(Dialect):
    name: ClassVar[str] = "ollama"
    prefix: ClassVar[str] = ""
    endpoints: ClassVar[tuple[str, ...]] = (
        "/api/chat",
        "/api/generate",
        "/api/tags",
        "/api/embed",
        "/api",
        "/v1",
    )
    probes: ClassVar[frozenset[ProbeKind]] = frozenset(ProbeKind)

    def request(self, target: Target, probe: ProbeKind, ask: Ask) -> Request:
        base, headers = target.base_url, self.headers(target)
        match probe:
            case ProbeKind.EDGE:
                return self.edge_request(target, base + "/api/version")
            case ProbeKind.MODELS:
                return Request("GET", base + "/api/tags", headers)
            case ProbeKind.EMBEDDINGS:
                body: dict[str, Any] = {"model": target.model, "input": ask.prompt}
                return Request("POST", base + "/api/embed", headers, body)
            case _:
                framing = Framing.LINES if probe is ProbeKind.STREAM else Framing.BODY
                return Request("POST", base + "/api/chat", headers, self._chat(target, probe, ask), framing)

    def answer_reader(self) -> Reader:
        return OllamaReader()

    def embedding_reader(self) -> Reader:
        return _EmbedReader()

    def _chat(self, target: Target, probe: ProbeKind, ask: Ask) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": target.model,
            "messages": [{"role": "user", "content": ask.prompt}],
            "stream": probe is ProbeKind.STREAM,
            "options": {"num_predict": target.wire.max_tokens},
            **target.wire.body,
        }
        if probe is ProbeKind.JSON:
            body["format"] = JSON_SCHEMA
        elif probe is ProbeKind.TOOLS:
            function = {"name": TOOL_NAME, "description": "Report a word", "parameters": TOOL_PARAMETERS}
            body["tools"] = [{"type": "function", "function": function}]
        return body


class OllamaReader(Reader):
    """One object a line, or one object."""

    terminator: ClassVar[str] = "`done: true`"

    def take(self, obj: Any, name: str) -> Mark:
        if not isinstance(obj, dict) or "done" not in obj:
            return Mark.HEARTBEAT
        self.recognised = True
        self.set_model(obj.get("model"))
        mark = self._take_message(obj)
        if obj["done"] is True:
            self.set_finish(obj.get("done_reason") or "stop", _FINISHES)
            self.usage = Usage(number(obj.get("prompt_eval_count")), number(obj.get("eval_count")))
            self.ended = True
            return Mark.END if mark is Mark.HEARTBEAT else mark
        return mark

    def _take_message(self, obj: dict[str, Any]) -> Mark:
        if self.add_text(dig(obj, "message", "content") or obj.get("response")):
            return Mark.TEXT
        function = dig(obj, "message", "tool_calls", 0, "function")
        if isinstance(function, dict):
            self.tool_name = function.get("name")
            self.tool_input = function.get("arguments")
            return self.add_other()
        if dig(obj, "message", "images") or obj.get("image"):
            return self.add_other()
        thinking = dig(obj, "message", "thinking")
        return Mark.REASONING if self.add_reasoning(thinking) else Mark.HEARTBEAT


class _EmbedReader(Reader):
    """`embeddings[0]`."""

    def take(self, obj: Any, name: str) -> Mark:
        vector = dig(obj, "embeddings", 0)
        if isinstance(vector, list):
            self.recognised = self.ended = True
            self.has_other = bool(vector)
            self.dimension = len(vector)
        return Mark.OTHER


DIALECT = Ollama()
