"""Which names an answer may bear: snapshots, aliases, notations; and which are another model."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from llmprobe.model import Category, ProbeKind, Status
from llmprobe.providers.catalog import providers
from llmprobe.providers.naming import Naming, naming
from tests.support import Served, a_target, check_one

SAME, ROLLING, REPLACED, OTHER = Naming.SAME, Naming.ROLLING, Naming.REPLACED, Naming.OTHER
CASES = [
    ("openai", "gpt-6-luna", "gpt-6-luna", SAME),
    ("openai", "gpt-5-nano", "gpt-5-nano-2025-08-07", SAME),
    ("openai", "gpt-3.5-turbo", "gpt-3.5-turbo-0125", SAME),
    ("openai", "gpt-3.5-turbo-instruct", "gpt-3.5-turbo-instruct:20230824-v2", SAME),
    ("openai", "babbage-002", "babbage:2023-07-21-v2", SAME),
    ("openai", "text-embedding-ada-002", "text-embedding-ada-002-v2", SAME),
    ("openai", "gpt-4-turbo-preview", "gpt-4-0125-preview", SAME),
    ("openai", "chat-latest", "gpt-5.5-2026-04-23", ROLLING),
    ("openai", "gpt-4-0613", "gpt-4-1106-preview", OTHER),
    ("openai", "gpt-4o-2024-05-13", "gpt-4o-2024-08-06", OTHER),
    ("openai", "gpt-4o", "gpt-4o-mini", OTHER),
    ("openai", "gpt-4o", "gpt-4o-mini-2024-07-18", OTHER),
    ("openai", "gpt-4", "gpt-3.5-turbo-0125", OTHER),
    ("anthropic", "claude-haiku-4-5", "claude-haiku-4-5-20251001", SAME),
    ("anthropic", "claude-opus-4-0", "claude-opus-4-20250514", SAME),
    ("anthropic", "claude-3-5-haiku-latest", "claude-3-5-haiku-20241022", SAME),
    ("anthropic", "claude-sonnet-4", "claude-haiku-4", OTHER),
    ("anthropic", "claude-sonnet-4-20250514", "claude-sonnet-4-5-20250929", OTHER),
    ("anthropic", "claude-sonnet-4-6", "claude-sonnet-4-5-20250929", OTHER),
    ("gemini", "models/gemini-3.5-flash", "gemini-3.5-flash", SAME),
    ("gemini", "gemini-flash-latest", "gemini-3.6-flash", ROLLING),
    ("gemini", "gemini-3-pro-preview", "gemini-3.1-pro-preview", REPLACED),
    ("vertex", "claude-3-7-sonnet@20250219", "claude-3-7-sonnet-20250219", SAME),
    ("mistral", "mistral-small-latest", "mistral-small-latest", SAME),
    ("mistral", "ministral-3b-latest", "ministral-3b-2512", SAME),
    ("mistral", "mistral-medium-3", "mistral-medium-3-5", SAME),
    ("deepseek", "deepseek-v4-flash", "deepseek-flash", SAME),
    ("deepseek", "deepseek-flash", "deepseek-v4-flash", SAME),
    ("deepseek", "deepseek-v4-pro", "deepseek-v4-flash", OTHER),
    ("ollama", "llama3", "llama3:latest", SAME),
    ("ollama", "llama3:8b", "llama3:70b", OTHER),
    ("mistral", "pixtral-12b", "ministral-14b-latest", REPLACED),
    ("xai", "grok-4-fast", "grok-4-fast-reasoning", SAME),
    ("xai", "grok-3-mini", "grok-3-mini-high", SAME),
    ("xai", "grok-3", "grok-4.3", OTHER),
    ("deepseek", "deepseek-chat", "deepseek-v4-flash", REPLACED),
    ("bedrock", "us.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5-20251001", SAME),
    ("bedrock", "us.anthropic.claude-opus-4-6-v1", "claude-opus-4-6", SAME),
    ("bedrock", "anthropic.claude-3-haiku-20240307-v1:0", "claude-3-haiku-48k-20240307", SAME),
    ("bedrock", "openai.gpt-oss-20b-1:0", "openai.gpt-oss-20b", SAME),
    ("openrouter", "anthropic/claude-haiku-4.5", "anthropic/claude-4.5-haiku-20251001", SAME),
    ("openrouter", "anthropic/claude-3-5-sonnet", "anthropic/claude-3.5-sonnet", SAME),
    ("openrouter", "moonshotai/kimi-k2.5", "moonshotai/kimi-k2.5-0127", SAME),
    ("openrouter", "openai/text-embedding-3-small", "text-embedding-3-small", SAME),
    ("openrouter", "openrouter/auto", "mistralai/mistral-nemo", ROLLING),
    ("huggingface", "moonshotai/Kimi-K2-Instruct-0905:groq", "moonshotai/kimi-k2-instruct-0905", SAME),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "asked", "answered", "expected"), CASES)
def test_a_name_in_an_answer_is_compared_with_the_name_asked_for(
    provider: str, asked: str, answered: str, expected: Naming
) -> None:
    assert naming(providers()[provider], asked, answered) is expected


def test_another_model_degrades_where_the_vendor_is_known(sim: Served) -> None:
    seen = check_one(a_target(sim.at("other_model"), provider="openai"), ProbeKind.CHAT)
    assert (seen.status, seen.category) == (Status.DEGRADED, Category.MODEL_MISMATCH)


@pytest.mark.parametrize("provider", ["openai-compatible", "openrouter", "litellm", "vllm"])
def test_behind_a_relay_another_model_is_a_note(sim: Served, provider: str) -> None:
    """A relay gives models names of its own, so the difference proves nothing."""
    seen = check_one(a_target(sim.at("other_model"), provider=provider), ProbeKind.CHAT)
    assert seen.status is Status.HEALTHY, seen.reason
    assert any(note.startswith("asked for sim-1, answered by ") for note in seen.notes)


def test_a_request_that_names_fallbacks_may_be_answered_by_another_model(
    serve: Callable[..., Served],
) -> None:
    from msgspec.structs import replace

    target = a_target(serve().at("other_model"), provider="anthropic")
    target = replace(target, wire=replace(target.wire, body={"fallbacks": ["x"]}))
    assert check_one(target, ProbeKind.CHAT).status is Status.HEALTHY
