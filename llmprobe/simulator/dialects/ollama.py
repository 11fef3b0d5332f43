"""Ollama's own API (docs.ollama.com/api, read 2026-11-22)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmprobe.simulator.dialects.interface import MODELS, Speech, arguments, count, dump, said_in
from llmprobe.simulator.plan import Call, Said


class Ollama(Speech):
    """JSON, a line for each token."""

    heartbeat = b"\n"

    def models(self) -> Any:
        return {"models": [{"name": m, "model": m} for m in MODELS]}

    def embedding(self, call: Call, vector: Sequence[float]) -> Any:
        return {"model": call.model, "embeddings": [vector]}

    def whole(self, call: Call) -> Any:
        said = said_in(call)
        message = {"role": "assistant", "content": "".join(said.words)}
        if said.thoughts:
            message["thinking"] = "".join(said.thoughts)
        return {"model": call.model, "message": message, **self._end(said)}

    def tool_call(self, call: Call) -> Any:
        called = [{"function": {"name": "report_word", "arguments": arguments(call)}}]
        message = {"role": "assistant", "content": "", "tool_calls": called}
        return {"model": call.model, "message": message, "done": True, "done_reason": "stop"}

    def stream(self, call: Call) -> tuple[bytes, ...]:
        said = said_in(call)

        def line(more: dict[str, Any], **message: str) -> bytes:
            spoken = {"role": "assistant", "content": "", **message}
            made = {"model": call.model, "created_at": "2026-01-01T00:00:00Z", "message": spoken}
            return dump({**made, **more}) + b"\n"

        going_on = {"done": False}
        tokens = [line(going_on, thinking=t) for t in said.thoughts]
        tokens += [line(going_on, content=w) for w in said.words]
        return (*tokens, line(self._end(said)))

    def error(self, status: int, code: str, message: str) -> Any:
        return {"error": message}

    def error_event(self, code: str, message: str) -> bytes:
        return dump({"error": message}) + b"\n"

    def _end(self, said: Said) -> dict[str, Any]:
        reason = self.finish(said)
        return {"done": True, "done_reason": reason, "prompt_eval_count": 9, "eval_count": count(said)}
