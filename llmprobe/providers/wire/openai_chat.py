"""OpenAI's Chat Completions, Embeddings and Models: the shape that most vendors share."""

from __future__ import annotations

from typing import Any, ClassVar

from llmprobe.model import Finish, Framing, Mark, ProbeKind, Request, Target, Usage
from llmprobe.providers.interface import Ask, Dialect
from llmprobe.providers.reader import TEXT_KEPT, Reader, dig, number
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
_OTHER_CONTENT = ("audio", "images", "image", "video", "files")
_DEAREST = 1_000
"""USD: what a probe never costs is no amount."""
_KNOWN_PARTS = ("text", "output_text", "thinking", "reasoning")


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
            **wire.effort,
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

    def answer_reader(self) -> Reader:
        return ChatReader()

    def embedding_reader(self) -> Reader:
        return EmbeddingsReader()


class ChatReader(Reader):
    """Chunks and whole completions alike: `delta` and `message` have the same members."""

    terminator: ClassVar[str] = "`[DONE]`"

    def take_done(self) -> Mark:
        self.ended = True
        return Mark.END

    def take(self, obj: Any, name: str) -> Mark:
        choices = dig(obj, "choices")
        if not isinstance(choices, list):
            return Mark.HEARTBEAT
        self.recognised = True
        self.ended = self.ended or obj.get("object") == "chat.completion.done"  # Perplexity sends no [DONE]
        self.set_model(obj.get("model"))
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
        """The first of `delta` and `message` that holds anything; of a legacy completion, its `text`."""
        self.set_finish(choice.get("finish_reason"), FINISHES)
        for member in ("delta", "message"):
            mark = self._take_delta(choice.get(member), whole=member == "message")
            if mark is not Mark.HEARTBEAT:
                return mark
        return Mark.TEXT if self.add_text(choice.get("text")) else Mark.HEARTBEAT

    def _take_delta(self, delta: Any, *, whole: bool) -> Mark:
        if not isinstance(delta, dict):
            return Mark.HEARTBEAT
        content = delta.get("content")
        if self._take_content(content, whole=whole) or self.add_text(delta.get("refusal")):
            return Mark.TEXT
        if self._take_tool(delta) or any(delta.get(key) for key in _OTHER_CONTENT):
            return self.add_other()
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        if self.add_reasoning(thought) or self._take_thinking(content):
            return Mark.REASONING
        return self.add_other() if _has_unknown_part(content) else Mark.HEARTBEAT

    def _take_content(self, content: Any, *, whole: bool) -> bool:
        if isinstance(content, list):
            return sum(self.add_text(dig(part, "text")) for part in content) > 0
        if whole and isinstance(content, str):
            content = content[self._length_of_start(content) :]
        return self.add_text(content)

    def _length_of_start(self, message: str) -> int:
        """How much of a whole message has been read: Perplexity repeats all of it in each chunk."""
        return self._text_len if message.startswith("".join(self._text)) else 0

    def _take_thinking(self, content: Any) -> bool:
        """Mistral: a content part `{"type": "thinking", "thinking": [{"text": …}]}`."""
        parts = content if isinstance(content, list) else []
        return any(self.add_reasoning(dig(part, "thinking", 0, "text")) for part in parts)

    def _take_tool(self, delta: dict[str, Any]) -> bool:
        call = dig(delta, "tool_calls", 0)
        function = dig(call, "function") or delta.get("function_call")
        if not isinstance(function, dict):
            return call is not None
        if isinstance(function.get("name"), str) and function["name"]:
            self.tool_name = function["name"]
        if isinstance(function.get("arguments"), str):
            self.tool_arguments = ((self.tool_arguments or "") + function["arguments"])[:TEXT_KEPT]
        return True

    def _take_usage(self, obj: dict[str, Any]) -> None:
        """On its own chunk, on the finish chunk (Mistral, OpenRouter), or in `x_groq` (Groq)."""
        usage = obj.get("usage") or dig(obj, "x_groq", "usage") or dig(obj, "choices", 0, "usage")
        if isinstance(usage, dict):
            self.usage = Usage(
                input=number(usage.get("prompt_tokens")),
                output=number(usage.get("completion_tokens")),
                reasoning=number(dig(usage, "completion_tokens_details", "reasoning_tokens")),
                cost_usd=_cost(usage.get("cost")),
            )


def _cost(said: Any) -> float | None:
    """`usage.cost` in USD (OpenRouter), or its `total_cost` (Perplexity; recorded answers, 2026-11-24)."""
    cost = said.get("total_cost") if isinstance(said, dict) else said
    if isinstance(cost, bool) or not isinstance(cost, int | float):
        return None
    return float(cost) if 0 <= cost < _DEAREST else None


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


def _has_unknown_part(content: Any) -> bool:
    """Whether a list of content parts holds one that is neither text nor thinking: an image, audio …"""
    parts = content if isinstance(content, list) else []
    return any(isinstance(part, dict) and dig(part, "type") not in (*_KNOWN_PARTS, None) for part in parts)


DIALECT = OpenAIChat()
