"""OpenAI's Chat Completions (platform.openai.com/docs/api-reference/chat, read 2026-11-22)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from llmprobe.simulator.dialects.interface import (
    MODELS,
    Speech,
    count,
    event,
    function_call,
    pieces,
    said_in,
)
from llmprobe.simulator.plan import Call


class OpenAIChat(Speech):
    """Chunks of `choices[].delta`, ended by `[DONE]`."""

    def models(self) -> Any:
        data = [{"id": m, "object": "model", "created": 0, "owned_by": "sim"} for m in MODELS]
        return {"object": "list", "data": data}

    def embedding(self, call: Call, vector: Sequence[float]) -> Any:
        data = [{"object": "embedding", "index": 0, "embedding": vector}]
        usage = {"prompt_tokens": 3, "total_tokens": 3}
        return {"object": "list", "data": data, "model": call.model, "usage": usage}

    def whole(self, call: Call) -> Any:
        said = said_in(call)
        message = {"role": "assistant", "content": "".join(said.words)}
        if said.thoughts:
            message["reasoning_content"] = "".join(said.thoughts)
        choice = {"index": 0, "message": message, "finish_reason": self.finish(said)}
        return {
            "id": "sim",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": call.model,
            "choices": [choice],
            "usage": _usage(count(said)),
        }

    def tool_call(self, call: Call) -> Any:
        answer = {"role": "assistant", "content": None, "tool_calls": [function_call(call)]}
        return {"model": call.model, "choices": [{"message": answer, "finish_reason": "tool_calls"}]}

    def stream(self, call: Call) -> tuple[bytes, ...]:
        said = said_in(call)
        base = {"id": "sim", "object": "chat.completion.chunk", "created": 0, "model": call.model}

        def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
            return event({**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

        tokens = [chunk({"reasoning_content": t}) for t in said.thoughts]
        tokens += [chunk({"content": w}) for w in said.words]
        usage = event({**base, "choices": [], "usage": _usage(count(said))})
        head = chunk({"role": "assistant", "content": ""})
        return pieces(head, tokens, chunk({}, self.finish(said)) + usage + b"data: [DONE]\n\n")

    def error(self, status: int, code: str, message: str) -> Any:
        return {"error": {"message": message, "type": code, "param": None, "code": code}}

    def error_event(self, code: str, message: str) -> bytes:
        return event({"error": {"message": message, "type": code, "code": code}})


def _usage(output: int) -> dict[str, int]:
    return {"prompt_tokens": 9, "completion_tokens": output, "total_tokens": 9 + output}
