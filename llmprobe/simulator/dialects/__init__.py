"""What healthy answers and errors look like in each wire format, one file for each."""

from __future__ import annotations

from llmprobe.simulator.dialects.anthropic_messages import AnthropicMessages
from llmprobe.simulator.dialects.cohere_v2 import CohereV2
from llmprobe.simulator.dialects.gemini import Gemini
from llmprobe.simulator.dialects.gemini import daily_quota as _daily_quota
from llmprobe.simulator.dialects.interface import DIMENSION, MODELS, VECTOR, Speech, dump, said_in, word_of
from llmprobe.simulator.dialects.ollama import Ollama
from llmprobe.simulator.dialects.openai_chat import OpenAIChat
from llmprobe.simulator.dialects.openai_responses import OpenAIResponses
from llmprobe.simulator.plan import Call

__all__ = [
    "DIMENSION",
    "MODELS",
    "daily_quota",
    "empty_embedding",
    "error",
    "error_event",
    "healthy",
    "heartbeat",
    "said_in",
    "word_of",
]

_SPEECH: dict[str, Speech] = {
    "openai-chat": OpenAIChat(),
    "openai-responses": OpenAIResponses(),
    "anthropic-messages": AnthropicMessages(),
    "gemini": Gemini(),
    "cohere-v2": CohereV2(),
    "ollama": Ollama(),
}


def healthy(call: Call) -> bytes | tuple[bytes, ...]:
    """A body, or the pieces of a stream."""
    speech = _SPEECH[call.dialect]
    if call.probe == "models":
        return dump(speech.models())
    if call.probe == "embeddings":
        return dump(speech.embedding(call, VECTOR))
    if call.task == "tools" and call.said is None:
        return dump(speech.tool_call(call))
    return speech.stream(call) if call.probe == "stream" else dump(speech.whole(call))


def empty_embedding(call: Call) -> bytes:
    """An answer of the right shape that holds no number."""
    return dump(_SPEECH[call.dialect].embedding(call, []))


def error(call: Call, status: int, code: str, message: str) -> bytes:
    """An error body of the dialect."""
    return dump(_SPEECH[call.dialect].error(status, code, message))


def error_event(call: Call, code: str, message: str) -> bytes:
    """The same error as it comes inside a stream that began with 200."""
    return _SPEECH[call.dialect].error_event(code, message)


def heartbeat(call: Call) -> bytes:
    """What keeps a stream alive without saying anything."""
    return _SPEECH[call.dialect].heartbeat


def daily_quota(message: str) -> bytes:
    """Google's error for a day's quota that is used up."""
    return dump(_daily_quota(message))
