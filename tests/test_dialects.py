"""Dialects by strings: requests as the vendors document them, answers read to the last event."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from llmprobe.model import Answer, Finish, Framing, Mark, ProbeKind, Request, StreamEvent, Usage, Wire
from llmprobe.providers import Ask, dialects
from llmprobe.simulator import dialects as answers
from llmprobe.simulator.plan import Call
from llmprobe.transport.framing import decoder_for
from tests.support import a_target

ASK = Ask("Reply with this word only: bakulo", "bakulo")
SAMPLING = {"temperature", "top_p", "top_k", "seed", "frequency_penalty", "topP", "topK"}
EVERY = [(name, probe) for name, dialect in dialects().items() for probe in sorted(dialect.probes)]


def request(dialect: str, probe: ProbeKind, base: str = "https://h.example/v1", **changes: Any) -> Request:
    return dialects()[dialect].request(a_target(base, dialect, **changes), probe, ASK)


def read(dialect: str, probe: ProbeKind, *events: tuple[str, Any]) -> tuple[Answer, list[Mark]]:
    reader = dialects()[dialect].reader(probe)
    marks = [
        reader.feed(StreamEvent(data if isinstance(data, str) else json.dumps(data), name))
        for name, data in events
    ]
    return reader.answer(), marks


def read_body(dialect: str, probe: ProbeKind, body: Any) -> Answer:
    reader = dialects()[dialect].reader(probe)
    reader.read_body(body if isinstance(body, bytes) else json.dumps(body).encode())
    return reader.answer()


@pytest.mark.parametrize(("dialect", "probe"), EVERY)
def test_no_request_carries_sampling_parameters(dialect: str, probe: ProbeKind) -> None:
    """New API versions refuse them (Anthropic 2026-10-21)."""
    assert not SAMPLING & set(
        json.dumps(request(dialect, probe).body).replace('"', " ").replace(":", " ").split()
    )


@pytest.mark.parametrize(("dialect", "probe"), EVERY)
def test_a_request_can_be_sent(dialect: str, probe: ProbeKind) -> None:
    """A method, a URL below the base, JSON, and a stream framing exactly for streams."""
    sent = request(dialect, probe)

    assert sent.url.startswith("https://h.example/")
    assert (sent.method == "GET") == (probe in (ProbeKind.EDGE, ProbeKind.MODELS))
    assert (sent.framing is not Framing.BODY) == (probe is ProbeKind.STREAM)
    json.dumps(sent.body)


def test_openai_chat_asks_for_usage_and_sends_its_token_parameter() -> None:
    wire = Wire(token_param="max_completion_tokens", max_tokens=16)

    body = request("openai-chat", ProbeKind.STREAM, wire=wire).body
    assert body["max_completion_tokens"] == 16
    assert body["stream_options"] == {"include_usage": True}
    assert (
        "stream_options"
        not in request("openai-chat", ProbeKind.STREAM, wire=replace(wire, stream_usage=False)).body
    )


def test_responses_never_go_below_sixteen_tokens() -> None:
    """Less is refused with 400."""
    assert (
        request("openai-responses", ProbeKind.CHAT, wire=Wire(max_tokens=1)).body["max_output_tokens"] == 16
    )


def test_azure_has_two_layouts() -> None:
    """v1 with the deployment in the body; deployments in the path with an api-version."""
    new = request("azure-openai", ProbeKind.CHAT, "https://h.example/openai/v1")
    old = request(
        "azure-openai", ProbeKind.CHAT, "https://h.example/openai/v1", wire=Wire(api_version="2024-10-21")
    )

    assert new.url == "https://h.example/openai/v1/chat/completions"
    assert new.body["model"] == "sim-1"
    assert old.url == "https://h.example/openai/deployments/sim-1/chat/completions?api-version=2024-10-21"
    assert "model" not in old.body


def test_gemini_puts_the_model_into_the_path_and_asks_for_events() -> None:
    url = request("gemini", ProbeKind.STREAM, "https://h.example/v1beta", model="models/gemini-x").url
    assert url == "https://h.example/v1beta/models/gemini-x:streamGenerateContent?alt=sse"


def test_the_edge_probe_sends_no_key() -> None:
    """It proves reachability, and must not spend trust."""
    from llmprobe.model import Credential, Secret

    credential = Credential(Secret("sk-secret-key"), "authorization", "Bearer", "test")
    for name in dialects():
        assert "authorization" not in request(name, ProbeKind.EDGE, credential=credential).headers
        assert (
            request(name, ProbeKind.MODELS, credential=credential).headers["authorization"]
            == "Bearer sk-secret-key"
        )


@pytest.mark.parametrize(
    ("dialect", "probe"),
    [(d, p) for d, p in EVERY if p in (ProbeKind.CHAT, ProbeKind.EMBEDDINGS, ProbeKind.MODELS)],
)
def test_a_documented_answer_is_read(dialect: str, probe: ProbeKind) -> None:
    """Whole bodies: recognised, ended, with what the probe asked for."""
    call = Call("openai-chat" if dialect == "azure-openai" else dialect, str(probe), prompt=ASK.prompt)
    body = answers.healthy(call)
    assert isinstance(body, bytes)

    answer = read_body(dialect, probe, body)
    assert answer.recognised
    assert answer.ended
    assert answer.error is None
    if probe is ProbeKind.CHAT:
        assert answer.text.startswith("bakulo")
        assert answer.finish is Finish.STOP
        assert (answer.usage.input, answer.usage.output) == (9, 8)
    elif probe is ProbeKind.EMBEDDINGS:
        assert answer.dimension == answers.DIMENSION
    else:
        assert [info.id for info in answer.models or ()] == list(answers.MODELS)


@pytest.mark.parametrize("dialect", sorted(dialects()))
def test_a_documented_stream_is_read_and_every_shorter_one_is_cut_off(dialect: str) -> None:
    """Only the whole stream has ended; whatever is missing at the end, it has not."""
    call = Call("openai-chat" if dialect == "azure-openai" else dialect, "stream", prompt=ASK.prompt)
    pieces = answers.healthy(call)
    assert isinstance(pieces, tuple)
    framing = Framing.LINES if dialect == "ollama" else Framing.SSE

    for kept in range(len(pieces) + 1):
        decoder, reader = decoder_for(framing), dialects()[dialect].reader(ProbeKind.STREAM)
        for event in [*decoder.feed(b"".join(pieces[:kept])), *decoder.finish()]:
            reader.feed(event)
        assert reader.answer().ended is (kept == len(pieces))
    assert reader.answer().text.startswith("bakulo")
    assert reader.answer().usage.output == 8


def test_heartbeats_roles_and_empty_deltas_are_not_tokens() -> None:
    """Otherwise a dead stream looks alive, and TTFT is a fiction."""
    role = {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]}
    empty = {"choices": [{"index": 0, "delta": {}, "finish_reason": None}]}
    _, chat = read(
        "openai-chat", ProbeKind.STREAM, ("", role), ("", empty), ("", {"choices": [], "usage": {}})
    )
    _, claude = read(
        "anthropic-messages",
        ProbeKind.STREAM,
        ("ping", {"type": "ping"}),
        ("message_start", {"type": "message_start", "message": {}}),
    )

    assert set(chat + claude) == {Mark.HEARTBEAT}


def test_reasoning_counts_as_a_first_token_and_is_told_apart() -> None:
    """Under each of its names."""
    for delta in (
        {"reasoning_content": "Hm"},
        {"reasoning": "Hm"},
        {"content": [{"type": "thinking", "thinking": [{"text": "Hm"}]}]},
    ):
        answer, marks = read("openai-chat", ProbeKind.STREAM, ("", {"choices": [{"delta": delta}]}))
        assert marks == [Mark.REASONING]
        assert answer.has_reasoning
    _, marks = read(
        "gemini",
        ProbeKind.STREAM,
        ("", {"candidates": [{"content": {"parts": [{"text": "Hm", "thought": True}]}}]}),
    )
    assert marks == [Mark.REASONING]


def test_an_empty_finish_reason_is_no_end() -> None:
    """Some relays send "" in every chunk."""
    answer, _ = read(
        "openai-chat", ProbeKind.STREAM, ("", {"choices": [{"delta": {"content": "x"}, "finish_reason": ""}]})
    )
    assert answer.finish is None


def test_usage_is_found_where_each_vendor_puts_it() -> None:
    for extra in (
        {"usage": {"prompt_tokens": 3, "completion_tokens": 2}},
        {"x_groq": {"usage": {"prompt_tokens": 3, "completion_tokens": 2}}},
    ):
        answer, _ = read("openai-chat", ProbeKind.STREAM, ("", {"choices": [], **extra}))
        assert answer.usage == Usage(3, 2)


@pytest.mark.parametrize(
    ("dialect", "events"),
    [
        ("openai-chat", [("", {"error": {"message": "boom", "code": "server_error"}}), ("", "[DONE]")]),
        ("openai-responses", [("error", {"type": "error", "code": "server_error", "message": "boom"})]),
        ("openai-responses", [("response.failed", {"type": "response.failed", "response": {"status": "failed", "error": {"code": "server_error", "message": "boom"}}})]),
        ("anthropic-messages", [("error", {"type": "error", "error": {"type": "overloaded_error", "message": "boom"}})]),
        ("gemini", [("", {"error": {"code": 503, "message": "boom", "status": "UNAVAILABLE"}})]),
        ("ollama", [("", {"error": "boom"})]),
    ],
)  # fmt: skip
def test_an_error_inside_a_200_stream_is_found(dialect: str, events: list[tuple[str, Any]]) -> None:
    answer, _ = read(dialect, ProbeKind.STREAM, *events)

    assert answer.error is not None
    assert "boom" in answer.error.message


def test_stray_text_in_a_stream_is_an_error() -> None:
    """`error: {…}` and bare JSON hold the reason why a stream broke off."""
    reader = dialects()["openai-chat"].reader(ProbeKind.STREAM)
    reader.feed(StreamEvent('{"choices": []}'))
    reader.feed(StreamEvent('{"detail": "failed to decode"}', stray=True))
    reader.feed(StreamEvent("worker died", stray=True))

    error = reader.answer().error
    assert error is not None
    assert "worker died" in error.message or "failed to decode" in error.message


def test_a_blocked_gemini_prompt_says_why_even_for_new_reasons() -> None:
    answer = read_body("gemini", ProbeKind.CHAT, {"promptFeedback": {"blockReason": "A_NEW_REASON"}})
    assert answer.blocked == "A_NEW_REASON"


def test_lists_of_models_tell_when_a_model_ends() -> None:
    """OpenAI, Anthropic, Mistral and OpenRouter each have their own key; Together sends a bare array."""
    items = [
        {"id": "a", "shutdown_date": "2026-12-11"},
        {"id": "b", "retires_at": "2027-01-02T00:00:00Z"},
        {"id": "c"},
    ]
    answer = read_body("openai-chat", ProbeKind.MODELS, items)

    assert [(m.id, m.retires_on) for m in answer.models or ()] == [
        ("a", "2026-12-11"),
        ("b", "2027-01-02"),
        ("c", None),
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["choices", "delta", "content", "error", "message", "type", "candidates", "parts", "usage", "data", "models", "response", "output",
             "text", "finish_reason", "tool_calls", "function", "promptFeedback", "embedding", "done", "status", "id", "item", "item_id"]
        ),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(JSON, st.sampled_from(EVERY))
def test_no_json_makes_a_reader_raise(value: Any, which: tuple[str, ProbeKind]) -> None:
    """As an event and as a body, in every dialect and probe."""
    dialect, probe = which
    answer, marks = read(dialect, probe, ("", value), ("error", value))

    assert isinstance(answer, Answer)
    assert all(isinstance(mark, Mark) for mark in marks)
    assert isinstance(read_body(dialect, probe, value), Answer)


@given(st.binary(max_size=200), st.sampled_from(EVERY))
def test_no_bytes_make_a_reader_raise(body: bytes, which: tuple[str, ProbeKind]) -> None:
    assert isinstance(read_body(*which, body), Answer)
