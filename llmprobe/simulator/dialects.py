"""What healthy answers and errors look like in each dialect: written from the vendors' documentation."""

from __future__ import annotations

import json
import time
from typing import Any

from llmprobe.simulator.plan import Call

MODELS = ("sim-1", "sim-2", "sim-embed")
DIMENSION = 8
_VECTOR = [0.125 * i for i in range(DIMENSION)]


def word_of(call: Call) -> str:
    """The word that the prompt asks for: its last."""
    return call.prompt.rsplit(" ", 1)[-1].strip('"{}:. ') or "pong"


def words_for(call: Call) -> list[str]:
    """The answer, in tokens: it repeats the word that it was told."""
    word = word_of(call)
    if call.task == "json":
        return [json.dumps({"word": word})]
    return [word[:2], word[2:4], word[4:], "!", " Here", " I", " am", "."]


def healthy(call: Call) -> bytes | tuple[bytes, ...]:
    """A body, or the pieces of a stream."""
    if call.probe == "models":
        return _dump(_models(call))
    if call.probe == "embeddings":
        return _dump(_embedding(call))
    if call.task == "tools":
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


def _embedding(call: Call) -> Any:
    match call.dialect:
        case "gemini":
            return {"embedding": {"values": _VECTOR}}
        case "ollama":
            return {"model": call.model, "embeddings": [_VECTOR]}
        case "cohere-v2":
            return {"id": "sim", "embeddings": {"float": [_VECTOR]}}
        case _:
            data = [{"object": "embedding", "index": 0, "embedding": _VECTOR}]
            return {
                "object": "list",
                "data": data,
                "model": call.model,
                "usage": {"prompt_tokens": 3, "total_tokens": 3},
            }


def _whole(call: Call) -> Any:
    text, count = "".join(words_for(call)), len(words_for(call))
    match call.dialect:
        case "anthropic-messages":
            return {
                "id": "msg_sim", "type": "message", "role": "assistant", "model": call.model, "stop_reason": "end_turn",
                "content": [{"type": "text", "text": text}], "usage": {"input_tokens": 9, "output_tokens": count},
            }  # fmt: skip
        case "gemini":
            return _gemini(call, text, "STOP", count)
        case "cohere-v2":
            return {
                "id": "sim", "finish_reason": "COMPLETE", "message": {"role": "assistant", "content": [{"type": "text", "text": text}]},
                "usage": {"tokens": {"input_tokens": 9, "output_tokens": count}},
            }  # fmt: skip
        case "ollama":
            return {"model": call.model, "message": {"role": "assistant", "content": text}, "done": True,
                    "done_reason": "stop", "prompt_eval_count": 9, "eval_count": count}  # fmt: skip
        case "openai-responses":
            return _response(call, "completed", text, count)
        case _:
            choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            return {"id": "sim", "object": "chat.completion", "created": int(time.time()), "model": call.model,
                    "choices": [choice], "usage": _usage(count)}  # fmt: skip


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
            return {**_response(call, "completed", "", 0), "output": [item]}
        case _:
            answer: dict[str, Any] = {"role": "assistant", "content": None, "tool_calls": [function]}
            return {"model": call.model, "choices": [{"message": answer, "finish_reason": "tool_calls"}]}


def _chat_stream(call: Call) -> tuple[bytes, ...]:
    words = words_for(call)

    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
        base = {"id": "sim", "object": "chat.completion.chunk", "created": 0, "model": call.model}
        return _event({**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more})

    last = _event(
        {
            "id": "sim",
            "object": "chat.completion.chunk",
            "model": call.model,
            "choices": [],
            "usage": _usage(len(words)),
        }
    )
    pieces = [chunk({"content": w}) for w in words]
    pieces[0] = chunk({"role": "assistant", "content": ""}) + pieces[0]
    return (*pieces, chunk({}, "stop") + last + b"data: [DONE]\n\n")


def _responses_stream(call: Call) -> tuple[bytes, ...]:
    words = words_for(call)
    start = _event(
        {"type": "response.created", "response": _response(call, "in_progress", "", 0)}, "response.created"
    )
    pieces = [
        _event({"type": "response.output_text.delta", "delta": w}, "response.output_text.delta")
        for w in words
    ]
    done = {
        "type": "response.completed",
        "response": _response(call, "completed", "".join(words), len(words)),
    }
    return (start + pieces[0], *pieces[1:], _event(done, "response.completed"))


def _messages_stream(call: Call) -> tuple[bytes, ...]:
    words = words_for(call)
    message: dict[str, Any] = {"id": "msg_sim", "type": "message", "role": "assistant", "model": call.model, "content": [],
               "stop_reason": None, "usage": {"input_tokens": 9, "output_tokens": 1}}  # fmt: skip
    block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    start = _event({"type": "message_start", "message": message}, "message_start")
    pieces = [
        _event(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": w}},
            "content_block_delta",
        )
        for w in words
    ]
    delta = {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn"},
        "usage": {"output_tokens": len(words)},
    }
    end = _event({"type": "content_block_stop", "index": 0}, "content_block_stop") + _event(
        delta, "message_delta"
    )
    first = start + _event(block, "content_block_start") + pieces[0]
    return (first, *pieces[1:], end + _event({"type": "message_stop"}, "message_stop"))


def _gemini_stream(call: Call) -> tuple[bytes, ...]:
    words = words_for(call)
    pieces = [_event(_gemini(call, w, None, i + 1)) for i, w in enumerate(words[:-1])]
    return (*pieces, _event(_gemini(call, words[-1], "STOP", len(words))))


def _cohere_stream(call: Call) -> tuple[bytes, ...]:
    words = words_for(call)

    def delta(word: str) -> bytes:
        content = {"message": {"content": {"text": word}}}
        return _event({"type": "content-delta", "index": 0, "delta": content}, "content-delta")

    end = {"finish_reason": "COMPLETE", "usage": {"tokens": {"input_tokens": 9, "output_tokens": len(words)}}}
    start = _event(
        {"type": "message-start", "id": "sim", "delta": {"message": {"role": "assistant"}}}, "message-start"
    )
    return (
        start + delta(words[0]),
        *map(delta, words[1:]),
        _event({"type": "message-end", "delta": end}, "message-end"),
    )


def _ollama_stream(call: Call) -> tuple[bytes, ...]:
    words = words_for(call)

    def line(**more: Any) -> bytes:
        return _dump({"model": call.model, "created_at": "2026-01-01T00:00:00Z", **more}) + b"\n"

    pieces = [line(message={"role": "assistant", "content": w}, done=False) for w in words]
    end = line(
        message={"role": "assistant", "content": ""},
        done=True,
        done_reason="stop",
        prompt_eval_count=9,
        eval_count=len(words),
    )
    return (*pieces, end)


_STREAMS = {
    "openai-chat": _chat_stream,
    "openai-responses": _responses_stream,
    "anthropic-messages": _messages_stream,
    "gemini": _gemini_stream,
    "cohere-v2": _cohere_stream,
    "ollama": _ollama_stream,
}


def _gemini(call: Call, text: str, finish: str | None, count: int) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    usage = {"promptTokenCount": 9, "candidatesTokenCount": count, "totalTokenCount": 9 + count}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": call.model}


def _response(call: Call, status: str, text: str, count: int) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text}]
    return {
        "id": "resp_sim", "object": "response", "status": status, "model": call.model, "error": None,
        "output": [{"type": "message", "role": "assistant", "content": content}] if text else [],
        "usage": {"input_tokens": 9, "output_tokens": count, "output_tokens_details": {"reasoning_tokens": 0}},
    }  # fmt: skip


def _usage(count: int) -> dict[str, int]:
    return {"prompt_tokens": 9, "completion_tokens": count, "total_tokens": 9 + count}


def _event(data: Any, name: str = "") -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


def _dump(data: Any) -> bytes:
    return json.dumps(data).encode()
