"""What is a complete answer, what is cut off, and what nobody can decode: over real sockets, in every dialect."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from llmprobe.model import Category, Fault, ProbeKind, Result, Status
from llmprobe.simulator import dialects as answers
from llmprobe.simulator.plan import Call
from tests.support import Background, a_target, check_one

DIALECTS = ("openai-chat", "openai-responses", "anthropic-messages", "gemini", "cohere-v2", "ollama")
SSE = "text/event-stream"


class Wire:
    """Sends a prepared answer: `ending` is `clean`, `fin` (in the middle of a chunked body) or `reset`."""

    def __init__(self, background: Background) -> None:
        self._background = background
        self.pieces: tuple[bytes, ...] = ()
        self.kind = SSE
        self.ending = "clean"
        self._server = background.run(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        await reader.readexactly(int(head.partition("content-length: ")[2].partition("\r\n")[0] or 0))
        writer.write(
            f"HTTP/1.1 200 OK\r\ncontent-type: {self.kind}\r\ntransfer-encoding: chunked\r\n\r\n".encode()
        )
        for piece in self.pieces:
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await writer.drain()
            await asyncio.sleep(0.005)
        if self.ending == "clean":
            writer.write(b"0\r\n\r\n")
        elif self.ending == "reset":
            await asyncio.sleep(0.05)
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
            return
        writer.close()

    def close(self) -> None:
        self._background.loop.call_soon_threadsafe(self._server.close)


Ask = Callable[..., Result]


@pytest.fixture
def ask(background: Background) -> Iterator[Ask]:
    """Probe a server that sends these pieces."""
    wire = Wire(background)

    def probed(
        *pieces: Any,
        dialect: str = "openai-chat",
        probe: ProbeKind = ProbeKind.STREAM,
        ending: str = "clean",
        kind: str = SSE,
    ) -> Result:
        wire.pieces = tuple(p if isinstance(p, bytes) else event(p) for p in pieces)
        wire.ending, wire.kind = ending, kind
        return check_one(a_target(wire.url, dialect, provider="openai-compatible"), probe)

    yield probed
    wire.close()


def event(value: Any, name: str = "") -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(value)}\n\n".encode()


def chunk(text: str = "", finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "model": "sim-1",
        "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}],
        **more,
    }


def healthy_stream(dialect: str) -> tuple[bytes, ...]:
    pieces = answers.healthy(Call(dialect, "stream", prompt="say bakulo"))
    assert isinstance(pieces, tuple)
    return pieces


def test_a_finish_reason_and_a_clean_end_are_a_whole_answer(ask: Ask) -> None:
    """`transformers serve` and GPUStack send no [DONE]; the official SDKs do not miss it."""
    result = ask(chunk("Hi"), chunk("", "stop"))

    assert (result.status, result.category) == (Status.HEALTHY, Category.OK)
    assert any("[DONE]" in note for note in result.notes)


def test_a_stream_with_its_own_end_has_no_note_about_it(ask: Ask) -> None:
    assert not ask(chunk("Hi"), chunk("", "stop"), b"data: [DONE]\n\n").notes[1:]


def test_a_stream_that_ends_without_finish_and_terminator_is_truncated(ask: Ask) -> None:
    result = ask(chunk("Hi"), chunk(" there"))

    assert (result.category, result.fault) == (Category.TRUNCATED, Fault.PROVIDER)
    assert "[DONE]" in result.reason


def test_messages_with_a_stop_reason_are_whole_without_message_stop(ask: Ask) -> None:
    *most, last = healthy_stream("anthropic-messages")
    without = last[: last.index(b"event: message_stop")]

    assert ask(*most, without, dialect="anthropic-messages").status is Status.HEALTHY


def test_done_alone_ends_only_what_openai_defined(ask: Ask) -> None:
    """A relay's `[DONE]` after a message that never stopped is no end of an Anthropic stream."""
    first, *_ = healthy_stream("anthropic-messages")

    result = ask(first, b"data: [DONE]\n\n", dialect="anthropic-messages")
    assert result.category is Category.TRUNCATED


def test_perplexity_repeats_the_whole_message_beside_an_empty_delta(ask: Ask) -> None:
    """The one with content wins, nothing is read twice, and `chat.completion.done` is the end."""

    def piece(text: str, finish: str | None = None, kind: str = "chat.completion.chunk") -> dict[str, Any]:
        choice = {"index": 0, "delta": {"role": "assistant", "content": ""}, "message": {"content": text}}
        return {"model": "sim-1", "object": kind, "choices": [{**choice, "finish_reason": finish}]}

    streamed = ask(piece("One"), piece("One two"), piece("One two three", "stop", "chat.completion.done"))
    whole = ask(json.dumps(piece("One two", "stop")).encode(), probe=ProbeKind.CHAT, kind="application/json")

    assert (streamed.status, whole.status) == (Status.HEALTHY, Status.HEALTHY)
    assert streamed.tokens.events == 3
    assert not any("[DONE]" in note for note in streamed.notes)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_an_event_that_cannot_be_decoded_is_an_invalid_response(ask: Ask, dialect: str, place: str) -> None:
    """Official SDKs raise on it, so users are down, wherever in the stream it stands."""
    pieces = list(healthy_stream(dialect))
    at = {"first": 0, "middle": len(pieces) // 2, "last": len(pieces) - 1}[place]
    broken = b'{"oops": tru\n' if dialect == "ollama" else b'data: {"oops": tru\n\n'

    result = ask(*pieces[:at], broken, *pieces[at:], dialect=dialect)
    assert (result.status, result.category, result.fault) == (
        Status.FAILED, Category.INVALID_RESPONSE, Fault.PROVIDER,
    )  # fmt: skip
    assert '{"oops": tru' in result.reason
    assert "event " in result.reason


def test_the_reason_counts_events_and_not_comments(ask: Ask) -> None:
    result = ask(
        b": keep-alive\n\n", chunk("Hi"), b"data: <oops>\n\n", chunk("", "stop"), b"data: [DONE]\n\n"
    )
    assert "event 2 is not JSON: “<oops>”" in result.reason


def test_an_event_that_the_end_cut_in_two_is_truncated(ask: Ask) -> None:
    """Without the empty line it is no event yet: SDKs never see it."""
    result = ask(chunk("Hi"), b'data: {"choices": [{"del')
    assert result.category is Category.TRUNCATED


@pytest.mark.parametrize(
    "body",
    [b'{"choices": [{"message": {"content": "Hi', b"upstream said no", b"{'single': 'quotes'}", b"[1, 2"],
)
def test_a_malformed_body_has_one_verdict_for_chat_and_stream(ask: Ask, body: bytes) -> None:
    for kind in ("application/json", "text/plain"):
        chat = ask(body, probe=ProbeKind.CHAT, kind=kind)
        stream = ask(body, probe=ProbeKind.STREAM, kind=kind)

        assert chat.category is stream.category is Category.INVALID_RESPONSE
        assert chat.reason == stream.reason
        assert "the body is not JSON" in chat.reason


def test_a_byte_order_mark_does_not_spoil_a_body(ask: Ask) -> None:
    body = b"\xef\xbb\xbf" + json.dumps(chunk("Hi", "stop")).encode()
    assert ask(body, probe=ProbeKind.CHAT, kind="application/json").status is Status.HEALTHY


@pytest.mark.parametrize("probe", [ProbeKind.CHAT, ProbeKind.STREAM])
def test_a_closed_connection_is_theirs_and_a_reset_one_of_unknown_side(ask: Ask, probe: ProbeKind) -> None:
    """In the middle of a chunked body: FIN was sent by the server, RST by anything on the way."""
    closed = ask(chunk("Hi"), probe=probe, ending="fin")
    reset = ask(chunk("Hi"), probe=probe, ending="reset")

    assert (closed.category, closed.fault) == (Category.TRUNCATED, Fault.PROVIDER)
    assert (reset.category, reset.fault) == (Category.TRUNCATED, Fault.UNKNOWN)


def test_a_finish_reason_does_not_excuse_a_body_that_breaks_off(ask: Ask) -> None:
    assert ask(chunk("Hi"), chunk("", "stop"), ending="fin").category is Category.TRUNCATED


OTHER_CONTENT = [
    ("openai-chat", {"choices": [{"message": {"content": None, "audio": {"id": "a", "transcript": "Hi"}}, "finish_reason": "stop"}]}),
    ("openai-chat", {"choices": [{"message": {"content": "", "images": [{"type": "image_url"}]}, "finish_reason": "stop"}]}),
    ("openai-chat", {"choices": [{"message": {"content": [{"type": "a_new_part", "x": 1}]}, "finish_reason": "stop"}]}),
    ("openai-responses", {"object": "response", "status": "completed", "output": [{"type": "custom_tool_call", "name": "x", "input": "y"}]}),
    ("openai-responses", {"object": "response", "status": "completed", "output": [{"type": "a_new_item"}]}),
    ("anthropic-messages", {"type": "message", "stop_reason": "end_turn", "content": [{"type": "server_tool_use", "name": "x", "input": {}}]}),
    ("anthropic-messages", {"type": "message", "stop_reason": "end_turn", "content": [{"type": "a_new_block"}]}),
    ("gemini", {"candidates": [{"content": {"parts": [{"aNewPart": {}}]}, "finishReason": "STOP"}]}),
    ("cohere-v2", {"finish_reason": "COMPLETE", "message": {"content": [{"type": "a_new_part"}]}, "usage": {}}),
    ("ollama", {"done": True, "done_reason": "stop", "message": {"content": "", "images": ["aGk="]}}),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "body"), OTHER_CONTENT, ids=lambda v: v if isinstance(v, str) else "")
def test_any_item_of_output_is_content(ask: Ask, dialect: str, body: dict[str, Any]) -> None:
    """Known or not: what the vendor adds tomorrow is not an empty answer."""
    result = ask(json.dumps(body).encode(), dialect=dialect, probe=ProbeKind.CHAT, kind="application/json")
    assert (result.category, result.status) == (Category.OK, Status.HEALTHY)


OTHER_EVENTS = [
    ("openai-responses", {"type": "response.custom_tool_call_input.delta", "delta": "SELECT"}),
    ("openai-responses", {"type": "response.audio.delta", "delta": "aGk="}),
    ("openai-responses", {"type": "response.output_item.done", "item": {"type": "apply_patch_call"}}),
    (
        "anthropic-messages",
        {"type": "content_block_start", "content_block": {"type": "server_tool_use", "name": "x"}},
    ),
]


@pytest.mark.parametrize(("dialect", "content"), OTHER_EVENTS, ids=lambda v: v if isinstance(v, str) else "")
def test_any_item_of_output_in_a_stream_is_content(ask: Ask, dialect: str, content: dict[str, Any]) -> None:
    ends = {
        "openai-responses": {"type": "response.completed", "response": {"status": "completed", "output": []}},
        "anthropic-messages": {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
    }
    starts = {
        "openai-responses": {"type": "response.created", "response": {"status": "in_progress"}},
        "anthropic-messages": {"type": "message_start", "message": {}},
    }
    assert ask(starts[dialect], content, ends[dialect], dialect=dialect).status is Status.HEALTHY


@pytest.mark.parametrize("probe", [ProbeKind.CHAT, ProbeKind.STREAM])
@pytest.mark.parametrize("blank", ["", " ", "\n\n", " \t\n"])
def test_white_space_alone_is_an_empty_answer(ask: Ask, blank: str, probe: ProbeKind) -> None:
    if probe is ProbeKind.STREAM:
        result = ask(chunk(blank), chunk("", "stop"), b"data: [DONE]\n\n")
    else:
        result = ask(json.dumps(chunk(blank, "stop")).encode(), probe=probe, kind="application/json")
    assert result.category is Category.EMPTY_RESPONSE


def test_no_rate_is_drawn_from_a_count_of_zero_tokens(ask: Ask) -> None:
    """Some servers count 0 tokens beside an answer; (0 - 1) tokens a second is no figure."""
    usage = {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 0}}
    pieces = [chunk(word) for word in ("One", " two", " three", " four", " five")]

    tokens = ask(*pieces, chunk("", "stop"), usage, b"data: [DONE]\n\n").tokens
    assert (tokens.output, tokens.per_second) == (0, None)
