"""Cohere's v2 (docs.cohere.com/reference/chat, read 2026-11-22)."""

from __future__ import annotations

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
from llmprobe.simulator.plan import Call, Said


class CohereV2(Speech):
    """Events from `message-start` to `message-end`."""

    finishes = ("COMPLETE", "MAX_TOKENS")

    def models(self) -> Any:
        return {"models": [{"name": m, "endpoints": ["chat"], "is_deprecated": False} for m in MODELS]}

    def embedding(self, call: Call, vector: Sequence[float]) -> Any:
        return {"id": "sim", "embeddings": {"float": [vector]}}

    def whole(self, call: Call) -> Any:
        said = said_in(call)
        parts = [{"type": "thinking", "thinking": "".join(said.thoughts)}] if said.thoughts else []
        parts += [{"type": "text", "text": "".join(said.words)}] if said.words else []
        message = {"role": "assistant", "content": parts}
        return {"id": "sim", "finish_reason": self.finish(said), "message": message, "usage": _usage(said)}

    def tool_call(self, call: Call) -> Any:
        message = {"role": "assistant", "tool_calls": [function_call(call)]}
        return {"finish_reason": "TOOL_CALL", "message": message, "usage": {}}

    def stream(self, call: Call) -> tuple[bytes, ...]:
        said = said_in(call)

        def delta(kind: str, word: str) -> bytes:
            content = {"message": {"content": {kind: word}}}
            return event({"type": "content-delta", "index": 0, "delta": content}, "content-delta")

        started = {"type": "message-start", "id": "sim", "delta": {"message": {"role": "assistant"}}}
        tokens = [delta("thinking", t) for t in said.thoughts] + [delta("text", w) for w in said.words]
        ended = {"type": "message-end", "delta": {"finish_reason": self.finish(said), "usage": _usage(said)}}
        return pieces(event(started, "message-start"), tokens, event(ended, "message-end"))

    def error(self, status: int, code: str, message: str) -> Any:
        return {"id": "sim", "message": message}

    def error_event(self, code: str, message: str) -> bytes:
        return event({"error": {"message": message, "type": code, "code": code}})


def _usage(said: Said) -> Any:
    return {"tokens": {"input_tokens": 9, "output_tokens": count(said)}}
