"""Base URLs as people paste them all lead to the same endpoint."""

from __future__ import annotations

import pytest

from llmprobe.providers import dialects
from llmprobe.providers.urls import normalise_base


@pytest.mark.parametrize(
    ("dialect", "written", "base"),
    [
        ("openai-chat", "http://h:8000", "http://h:8000/v1"),
        ("openai-chat", "http://h:8000/", "http://h:8000/v1"),
        ("openai-chat", "http://h:8000/v1/", "http://h:8000/v1"),
        ("openai-chat", "http://h:8000/v1/chat/completions", "http://h:8000/v1"),
        ("openai-chat", "https://h/api/paas/v4", "https://h/api/paas/v4"),
        ("openai-chat", "https://h/proxy", "https://h/proxy/v1"),
        ("anthropic-messages", "https://api.anthropic.com", "https://api.anthropic.com/v1"),
        ("anthropic-messages", "https://h/anthropic/v1/messages", "https://h/anthropic/v1"),
        ("gemini", "https://h", "https://h/v1beta"),
        ("gemini", "https://h/v1/models", "https://h/v1"),
        ("cohere-v2", "https://api.cohere.com/v2/chat", "https://api.cohere.com"),
        ("ollama", "http://h:11434/api/chat", "http://h:11434"),
        ("ollama", "http://h:11434/v1", "http://h:11434"),
        ("azure-openai", "https://r.openai.azure.com", "https://r.openai.azure.com/openai/v1"),
        (
            "azure-openai",
            "https://r.openai.azure.com/openai/v1/chat/completions?api-version=x",
            "https://r.openai.azure.com/openai/v1",
        ),
    ],
)
def test_a_base_url_is_understood(dialect: str, written: str, base: str) -> None:
    spoken = dialects()[dialect]
    assert normalise_base(written, prefix=spoken.prefix, endpoints=spoken.endpoints) == base


def test_a_vendor_without_a_version_in_its_path_keeps_it_that_way() -> None:
    spoken = dialects()["openai-chat"]
    assert (
        normalise_base("https://api.deepseek.com", prefix="", endpoints=spoken.endpoints)
        == "https://api.deepseek.com"
    )
