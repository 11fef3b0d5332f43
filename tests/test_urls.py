"""Base URLs as people paste them all lead to the same endpoint."""

from __future__ import annotations

import pytest

from llmprobe.config.schema import DefaultsTable, TargetTable
from llmprobe.config.targets import Entry, TargetBuilder
from llmprobe.model import ProbeKind, Target
from llmprobe.providers import dialects
from llmprobe.providers.tasks import new_ask
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


AZURE = "https://r.openai.azure.com"
GEMINI = "https://generativelanguage.googleapis.com/v1beta"
VERTEX = "https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google"


@pytest.mark.parametrize(
    ("provider", "written", "model", "sent"),
    [
        ("azure", f"{AZURE}/openai/deployments/d/chat/completions?api-version=2024-10-21", "d", f"{AZURE}/openai/deployments/d/chat/completions?api-version=2024-10-21"),
        ("gemini", f"{GEMINI}/models/gemini-3.5-flash:generateContent", "gemini-3.5-flash", f"{GEMINI}/models/gemini-3.5-flash:streamGenerateContent?alt=sse"),
        ("gemini", f"{GEMINI}/models/gemini-3.5-flash:streamGenerateContent?alt=sse", "gemini-3.5-flash", f"{GEMINI}/models/gemini-3.5-flash:streamGenerateContent?alt=sse"),
        ("vertex", f"{VERTEX}/models/gemini-3.5-flash:generateContent", "gemini-3.5-flash", f"{VERTEX}/models/gemini-3.5-flash:streamGenerateContent?alt=sse"),
    ],
)  # fmt: skip
def test_a_whole_url_from_a_portal_names_its_model_and_version(
    provider: str, written: str, model: str, sent: str
) -> None:
    target = built(provider=provider, base_url=written)
    assert (target.model, request_url(target)) == (model, sent)


@pytest.mark.parametrize(
    ("location", "host"),
    [("global", "aiplatform.googleapis.com"), ("europe-west1", "europe-west1-aiplatform.googleapis.com")],
)
def test_vertex_is_asked_at_the_host_of_its_location(location: str, host: str) -> None:
    target = built({"GOOGLE_CLOUD_PROJECT": "p", "GOOGLE_CLOUD_LOCATION": location}, provider="vertex")
    assert target.base_url == f"https://{host}/v1/projects/p/locations/{location}/publishers/google"


def built(env: dict[str, str] | None = None, **table: str) -> Target:
    entry = Entry("t", TargetTable(**table), DefaultsTable())  # type: ignore[arg-type]
    return TargetBuilder(env or {}, read_secrets=False).build(entry).target


def request_url(target: Target) -> str:
    return dialects()[target.dialect].request(target, ProbeKind.STREAM, new_ask(ProbeKind.STREAM)).url
