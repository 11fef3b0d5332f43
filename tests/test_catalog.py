"""The catalogue: complete, consistent, and honest about where its facts come from."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from llmprobe.model import Category, Fault, ProbeKind, Wire
from llmprobe.providers import Provider, dialects, least_effort, providers, thinks_first, token_budget
from llmprobe.providers.error_object import canonical
from llmprobe.providers.tasks import new_ask
from tests.support import a_target

EVERY = list(providers().values())
CATALOGUE = Path(__file__).parents[1] / "llmprobe" / "providers" / "catalog.toml"


def test_every_provider_that_still_exists_is_there() -> None:
    """The vendors and servers that people use; a retired one says so."""
    wanted = {
        "openai", "anthropic", "gemini", "vertex", "azure", "bedrock", "mistral", "cohere", "groq", "deepseek", "xai", "together",
        "fireworks", "openrouter", "perplexity", "cerebras", "huggingface", "nvidia", "moonshot", "dashscope", "zai", "vllm", "sglang",
        "ollama", "llamacpp", "tgi", "lmstudio", "litellm",
    }  # fmt: skip
    assert wanted <= set(providers())
    assert providers()["github-models"].retired


@pytest.mark.parametrize("provider", EVERY, ids=lambda p: p.id)
def test_an_entry_makes_sense(provider: Provider) -> None:
    """A dialect that exists, an address, evidence, a source and a date."""
    assert provider.dialect in dialects()
    assert provider.title
    assert provider.base_url.startswith(("http", "{")) or provider.id == "openai-compatible"
    assert re.fullmatch(r"[SRD3U]( [SRD3U])*", provider.evidence)
    assert provider.source
    assert date.fromisoformat(provider.read) <= date(2100, 1, 1)
    assert provider.min_tokens >= 1
    assert all(date.fromisoformat(day) for day in provider.retires.values())
    assert provider.local or provider.retired or provider.keys


@pytest.mark.parametrize("provider", EVERY, ids=lambda p: p.id)
def test_no_default_model_has_ended(provider: Provider) -> None:
    """A default that is retired would blame its vendor."""
    ends = provider.retires.get(provider.model or "")
    assert ends is None or ends > provider.read


def test_an_embedding_model_needs_a_dialect_with_embeddings() -> None:
    for provider in EVERY:
        if provider.embedding_model:
            assert ProbeKind.EMBEDDINGS in dialects()[provider.dialect].probes


@pytest.mark.parametrize(
    ("model", "thinks"),
    [("gpt-6-luna", True), ("openai/gpt-oss-20b", True), ("gemini-3.1-flash-lite", True), ("claude-haiku-5-5", False),
     ("mistral-small-latest", False), ("llama-3.1-8b-instant", False), (None, False)],
)  # fmt: skip
def test_reasoning_models_get_headroom(model: str | None, thinks: bool) -> None:
    """A tiny budget would be spent on thinking and look like an outage."""
    assert thinks_first(model) is thinks
    assert (token_budget(providers()["openai"], model) > 100) is thinks


@pytest.mark.parametrize(
    ("provider", "model", "effort"),
    [
        ("openai", "gpt-6-luna", {"reasoning_effort": "low"}),
        ("openai", "gpt-4o-mini", {}),
        ("groq", "openai/gpt-oss-20b", {"reasoning_effort": "low"}),
        ("gemini", "gemini-3.1-flash-lite", {"thinkingConfig": {"thinkingLevel": "low"}}),
        ("gemini", "gemini-2.5-flash", {"thinkingConfig": {"thinkingBudget": 0}}),
        ("deepseek", "deepseek-flash", {"thinking": {"type": "disabled"}}),
        ("dashscope", "qwen3-32b", {"enable_thinking": False}),
        ("anthropic", "claude-haiku-5-5", {}),
        ("openai", None, {}),
    ],
)
def test_the_least_effort_is_asked_where_a_model_has_the_knob(
    provider: str, model: str | None, effort: dict[str, Any]
) -> None:
    assert least_effort(providers()[provider], model) == effort


@pytest.mark.parametrize(
    ("dialect", "effort", "place", "body"),
    [
        ("openai-chat", {"reasoning_effort": "low"}, (), {"reasoning_effort": "low"}),
        ("openai-responses", {"reasoning_effort": "low"}, (), {"reasoning": {"effort": "low"}}),
        ("gemini", {"thinkingConfig": {"thinkingLevel": "low"}}, ("generationConfig",), {"thinkingConfig": {"thinkingLevel": "low"}}),
    ],
)  # fmt: skip
def test_each_dialect_says_effort_in_its_own_words(
    dialect: str, effort: dict[str, Any], place: tuple[str, ...], body: dict[str, Any]
) -> None:
    target = a_target("http://mock", dialect, wire=Wire(effort=effort))
    sent = dialects()[dialect].request(target, ProbeKind.CHAT, new_ask(ProbeKind.CHAT)).body
    for name in place:
        sent = sent[name]
    assert body.items() <= sent.items()


def test_each_table_read_alone_is_what_the_whole_file_says() -> None:
    """A provider's table is cut out of the text; the whole file parsed says the same."""
    whole = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["providers"]
    assert list(whole) == list(providers())
    for name, table in whole.items():
        assert {key: str(table[key]) for key in ("title", "base_url", "source", "read")} == {
            key: getattr(providers()[name], key) for key in ("title", "base_url", "source", "read")
        }
        assert set(table) <= {*Provider.__struct_fields__}


def test_the_catalogue_has_no_table_below_a_providers() -> None:
    """It is cut at its table headers by a pattern: a table below one would be cut off in silence."""
    text = CATALOGUE.read_text(encoding="utf-8")
    headers = re.findall(r"^[ \t]*\[+[^'\"\]]+\]+[ \t]*$", text, flags=re.M)
    assert headers == [f"[providers.{name}]" for name in providers()]
    assert '"""' not in text
    assert "'''" not in text


@pytest.mark.parametrize("provider", EVERY, ids=lambda p: p.id)
def test_own_codes_are_spelled_as_errors_are_read(provider: Provider) -> None:
    """Snake case, a category and a side that exist, and upstreams that are in the catalogue."""
    for entry in provider.codes:
        assert entry.code
        assert all(code == canonical(code) for code in entry.code)
        assert entry.category in set(Category)
        assert entry.fault in {None, *Fault}
        assert entry.means
    assert set(provider.upstream) <= set(providers()) - {provider.id}


def test_a_dialect_is_registered_under_its_own_name() -> None:
    assert all(dialect.name == name for name, dialect in dialects().items())
    assert "openai" not in dialects()
    assert len(dialects()) == len(list(dialects())) == 7
