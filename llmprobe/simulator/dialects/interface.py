"""What a simulated provider says in one wire format, and what all formats share."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from llmprobe.simulator.plan import Call, Said

MODELS = ("sim-1", "sim-2", "sim-embed")
DIMENSION = 8
VECTOR = tuple(0.125 * i for i in range(DIMENSION))


class Speech(ABC):
    """
    Healthy answers, errors and heartbeats of one wire format, written from its vendor's documentation.

    `finishes` says how an answer ends by itself, and how it ends at the token limit.
    """

    finishes: ClassVar[tuple[str, str]] = ("stop", "length")
    heartbeat: ClassVar[bytes] = b": keep-alive\n\n"

    @abstractmethod
    def models(self) -> Any:
        """The list of models."""

    @abstractmethod
    def embedding(self, call: Call, vector: Sequence[float]) -> Any:
        """An embedding."""

    @abstractmethod
    def whole(self, call: Call) -> Any:
        """A whole answer."""

    @abstractmethod
    def tool_call(self, call: Call) -> Any:
        """A whole answer that calls the tool `report_word`."""

    @abstractmethod
    def stream(self, call: Call) -> tuple[bytes, ...]:
        """The pieces of a streamed answer: one for each token."""

    @abstractmethod
    def error(self, status: int, code: str, message: str) -> Any:
        """The body of an error."""

    @abstractmethod
    def error_event(self, code: str, message: str) -> bytes:
        """The same error as it comes inside a stream that began with 200."""

    def finish(self, said: Said) -> str:
        return self.finishes[said.cut_off]


def word_of(call: Call) -> str:
    """The word that the prompt asks for: its last."""
    return call.prompt.rsplit(" ", 1)[-1].strip('"{}:. ') or "pong"


def said_in(call: Call) -> Said:
    """The answer, in tokens: it repeats the word of the prompt."""
    if call.said is not None:
        return call.said
    word = word_of(call)
    if call.task == "json":
        return Said((json.dumps({"word": word}),))
    return Said((word[:2], word[2:4], word[4:], "!", " Here", " I", " am", "."))


def count(said: Said) -> int:
    """Its output tokens."""
    return len(said.words) + len(said.thoughts)


def arguments(call: Call) -> dict[str, str]:
    """What the tool `report_word` is called with."""
    return {"word": word_of(call)}


def function_call(call: Call) -> dict[str, Any]:
    """The call of the tool in OpenAI's form, which Cohere shares."""
    function = {"name": "report_word", "arguments": json.dumps(arguments(call))}
    return {"id": "call_sim", "type": "function", "function": function}


def pieces(head: bytes, tokens: list[bytes], end: bytes) -> tuple[bytes, ...]:
    """A stream that sends its head with the first token; without a token, the head and the end."""
    return (head + tokens[0], *tokens[1:], end) if tokens else (head, end)


def event(data: Any, name: str = "") -> bytes:
    """A server-sent event."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


def dump(data: Any) -> bytes:
    return json.dumps(data).encode()
