"""Providers as data, and the wire formats they speak. No sockets, no clocks, no verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from llmprobe.providers.anthropic_messages import AnthropicMessages
from llmprobe.providers.azure_openai import AzureOpenAI
from llmprobe.providers.catalog import Provider, providers, thinks_first, token_budget
from llmprobe.providers.cohere_v2 import CohereV2
from llmprobe.providers.gemini import Gemini
from llmprobe.providers.interface import Ask, Dialect, Reader
from llmprobe.providers.ollama import Ollama
from llmprobe.providers.openai_chat import OpenAIChat
from llmprobe.providers.openai_responses import OpenAIResponses

__all__ = ["Ask", "Dialect", "Provider", "Reader", "dialects", "providers", "thinks_first", "token_budget"]


@cache
def dialects() -> Mapping[str, Dialect]:
    """Every dialect by name: the one registry, for the engine, the configuration and the docs."""
    every = (
        OpenAIChat(),
        OpenAIResponses(),
        AnthropicMessages(),
        Gemini(),
        AzureOpenAI(),
        CohereV2(),
        Ollama(),
    )
    return {dialect.name: dialect for dialect in every}
