"""Anthropic's Messages (docs.claude.com/en/api/messages, read 2026-11-22)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmprobe.simulator.dialects.interface import MODELS, arguments, count, event, pieces, said_in
from llmprobe.simulator.dialects.openai_chat import OpenAIChat
from llmprobe.simulator.plan import Call, Said


class AnthropicMessages(OpenAIChat):
    """Content blocks; the format has no embeddings of its own."""

    finishes = ("end_turn", "max_tokens")
    heartbeat = event({"type": "ping"}, "ping")

    def models(self) -> Any:
        data = [{"id": m, "type": "model", "display_name": m} for m in MODELS]
        return {"data": data, "has_more": False}

    def whole(self, call: Call) -> Any:
        said = said_in(call)
        return {
            "id": "msg_sim",
            "type": "message",
            "role": "assistant",
            "model": call.model,
            "stop_reason": self.finish(said),
            "stop_sequence": None,
            "content": _content(said),
            "usage": {"input_tokens": 9, "output_tokens": count(said)},
        }

    def tool_call(self, call: Call) -> Any:
        block = {"type": "tool_use", "id": "toolu_sim", "name": "report_word", "input": arguments(call)}
        return {
            "type": "message",
            "model": call.model,
            "stop_reason": "tool_use",
            "content": [block],
            "usage": {},
        }

    def stream(self, call: Call) -> tuple[bytes, ...]:
        said = said_in(call)
        usage = {"input_tokens": 9, "output_tokens": 1}
        begun = {**self.whole(call), "content": [], "stop_reason": None, "usage": usage}
        head = event({"type": "message_start", "message": begun}, "message_start")
        tokens = _block(0, "thinking", said.thoughts) + _block(bool(said.thoughts), "text", said.words)
        delta = {
            "type": "message_delta",
            "delta": {"stop_reason": self.finish(said), "stop_sequence": None},
            "usage": {"output_tokens": count(said)},
        }
        end = event(delta, "message_delta") + event({"type": "message_stop"}, "message_stop")
        return pieces(head, tokens, end)

    def error(self, status: int, code: str, message: str) -> Any:
        return {"type": "error", "error": {"type": code, "message": message}, "request_id": "req_sim"}

    def error_event(self, code: str, message: str) -> bytes:
        return event({"type": "error", "error": {"type": code, "message": message}}, "error")


def _content(said: Said) -> list[dict[str, Any]]:
    blocks = []
    if said.thoughts:
        blocks.append({"type": "thinking", "thinking": "".join(said.thoughts), "signature": "sim"})
    if said.words:
        blocks.append({"type": "text", "text": "".join(said.words)})
    return blocks


def _block(index: int, kind: str, words: Sequence[str]) -> list[bytes]:
    """One content block, its start sent with its first token and its stop with the last."""
    if not words:
        return []

    def step(name: str, **more: Any) -> bytes:
        return event({"type": name, "index": int(index), **more}, name)

    empty = {"type": kind, kind: "", **({"signature": ""} if kind == "thinking" else {})}
    deltas = [step("content_block_delta", delta={"type": f"{kind}_delta", kind: word}) for word in words]
    deltas[0] = step("content_block_start", content_block=empty) + deltas[0]
    deltas[-1] += step("content_block_stop")
    return deltas
