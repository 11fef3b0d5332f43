"""OpenAI's Responses API (also xAI, DeepSeek and self-hosted servers)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from llmprobe.model import Finish, Framing, Mark, ProbeKind, Request, Target, Usage
from llmprobe.providers.interface import Ask
from llmprobe.providers.reader import Reader, dig, items_of, number
from llmprobe.providers.tasks import JSON_SCHEMA, TOOL_NAME, TOOL_PARAMETERS
from llmprobe.providers.wire.openai_chat import OpenAIChat

MIN_OUTPUT_TOKENS = 16
"""Below it: 400 "integer below minimum value" (OpenAI spec and recorded answers, read 2026-11-22)."""

_TERMINAL = {"response.completed", "response.incomplete", "response.failed", "error"}
_TEXT = {"response.output_text.delta", "response.refusal.delta"}
_REASONING = {"response.reasoning_summary_text.delta", "response.reasoning_text.delta"}
_ITEMS = {"response.output_item.added", "response.output_item.done"}
_INCOMPLETE = {"max_output_tokens": Finish.LENGTH, "content_filter": Finish.FILTERED}


def _effort(effort: Mapping[str, Any]) -> dict[str, Any]:
    """What Chat calls `reasoning_effort` stands in an object here; other knobs are not of this API."""
    level = effort.get("reasoning_effort")
    return {} if level is None else {"reasoning": {"effort": level}}


class OpenAIResponses(OpenAIChat):
    name: ClassVar[str] = "openai-responses"

    def request(self, target: Target, probe: ProbeKind, ask: Ask) -> Request:
        if probe in (ProbeKind.EDGE, ProbeKind.MODELS, ProbeKind.EMBEDDINGS):
            return super().request(target, probe, ask)
        framing = Framing.SSE if probe is ProbeKind.STREAM else Framing.BODY
        body = self.completion(target, probe, ask)
        return Request("POST", self.url(target, "/responses"), self.headers(target), body, framing)

    def completion(self, target: Target, probe: ProbeKind, ask: Ask) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": target.model,
            "input": ask.prompt,
            "max_output_tokens": max(target.wire.max_tokens, MIN_OUTPUT_TOKENS),
            "store": False,
            **_effort(target.wire.effort),
            **target.wire.body,
        }
        if probe is ProbeKind.STREAM:
            body["stream"] = True
        elif probe is ProbeKind.JSON:
            body["text"] = {
                "format": {"type": "json_schema", "name": "probe", "strict": True, "schema": JSON_SCHEMA}
            }
        elif probe is ProbeKind.TOOLS:
            body["tools"] = [
                {"type": "function", "name": TOOL_NAME, "strict": True, "parameters": TOOL_PARAMETERS}
            ]
            body["tool_choice"] = "required"
        return body

    def answer_reader(self) -> Reader:
        return ResponsesReader()


class ResponsesReader(Reader):
    """Named events up to one terminal event (there is no `[DONE]`), or one response object."""

    terminator: ClassVar[str] = "`response.completed`"

    def take(self, obj: Any, name: str) -> Mark:
        if not isinstance(obj, dict):
            return Mark.HEARTBEAT
        kind = obj.get("type") if isinstance(obj.get("type"), str) else name
        if obj.get("object") == "response":
            self._take_response(obj)
            return Mark.END
        if kind in _TEXT:
            self.recognised = True
            return Mark.TEXT if self.add_text(obj.get("delta")) else Mark.HEARTBEAT
        if kind in _REASONING:
            return Mark.REASONING if self.add_reasoning(obj.get("delta")) else Mark.HEARTBEAT
        if kind in _ITEMS:
            self.recognised = True
            return self._take_item(obj.get("item"))
        if isinstance(obj.get("delta"), str) and obj["delta"] and str(kind).startswith("response."):
            return self.add_other()
        if isinstance(obj.get("response"), dict):
            self._take_response(obj["response"])
        if kind in _TERMINAL:
            self.ended = kind != "error"
            return Mark.END if kind != "error" else Mark.OTHER
        self.recognised = self.recognised or str(kind).startswith("response.")
        return Mark.HEARTBEAT

    def take_body(self, obj: Any) -> None:
        self.take(obj, "")
        self.ended = self.recognised and dig(obj, "status") in ("completed", "incomplete", "failed")

    def _take_response(self, response: dict[str, Any]) -> None:
        self.recognised = True
        self.set_model(response.get("model"))
        self._take_status(response)
        self._take_usage(response.get("usage"))
        for item in items_of(response, "output"):
            self._take_item(item)

    def _take_status(self, response: dict[str, Any]) -> None:
        status = response.get("status")
        if status == "completed":
            self.set_finish("completed", {"completed": Finish.STOP})
        elif status == "incomplete":
            reason = dig(response, "incomplete_details", "reason") or "incomplete"
            self.set_finish(reason, _INCOMPLETE)
        elif status in ("failed", "cancelled"):
            self.set_finish(status, {"failed": Finish.ERROR, "cancelled": Finish.ERROR})

    def _take_item(self, item: Any) -> Mark:
        """One item of the output: a message or thought is read, whatever else there is counts as content."""
        kind = dig(item, "type")
        if kind == "reasoning":
            self.has_reasoning = True
        elif kind == "message":
            self._take_message(item)
        elif kind is not None:
            self._take_call(item)
            return self.add_other()
        return Mark.HEARTBEAT

    def _take_message(self, item: Any) -> None:
        """Text that the deltas have brought already is not read twice."""
        parts = items_of(item, "content")
        if not self._text:
            for part in parts:
                self.add_text(dig(part, "text") or dig(part, "refusal"))
        if any(dig(part, "type") not in ("output_text", "text", "refusal", None) for part in parts):
            self.add_other()

    def _take_call(self, item: Any) -> None:
        name, arguments = dig(item, "name"), dig(item, "arguments")
        if dig(item, "type") == "function_call":
            self.tool_name = name if isinstance(name, str) else None
            self.tool_arguments = arguments if isinstance(arguments, str) else None

    def _take_usage(self, usage: Any) -> None:
        if isinstance(usage, dict):
            self.usage = Usage(
                input=number(usage.get("input_tokens")),
                output=number(usage.get("output_tokens")),
                reasoning=number(dig(usage, "output_tokens_details", "reasoning_tokens")),
            )


DIALECT = OpenAIResponses()
