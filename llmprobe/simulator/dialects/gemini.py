"""Google's generateContent (ai.google.dev/api/generate-content, read 2026-11-22)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from llmprobe.simulator.dialects.interface import MODELS, Speech, arguments, count, event, said_in
from llmprobe.simulator.plan import Call


class Gemini(Speech):
    """Each event is a whole answer with the next part; a `finishReason` is the end."""

    finishes = ("STOP", "MAX_TOKENS")

    def models(self) -> Any:
        methods = ["generateContent"]
        return {"models": [{"name": f"models/{m}", "supportedGenerationMethods": methods} for m in MODELS]}

    def embedding(self, call: Call, vector: Sequence[float]) -> Any:
        return {"embedding": {"values": vector}}

    def whole(self, call: Call) -> Any:
        said = said_in(call)
        text, thought = "".join(said.words), "".join(said.thoughts)
        return _answer(call, text, count(said), thought=thought, finish=self.finish(said))

    def tool_call(self, call: Call) -> Any:
        part = {"functionCall": {"name": "report_word", "args": arguments(call)}}
        candidate = {"content": {"parts": [part]}, "finishReason": "STOP"}
        return {"candidates": [candidate], "modelVersion": call.model}

    def stream(self, call: Call) -> tuple[bytes, ...]:
        said = said_in(call)
        tokens = [event(_answer(call, "", i + 1, thought=t)) for i, t in enumerate(said.thoughts)]
        tokens += [event(_answer(call, w, len(tokens) + i + 1)) for i, w in enumerate(said.words[:-1])]
        last = said.words[-1] if said.words else ""
        return (*tokens, event(_answer(call, last, count(said), finish=self.finish(said))))

    def error(self, status: int, code: str, message: str) -> Any:
        return {"error": {"code": status, "message": message, "status": code.upper()}}

    def error_event(self, code: str, message: str) -> bytes:
        number, status = (503, "UNAVAILABLE") if "overloaded" in code else (500, "INTERNAL")
        error = {"error": {"code": number, "message": message, "status": status}}
        return json.dumps(error, indent=2).encode() + b"\n\n"


def daily_quota(message: str) -> Any:
    """The error for a day's quota that is used up, with the quota that was violated."""
    violation = {
        "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
        "quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
        "quotaValue": "50",
    }
    details = [{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]}]
    return {"error": {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED", "details": details}}


def _answer(call: Call, text: str, output: int, *, thought: str = "", finish: str | None = None) -> Any:
    parts: list[dict[str, Any]] = [{"text": thought, "thought": True}] if thought else []
    parts += [{"text": text}] if text else []
    content = {"parts": parts, "role": "model"} if parts else {"role": "model"}
    candidate = {"content": content, "index": 0, **({"finishReason": finish} if finish else {})}
    usage = {"promptTokenCount": 9, "candidatesTokenCount": output, "totalTokenCount": 9 + output}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": call.model}
