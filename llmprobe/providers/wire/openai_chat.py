"""OpenAI's Chat Completions, Embeddings and Models: the shape that most vendors share."""

from __future__ import annotations

from typing import Any, ClassVar

from llmprobe.model import Finish, Framing, Mark, ProbeKind, Request, Target, Usage
from llmprobe.providers.interface import Ask, Dialect
from llmprobe.providers.lists import EdgeReader, ModelsReader
from llmprobe.providers.reader import Reader, dig, number
from llmprobe.providers.tasks import JSON_SCHEMA, TOOL_NAME, TOOL_PARAMETERS

FINISHES = {
    "stop": Finish.STOP,
    "eos": Finish.STOP,
    "end_turn": Finish.STOP,
    "stop_sequence": Finish.STOP,
    "length": Finish.LENGTH,
    "max_tokens": Finish.LENGTH,
    "model_length": Finish.LENGTH,
    "model_context_window_exceeded": Finish.LENGTH,
    "tool_calls": Finish.TOOLS,
    "tool_use": Finish.TOOLS,
    "function_call": Finish.TOOLS,
    "content_filter": Finish.FILTERED,
    "sensitive": Finish.FILTERED,
    "refusal": Finish.FILTERED,
    "safety": Finish.FILTERED,
    "error": Finish.ERROR,
    "network_error": Finish.ERROR,
    "insufficient_system_resource": Finish.ERROR,
}
"""Over all vendors of this shape (providers.md sections 1, 7, 10, 12, 14, 22, read 2026-11-22)."""


class OpenAIChat(Dialect):
    name: ClassVar[str] = "openai-chat"
    endpoints: ClassVar[tuple[str, ...]] = (
        "/chat/completions", "/completions", "/embeddings", "/models", "/responses", "/chat",
    )  # fmt: skip
    probes: ClassVar[frozenset[ProbeKind]] = frozenset(ProbeKind)

    def request(self, target: Target, probe: ProbeKind, ask: Ask) -> Request:
        match probe:
            case ProbeKind.EDGE:
                return self.edge_request(target, self.url(target, target.wire.models_path or "/models"))
            case ProbeKind.MODELS:
                url = self.url(target, target.wire.models_path or "/models")
                return Request("GET", url, self.headers(target))
            case ProbeKind.EMBEDDINGS:
                body = {"model": target.model, "input": ask.prompt}
                return Request("POST", self.url(target, "/embeddings"), self.headers(target), body)
            case _:
                body = self.completion(target, probe, ask)
                framing = Framing.SSE if probe is ProbeKind.STREAM else Framing.BODY
                return Request(
                    "POST", self.url(target, "/chat/completions"), self.headers(target), body, framing
                )

    def url(self, target: Target, path: str) -> str:
        return target.base_url + path

    def completion(self, target: Target, probe: ProbeKind, ask: Ask) -> dict[str, Any]:
        wire = target.wire
        body: dict[str, Any] = {
            "model": target.model,
            "messages": [{"role": "user", "content": ask.prompt}],
            wire.token_param: wire.max_tokens,
            **wire.body,
        }
        if probe is ProbeKind.STREAM:
            body["stream"] = True
            if wire.stream_usage:
                body["stream_options"] = {"include_usage": True}
        elif probe is ProbeKind.JSON:
            schema = {"name": "probe", "strict": True, "schema": JSON_SCHEMA}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif probe is ProbeKind.TOOLS:
            function = {"name": TOOL_NAME, "description": "Report a word", "parameters": TOOL_PARAMETERS}
            body["tools"] = [{"type": "function", "function": function}]
            body["tool_choice"] = "required"
        return body

    def reader(self, probe: ProbeKind) -> Reader:
        match probe:
            case ProbeKind.EDGE:
                return EdgeReader()
            case ProbeKind.MODELS:
                return ModelsReader()
            case ProbeKind.EMBEDDINGS:
                return EmbeddingsReader()
            case _:
                return ChatReader()


class ChatReader(Reader):
    """Chunks and whole completions alike: `delta` and `message` have the same members."""

    def take(self, obj: Any, name: str) -> Mark:
        choices = dig(obj, "choices")
        if not isinstance(choices, list):
            return Mark.HEARTBEAT
        self.recognised = True
        if isinstance(obj.get("model"), str) and obj["model"]:
            self.model = obj["model"]
        self._take_usage(obj)
        mark = Mark.HEARTBEAT
        for choice in choices[:1]:
            if isinstance(choice, dict):
                mark = self._take_choice(choice)
        return mark

    def take_body(self, obj: Any) -> None:
        self.take(obj, "")
        self.ended = self.recognised and bool(dig(obj, "choices"))

    def _take_choice(self, choice: dict[str, Any]) -> Mark:
        self.set_finish(choice.get("finish_reason"), FINISHES)
        delta = choice.get("delta") or choice.get("message")
        if not isinstance(delta, dict):
            return Mark.TEXT if self.add_text(choice.get("text")) else Mark.HEARTBEAT
        if self._take_content(delta.get("content")) or self.add_text(delta.get("refusal")):
            return Mark.TEXT
        if self._take_tool(delta):
            return Mark.OTHER
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        return Mark.REASONING if self.add_reasoning(thought) or self.has_thinking(delta) else Mark.HEARTBEAT

    def has_thinking(self, delta: dict[str, Any]) -> bool:
        """Mistral: a content part `{"type": "thinking", "thinking": [{"text": …}]}`."""
        parts = delta.get("content")
        if not isinstance(parts, list):
            return False
        return any(self.add_reasoning(dig(p, "thinking", 0, "text")) for p in parts)

    def _take_content(self, content: Any) -> bool:
        if isinstance(content, list):
            return sum(self.add_text(dig(part, "text")) for part in content) > 0
        return self.add_text(content)

    def _take_tool(self, delta: dict[str, Any]) -> bool:
        function = dig(delta, "tool_calls", 0, "function") or delta.get("function_call")
        if not isinstance(function, dict):
            return False
        self.has_other = True
        if isinstance(function.get("name"), str) and function["name"]:
            self.tool_name = function["name"]
        if isinstance(function.get("arguments"), str):
            self.tool_arguments = ((self.tool_arguments or "") + function["arguments"])[:4096]
        return True

    def _take_usage(self, obj: dict[str, Any]) -> None:
        """On its own chunk, on the finish chunk (Mistral, OpenRouter), or in `x_groq` (Groq)."""
        usage = obj.get("usage") or dig(obj, "x_groq", "usage") or dig(obj, "choices", 0, "usage")
        if isinstance(usage, dict):
            self.usage = Usage(
                input=number(usage.get("prompt_tokens")),
                output=number(usage.get("completion_tokens")),
                reasoning=number(dig(usage, "completion_tokens_details", "reasoning_tokens")),
            )


class EmbeddingsReader(Reader):
    """`data[0].embedding`: floats, or base64 (Perplexity), whose dimension stays unknown."""

    def take(self, obj: Any, name: str) -> Mark:
        vector = dig(obj, "data", 0, "embedding")
        if vector is None:
            return Mark.OTHER
        self.recognised = True
        self.ended = True
        self.has_other = bool(vector)
        self.dimension = len(vector) if isinstance(vector, list) else None
        model = dig(obj, "model")
        self.model = model if isinstance(model, str) else None
        self.usage = Usage(input=number(dig(obj, "usage", "prompt_tokens")))
        return Mark.OTHER
