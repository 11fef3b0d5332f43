"""Anthropic's Messages API, also spoken by DeepSeek, vLLM, SGLang, LiteLLM and Ollama."""

from __future__ import annotations

from typing import Any, ClassVar

from llmprobe.model import Finish, Framing, Mark, ProbeKind, Request, Target, Usage
from llmprobe.providers.interface import Ask, Dialect
from llmprobe.providers.reader import Reader, dig, items_of, number
from llmprobe.providers.tasks import JSON_SCHEMA, TOOL_NAME, TOOL_PARAMETERS

_FINISHES = {
    "end_turn": Finish.STOP,
    "stop_sequence": Finish.STOP,
    "pause_turn": Finish.STOP,
    "max_tokens": Finish.LENGTH,
    "model_context_window_exceeded": Finish.LENGTH,
    "tool_use": Finish.TOOLS,
    "refusal": Finish.FILTERED,
}
"""`stop_reason` (anthropic-sdk-python 2.12.0, read 2026-11-22)."""


class AnthropicMessages(Dialect):
    name: ClassVar[str] = "anthropic-messages"
    endpoints: ClassVar[tuple[str, ...]] = ("/messages", "/messages/count_tokens", "/models", "/complete")
    probes: ClassVar[frozenset[ProbeKind]] = frozenset(ProbeKind) - {ProbeKind.EMBEDDINGS}

    def request(self, target: Target, probe: ProbeKind, ask: Ask) -> Request:
        match probe:
            case ProbeKind.EDGE:
                return self.edge_request(target, target.base_url + "/models")
            case ProbeKind.MODELS:
                return Request("GET", target.base_url + "/models?limit=1000", self.headers(target))
            case _:
                framing = Framing.SSE if probe is ProbeKind.STREAM else Framing.BODY
                body = self._completion(target, probe, ask)
                return Request("POST", target.base_url + "/messages", self.headers(target), body, framing)

    def headers(self, target: Target, *, with_key: bool = True) -> dict[str, str]:
        """`anthropic-version` is required; without it: 400 (Claude docs "Versions", read 2026-11-22)."""
        return {"anthropic-version": "2023-06-01", **super().headers(target, with_key=with_key)}

    def answer_reader(self) -> Reader:
        return MessagesReader()

    def _completion(self, target: Target, probe: ProbeKind, ask: Ask) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": target.model,
            "max_tokens": target.wire.max_tokens,
            "messages": [{"role": "user", "content": ask.prompt}],
            **target.wire.body,
        }
        if probe is ProbeKind.STREAM:
            body["stream"] = True
        elif probe is ProbeKind.JSON:
            body["output_config"] = {"format": {"type": "json_schema", "schema": JSON_SCHEMA}}
        elif probe is ProbeKind.TOOLS:
            body["tools"] = [
                {"name": TOOL_NAME, "description": "Report a word", "input_schema": TOOL_PARAMETERS}
            ]
            body["tool_choice"] = {"type": "any"}
        return body


class MessagesReader(Reader):
    """Named events that end with `message_stop`, or one message object."""

    terminator: ClassVar[str] = "`message_stop`"

    def take(self, obj: Any, name: str) -> Mark:
        if not isinstance(obj, dict):
            return Mark.HEARTBEAT
        kind = obj.get("type") if isinstance(obj.get("type"), str) else name
        match kind:
            case "message_start":
                self._take_message(dig(obj, "message"))
            case "message":
                self._take_message(obj)
            case "content_block_start":
                return self._take_block(dig(obj, "content_block"))
            case "content_block_delta":
                return self._take_delta(dig(obj, "delta"))
            case "message_delta":
                self.set_finish(dig(obj, "delta", "stop_reason"), _FINISHES)
                self._take_usage(obj.get("usage"))
            case "message_stop":
                self.ended = self.recognised
                return Mark.END
            case _:
                pass
        return Mark.HEARTBEAT

    def _take_message(self, message: Any) -> None:
        if not isinstance(message, dict):
            return
        self.recognised = True
        self.set_model(message.get("model"))
        self.set_finish(message.get("stop_reason"), _FINISHES)
        self._take_usage(message.get("usage"))
        for block in items_of(message, "content"):
            self._take_block(block)

    def _take_block(self, block: Any) -> Mark:
        match dig(block, "type"):
            case "text":
                return Mark.TEXT if self.add_text(dig(block, "text")) else Mark.HEARTBEAT
            case "thinking" | "redacted_thinking":
                self.has_reasoning = True
                return Mark.REASONING if dig(block, "thinking") else Mark.HEARTBEAT
            case "tool_use":
                self.tool_name = dig(block, "name")
                self.tool_input = dig(block, "input")
                return self.add_other()
            case None:
                return Mark.HEARTBEAT
            case _:  # server tools, their results, and blocks that do not exist yet
                return self.add_other()

    def _take_delta(self, delta: Any) -> Mark:
        match dig(delta, "type"):
            case "text_delta":
                return Mark.TEXT if self.add_text(dig(delta, "text")) else Mark.HEARTBEAT
            case "thinking_delta":
                return Mark.REASONING if self.add_reasoning(dig(delta, "thinking")) else Mark.HEARTBEAT
            case "input_json_delta":
                self.tool_arguments = (self.tool_arguments or "") + str(dig(delta, "partial_json") or "")
                return self.add_other()
            case _:
                return Mark.HEARTBEAT

    def _take_usage(self, usage: Any) -> None:
        """`input_tokens` leaves cached tokens out; `output_tokens` is cumulative."""
        if not isinstance(usage, dict):
            return
        cached = [
            number(usage.get(k)) or 0 for k in ("cache_creation_input_tokens", "cache_read_input_tokens")
        ]
        fresh = number(usage.get("input_tokens"))
        self.usage = Usage(
            input=self.usage.input if fresh is None else fresh + sum(cached),
            output=number(usage.get("output_tokens")),
        )


DIALECT = AnthropicMessages()
