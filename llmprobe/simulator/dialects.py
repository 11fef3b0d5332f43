"""What healthy answers and errors look like in each dialect: written from the vendors' documentation."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from llmprobe.simulator.plan import Call, Said

MODELS = ("sim-1", "sim-2", "sim-embed")
DIMENSION = 8
_VECTOR = [0.125 * i for i in range(DIMENSION)]


def word_of(call: Call) -> str:
    """The word that the prompt asks for: its last."""
    return call.prompt.rsplit(" ", 1)[-1].strip('"{}:. ') or "pong"


def said_in(call: Call) -> Said:
    """The answer, in tokens: it repeats the word that it was told."""
    if call.said is not None:
        return call.said
    word = word_of(call)
    if call.task == "json":
        return Said((json.dumps({"word": word}),))
    return Said((word[:2], word[2:4], word[4:], "!", " Here", " I", " am", "."))


def healthy(call: Call) -> bytes | tuple[bytes, ...]:
    """A body, or the pieces of a stream."""
    if call.probe == "models":
        return _dump(_models(call))
    if call.probe == "embeddings":
        return _dump(_embedding(call))
    if call.task == "tools" and call.said is None:
        return _dump(_tool_call(call))
    return _STREAMS[call.dialect](call) if call.probe == "stream" else _dump(_whole(call))


def error(call: Call, status: int, code: str, message: str) -> bytes:
    """An error body of the dialect."""
    match call.dialect:
        case "anthropic-messages":
            return _dump(
                {"type": "error", "error": {"type": code, "message": message}, "request_id": "req_sim"}
            )
        case "gemini":
            return _dump({"error": {"code": status, "message": message, "status": code.upper()}})
        case "cohere-v2":
            return _dump({"id": "sim", "message": message})
        case "ollama":
            return _dump({"error": message})
        case _:
            return _dump({"error": {"message": message, "type": code, "param": None, "code": code}})


def daily_quota(message: str) -> bytes:
    """Google's error for a day's quota that is used up, with the quota that was violated."""
    violation = {
        "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
        "quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
        "quotaValue": "50",
    }
    details = [{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]}]
    return _dump(
        {"error": {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED", "details": details}}
    )


def error_event(call: Call, code: str, message: str) -> bytes:
    """The same error as it comes inside a stream that began with 200."""
    match call.dialect:
        case "anthropic-messages":
            return _event({"type": "error", "error": {"type": code, "message": message}}, "error")
        case "openai-responses":
            return _event({"type": "error", "code": code, "message": message, "param": None}, "error")
        case "ollama":
            return _dump({"error": message}) + b"\n"
        case "gemini":
            number, status = (503, "UNAVAILABLE") if "overloaded" in code else (500, "INTERNAL")
            error = {"error": {"code": number, "message": message, "status": status}}
            return json.dumps(error, indent=2).encode() + b"\n\n"
        case _:
            return _event({"error": {"message": message, "type": code, "code": code}})


def heartbeat(call: Call) -> bytes:
    """What keeps a stream alive without saying anything."""
    if call.dialect == "anthropic-messages":
        return _event({"type": "ping"}, "ping")
    return b"\n" if call.dialect == "ollama" else b": keep-alive\n\n"


def _models(call: Call) -> Any:
    match call.dialect:
        case "gemini":
            return {
                "models": [
                    {"name": f"models/{m}", "supportedGenerationMethods": ["generateContent"]} for m in MODELS
                ]
            }
        case "ollama":
            return {"models": [{"name": m, "model": m} for m in MODELS]}
        case "cohere-v2":
            return {"models": [{"name": m, "endpoints": ["chat"], "is_deprecated": False} for m in MODELS]}
        case "anthropic-messages":
            return {
                "data": [{"id": m, "type": "model", "display_name": m} for m in MODELS],
                "has_more": False,
            }
        case _:
            return {
                "object": "list",
                "data": [{"id": m, "object": "model", "created": 0, "owned_by": "sim"} for m in MODELS],
            }


def empty_embedding(call: Call) -> bytes:
    """An answer of the right shape that holds no number."""
    return _dump(_embedding(call, []))


def _embedding(call: Call, vector: Sequence[float] = tuple(_VECTOR)) -> Any:
    match call.dialect:
        case "gemini":
            return {"embedding": {"values": vector}}
        case "ollama":
            return {"model": call.model, "embeddings": [vector]}
        case "cohere-v2":
            return {"id": "sim", "embeddings": {"float": [vector]}}
        case _:
            data = [{"object": "embedding", "index": 0, "embedding": vector}]
            return {
                "object": "list",
                "data": data,
                "model": call.model,
                "usage": {"prompt_tokens": 3, "total_tokens": 3},
            }


def _whole(call: Call) -> Any:
    said = said_in(call)
    text, thought, count = "".join(said.words), "".join(said.thoughts), _count(said)
    match call.dialect:
        case "anthropic-messages":
            blocks = [{"type": "thinking", "thinking": thought, "signature": "sim"}] if thought else []
            blocks += [{"type": "text", "text": text}] if text else []
            return {
                "id": "msg_sim", "type": "message", "role": "assistant", "model": call.model, "stop_reason": _finish(call, said),
                "stop_sequence": None, "content": blocks, "usage": {"input_tokens": 9, "output_tokens": count},
            }  # fmt: skip
        case "gemini":
            return _gemini(call, text, count, thought=thought, finish=_finish(call, said))
        case "cohere-v2":
            parts = [{"type": "thinking", "thinking": thought}] if thought else []
            parts += [{"type": "text", "text": text}] if text else []
            return {
                "id": "sim", "finish_reason": _finish(call, said), "message": {"role": "assistant", "content": parts},
                "usage": {"tokens": {"input_tokens": 9, "output_tokens": count}},
            }  # fmt: skip
        case "ollama":
            message = {"role": "assistant", "content": text, **({"thinking": thought} if thought else {})}
            return {"model": call.model, "message": message, "done": True, "done_reason": _finish(call, said),
                    "prompt_eval_count": 9, "eval_count": count}  # fmt: skip
        case "openai-responses":
            return _response(call, said)
        case _:
            message = {
                "role": "assistant",
                "content": text,
                **({"reasoning_content": thought} if thought else {}),
            }
            choice = {"index": 0, "message": message, "finish_reason": _finish(call, said)}
            return {"id": "sim", "object": "chat.completion", "created": int(time.time()), "model": call.model,
                    "choices": [choice], "usage": _usage(count)}  # fmt: skip


_FINISHES = {
    "anthropic-messages": ("end_turn", "max_tokens"),
    "gemini": ("STOP", "MAX_TOKENS"),
    "cohere-v2": ("COMPLETE", "MAX_TOKENS"),
    "openai-responses": ("completed", "incomplete"),
}
"""How an answer ends by itself, and at the token limit."""


def _finish(call: Call, said: Said) -> str:
    return _FINISHES.get(call.dialect, ("stop", "length"))[said.cut_off]


def _count(said: Said) -> int:
    return len(said.words) + len(said.thoughts)


def _tool_call(call: Call) -> Any:
    name, given = "report_word", {"word": word_of(call)}
    function = {
        "id": "call_sim",
        "type": "function",
        "function": {"name": name, "arguments": json.dumps(given)},
    }
    match call.dialect:
        case "anthropic-messages":
            block = {"type": "tool_use", "id": "toolu_sim", "name": name, "input": given}
            return {
                "type": "message",
                "model": call.model,
                "stop_reason": "tool_use",
                "content": [block],
                "usage": {},
            }
        case "gemini":
            part = {"functionCall": {"name": name, "args": given}}
            return {
                "candidates": [{"content": {"parts": [part]}, "finishReason": "STOP"}],
                "modelVersion": call.model,
            }
        case "cohere-v2":
            return {
                "finish_reason": "TOOL_CALL",
                "message": {"role": "assistant", "tool_calls": [function]},
                "usage": {},
            }
        case "ollama":
            message = {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"function": {"name": name, "arguments": given}}],
            }
            return {"model": call.model, "message": message, "done": True, "done_reason": "stop"}
        case "openai-responses":
            item = {"type": "function_call", "name": name, "arguments": json.dumps(given)}
            return {**_response(call, Said(())), "output": [item]}
        case _:
            answer: dict[str, Any] = {"role": "assistant", "content": None, "tool_calls": [function]}
            return {"model": call.model, "choices": [{"message": answer, "finish_reason": "tool_calls"}]}


def _pieces(head: bytes, tokens: list[bytes], end: bytes) -> tuple[bytes, ...]:
    """A stream that sends its head with the first token; without a token, the head and the end."""
    return (head + tokens[0], *tokens[1:], end) if tokens else (head, end)


def _chat_stream(call: Call) -> tuple[bytes, ...]:
    said = said_in(call)

    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
        base = {"id": "sim", "object": "chat.completion.chunk", "created": 0, "model": call.model}
        return _event({**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more})

    usage = {"id": "sim", "object": "chat.completion.chunk", "created": 0, "model": call.model, "choices": []}
    last = _event({**usage, "usage": _usage(_count(said))})
    tokens = [chunk({"reasoning_content": t}) for t in said.thoughts]
    tokens += [chunk({"content": w}) for w in said.words]
    head = chunk({"role": "assistant", "content": ""})
    return _pieces(head, tokens, chunk({}, _finish(call, said)) + last + b"data: [DONE]\n\n")


def _responses_stream(call: Call) -> tuple[bytes, ...]:
    said, numbers = said_in(call), iter(range(10_000))

    def event(kind: str, **more: Any) -> bytes:
        return _event({"type": kind, "sequence_number": next(numbers), **more}, kind)

    def delta(kind: str, text: str, **more: Any) -> bytes:
        return event(kind, item_id="sim", output_index=0, delta=text, **more)

    head = event("response.created", response={**_response(call, Said(())), "status": "in_progress"})
    tokens = [delta("response.reasoning_text.delta", t, content_index=0) for t in said.thoughts]
    tokens += [delta("response.output_text.delta", w, content_index=0, logprobs=[]) for w in said.words]
    return _pieces(head, tokens, event(f"response.{_finish(call, said)}", response=_response(call, said)))


def _messages_stream(call: Call) -> tuple[bytes, ...]:
    said = said_in(call)
    message: dict[str, Any] = {"id": "msg_sim", "type": "message", "role": "assistant", "model": call.model, "content": [],
               "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 9, "output_tokens": 1}}  # fmt: skip
    head = _event({"type": "message_start", "message": message}, "message_start")
    tokens: list[bytes] = []
    for kind, field, words in (("thinking", "thinking", said.thoughts), ("text", "text", said.words)):
        tokens += _block(0 if kind == "thinking" or not said.thoughts else 1, kind, field, words)
    delta = {
        "type": "message_delta",
        "delta": {"stop_reason": _finish(call, said), "stop_sequence": None},
        "usage": {"output_tokens": _count(said)},
    }
    end = _event(delta, "message_delta") + _event({"type": "message_stop"}, "message_stop")
    return _pieces(head, tokens, end)


def _block(index: int, kind: str, field: str, words: tuple[str, ...]) -> list[bytes]:
    """One content block of a Messages stream, its start sent with its first token and its stop with the last."""
    if not words:
        return []
    empty = {"type": kind, field: "", **({"signature": ""} if kind == "thinking" else {})}
    start = _event(
        {"type": "content_block_start", "index": index, "content_block": empty}, "content_block_start"
    )
    deltas = [
        _event(
            {"type": "content_block_delta", "index": index, "delta": {"type": f"{kind}_delta", field: w}},
            "content_block_delta",
        )
        for w in words
    ]
    deltas[0] = start + deltas[0]
    deltas[-1] += _event({"type": "content_block_stop", "index": index}, "content_block_stop")
    return deltas


def _gemini_stream(call: Call) -> tuple[bytes, ...]:
    said = said_in(call)
    tokens = [_event(_gemini(call, "", i + 1, thought=t)) for i, t in enumerate(said.thoughts)]
    tokens += [_event(_gemini(call, w, len(tokens) + i + 1)) for i, w in enumerate(said.words[:-1])]
    last = said.words[-1] if said.words else ""
    return (*tokens, _event(_gemini(call, last, _count(said), finish=_finish(call, said))))


def _cohere_stream(call: Call) -> tuple[bytes, ...]:
    said = said_in(call)

    def delta(kind: str, word: str) -> bytes:
        content = {"message": {"content": {kind: word}}}
        return _event({"type": "content-delta", "index": 0, "delta": content}, "content-delta")

    usage = {"tokens": {"input_tokens": 9, "output_tokens": _count(said)}}
    end = {"finish_reason": _finish(call, said), "usage": usage}
    head = _event(
        {"type": "message-start", "id": "sim", "delta": {"message": {"role": "assistant"}}}, "message-start"
    )
    tokens = [delta("thinking", t) for t in said.thoughts] + [delta("text", w) for w in said.words]
    return _pieces(head, tokens, _event({"type": "message-end", "delta": end}, "message-end"))


def _ollama_stream(call: Call) -> tuple[bytes, ...]:
    said = said_in(call)

    def line(**more: Any) -> bytes:
        return _dump({"model": call.model, "created_at": "2026-01-01T00:00:00Z", **more}) + b"\n"

    def token(**message: str) -> bytes:
        return line(message={"role": "assistant", "content": "", **message}, done=False)

    tokens = [token(thinking=t) for t in said.thoughts] + [token(content=w) for w in said.words]
    end = line(
        message={"role": "assistant", "content": ""},
        done=True,
        done_reason=_finish(call, said),
        prompt_eval_count=9,
        eval_count=_count(said),
    )
    return (*tokens, end)


_STREAMS = {
    "openai-chat": _chat_stream,
    "openai-responses": _responses_stream,
    "anthropic-messages": _messages_stream,
    "gemini": _gemini_stream,
    "cohere-v2": _cohere_stream,
    "ollama": _ollama_stream,
}


def _gemini(
    call: Call, text: str, count: int, *, thought: str = "", finish: str | None = None
) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"text": thought, "thought": True}] if thought else []
    parts += [{"text": text}] if text else []
    content = {"parts": parts, "role": "model"} if parts else {"role": "model"}
    candidate: dict[str, Any] = {
        "content": content,
        "index": 0,
        **({"finishReason": finish} if finish else {}),
    }
    usage = {"promptTokenCount": 9, "candidatesTokenCount": count, "totalTokenCount": 9 + count}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": call.model}


def _response(call: Call, said: Said) -> dict[str, Any]:
    output: list[dict[str, Any]] = []
    if said.thoughts:
        thought = [{"type": "reasoning_text", "text": "".join(said.thoughts)}]
        output.append({"type": "reasoning", "id": "rs_sim", "summary": [], "content": thought})
    if said.words:
        text = [{"type": "output_text", "text": "".join(said.words), "annotations": []}]
        message = {
            "type": "message",
            "id": "msg_sim",
            "status": "completed",
            "role": "assistant",
            "content": text,
        }
        output.append(message)
    return {
        "id": "resp_sim", "object": "response", "created_at": 0, "status": _finish(call, said), "model": call.model, "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if said.cut_off else None, "output": output,
        "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
        "usage": {"input_tokens": 9, "output_tokens": _count(said), "total_tokens": 9 + _count(said),
                  "input_tokens_details": {"cached_tokens": 0},
                  "output_tokens_details": {"reasoning_tokens": len(said.thoughts)}},
    }  # fmt: skip


def _usage(count: int) -> dict[str, int]:
    return {"prompt_tokens": 9, "completion_tokens": count, "total_tokens": 9 + count}


def _event(data: Any, name: str = "") -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


def _dump(data: Any) -> bytes:
    return json.dumps(data).encode()
