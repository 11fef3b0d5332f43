"""OpenAI's Responses (platform.openai.com/docs/api-reference/responses, read 2026-11-22)."""

from __future__ import annotations

import json
from typing import Any

from llmprobe.simulator.dialects.interface import arguments, count, event, pieces, said_in
from llmprobe.simulator.dialects.openai_chat import OpenAIChat
from llmprobe.simulator.plan import Call, Said


class OpenAIResponses(OpenAIChat):
    """Numbered events with a name; lists, embeddings and error bodies are those of Chat Completions."""

    finishes = ("completed", "incomplete")

    def whole(self, call: Call) -> Any:
        return self._response(call, said_in(call))

    def tool_call(self, call: Call) -> Any:
        item = {"type": "function_call", "name": "report_word", "arguments": json.dumps(arguments(call))}
        return {**self._response(call, Said(())), "output": [item]}

    def stream(self, call: Call) -> tuple[bytes, ...]:
        said, numbers = said_in(call), iter(range(10_000))

        def step(kind: str, **more: Any) -> bytes:
            return event({"type": kind, "sequence_number": next(numbers), **more}, kind)

        def delta(kind: str, text: str, **more: Any) -> bytes:
            return step(kind, item_id="sim", output_index=0, delta=text, **more)

        head = step("response.created", response={**self._response(call, Said(())), "status": "in_progress"})
        tokens = [delta("response.reasoning_text.delta", t, content_index=0) for t in said.thoughts]
        tokens += [delta("response.output_text.delta", w, content_index=0, logprobs=[]) for w in said.words]
        end = step(f"response.{self.finish(said)}", response=self._response(call, said))
        return pieces(head, tokens, end)

    def error_event(self, code: str, message: str) -> bytes:
        return event({"type": "error", "code": code, "message": message, "param": None}, "error")

    def _response(self, call: Call, said: Said) -> dict[str, Any]:
        return {
            "id": "resp_sim",
            "object": "response",
            "created_at": 0,
            "status": self.finish(said),
            "model": call.model,
            "error": None,
            "incomplete_details": {"reason": "max_output_tokens"} if said.cut_off else None,
            "output": [*_reasoning(said), *_message(said)],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": _usage(said),
        }


def _reasoning(said: Said) -> list[dict[str, Any]]:
    if not said.thoughts:
        return []
    content = [{"type": "reasoning_text", "text": "".join(said.thoughts)}]
    return [{"type": "reasoning", "id": "rs_sim", "summary": [], "content": content}]


def _message(said: Said) -> list[dict[str, Any]]:
    if not said.words:
        return []
    content = [{"type": "output_text", "text": "".join(said.words), "annotations": []}]
    return [
        {"type": "message", "id": "msg_sim", "status": "completed", "role": "assistant", "content": content}
    ]


def _usage(said: Said) -> dict[str, Any]:
    return {
        "input_tokens": 9,
        "output_tokens": count(said),
        "total_tokens": 9 + count(said),
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": len(said.thoughts)},
    }
