"""Providers as data, and the wire formats they speak. No sockets, no clocks, no verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from importlib import import_module

from llmprobe.providers.catalog import Provider, providers, thinks_first, token_budget
from llmprobe.providers.interface import Ask, Dialect, Reader
from llmprobe.providers.on_demand import OnDemand

__all__ = ["Ask", "Dialect", "Provider", "Reader", "dialects", "providers", "thinks_first", "token_budget"]

_CLASSES = {
    "openai-chat": "OpenAIChat",
    "openai-responses": "OpenAIResponses",
    "anthropic-messages": "AnthropicMessages",
    "gemini": "Gemini",
    "azure-openai": "AzureOpenAI",
    "cohere-v2": "CohereV2",
    "ollama": "Ollama",
}
"""Each in the module of its name."""


@cache
def dialects() -> Mapping[str, Dialect]:
    """Every dialect by name: the one registry, for the engine, the configuration and the docs."""
    return OnDemand({name: partial(_dialect, name) for name in _CLASSES})


def _dialect(name: str) -> Dialect:
    module = import_module(f"{__name__}.{name.replace('-', '_')}")
    made: Dialect = getattr(module, _CLASSES[name])()
    return made
