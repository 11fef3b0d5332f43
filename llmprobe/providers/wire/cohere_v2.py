"""Cohere's v2 API."""

from __future__ import annotations

from typing import Any, ClassVar

from llmprobe.model import Finish, Framing, Mark, ProbeKind, Request, Target, Usage
from llmprobe.providers.interface import Ask, Dialect
from llmprobe.providers.reader import Reader, dig, items_of, number
from llmprobe.providers.tasks import JSON_SCHEMA, TOOL_NAME, TOOL_PARAMETERS

_FINISHES = {
    "COMPLETE": Finish.STOP,
    "STOP_SEQUENCE": Finish.STOP,
    "MAX_TOKENS": Finish.LENGTH,
    "TOOL_CALL": Finish.TOOLS,
    "ERROR": Finish.ERROR,
    "TIMEOUT": Finish.ERROR,
    "ERROR_TOXIC": Finish.FILTERED,
}
"""`finish_reason` (cohere 7.3.1 v2 types, read 2026-11-22)."""


class CohereV2(Dialect):
    """Models are listed by v1, all else is v2: the version is part of each path, not of the base."""

    name: ClassVar[str] = "cohere-v2"
    prefix: ClassVar[str] = ""
    endpoints: ClassVar[tuple[str, ...]] = ("/v2/chat", "/v2/embed", "/v1/models", "/v2", "/v1")
    probes: ClassVar[frozenset[ProbeKind]] = frozenset(ProbeKind)

    def request(self, target: Target, probe: ProbeKind, ask: Ask) -> Request:
        base, headers = target.base_url, self.headers(target)
        match probe:
            case ProbeKind.EDGE:
                return self.edge_request(target, base + "/v1/models")
            case ProbeKind.MODELS:
                return Request("GET", base + "/v1/models?page_size=1000", headers)
            case ProbeKind.EMBEDDINGS:
                body: dict[str, Any] = {
                    "model": target.model,
                    "input_type": "search_query",
                    "embedding_types": ["float"],
                    "texts": [ask.prompt],
                }
                return Request("POST", base + "/v2/embed", headers, body)
            case _:
                framing = Framing.SSE if probe is ProbeKind.STREAM else Framing.BODY
                return Request("POST", base + "/v2/chat", headers, self._chat(target, probe, ask), framing)

    def answer_reader(self) -> Reader:
        return CohereReader()

    def embedding_reader(self) -> Reader:
        return _EmbedReader()

    def _chat(self, target: Target, probe: ProbeKind, ask: Ask) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": target.model,
            "messages": [{"role": "user", "content": ask.prompt}],
            "max_tokens": target.wire.max_tokens,
            **target.wire.body,
        }
        if probe is ProbeKind.STREAM:
            body["stream"] = True
        elif probe is ProbeKind.JSON:
            body["response_format"] = {"type": "json_object", "json_schema": JSON_SCHEMA}
        elif probe is ProbeKind.TOOLS:
            function = {"name": TOOL_NAME, "description": "Report a word", "parameters": TOOL_PARAMETERS}
            body["tools"] = [{"type": "function", "function": function}]
            body["tool_choice"] = "REQUIRED"
        return body


class CohereReader(Reader):
    """Events named by their `type`, ended by `message-end`; or one message."""

    terminator: ClassVar[str] = "`message-end`"

    def take(self, obj: Any, name: str) -> Mark:
        if not isinstance(obj, dict):
            return Mark.HEARTBEAT
        kind = obj.get("type")
        if isinstance(kind, str):
            return self._take_event(kind, obj)
        if isinstance(obj.get("message"), dict) and ("finish_reason" in obj or "usage" in obj):
            self._take_whole(obj)
        return Mark.HEARTBEAT

    def _take_event(self, kind: str, obj: dict[str, Any]) -> Mark:
        match kind:
            case "message-start":
                self.recognised = True
            case "content-delta":
                return self._take_part(dig(obj, "delta", "message", "content"))
            case "tool-plan-delta" | "tool-call-start" | "tool-call-delta":
                self._take_tool(dig(obj, "delta", "message", "tool_calls"))
                return self.add_other()
            case "message-end":
                self.set_finish(dig(obj, "delta", "finish_reason"), _FINISHES)
                self._take_usage(dig(obj, "delta", "usage"))
                self.ended = True
                return Mark.END
            case _:
                pass
        return Mark.HEARTBEAT

    def _take_whole(self, obj: dict[str, Any]) -> None:
        self.recognised = True
        self.set_finish(obj.get("finish_reason"), _FINISHES)
        self._take_usage(obj.get("usage"))
        for part in items_of(obj, "message", "content"):
            self._take_part(part)
        if dig(obj, "message", "tool_calls"):
            self._take_tool(dig(obj, "message", "tool_calls", 0))
            self.add_other()

    def _take_part(self, part: Any) -> Mark:
        if self.add_text(dig(part, "text")):
            return Mark.TEXT
        if self.add_reasoning(dig(part, "thinking")):
            return Mark.REASONING
        known = dig(part, "type") in ("text", "thinking", None)
        return Mark.HEARTBEAT if known else self.add_other()

    def _take_tool(self, call: Any) -> None:
        name, arguments = dig(call, "function", "name"), dig(call, "function", "arguments")
        self.tool_name = name if isinstance(name, str) and name else self.tool_name
        if isinstance(arguments, str):
            self.tool_arguments = ((self.tool_arguments or "") + arguments)[:4096]

    def _take_usage(self, usage: Any) -> None:
        counts = dig(usage, "tokens") or dig(usage, "billed_units")
        if isinstance(counts, dict):
            self.usage = Usage(number(counts.get("input_tokens")), number(counts.get("output_tokens")))


class _EmbedReader(Reader):
    """`embeddings.float[0]`."""

    def take(self, obj: Any, name: str) -> Mark:
        vector = dig(obj, "embeddings", "float", 0)
        if isinstance(vector, list):
            self.recognised = self.ended = True
            self.has_other = bool(vector)
            self.dimension = len(vector)
        return Mark.OTHER


DIALECT = CohereV2()
