"""Azure OpenAI: Chat Completions under Azure's two URL layouts, with `api-key`."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import parse_qs, quote, unquote, urlsplit, urlunsplit

from llmprobe.model import ProbeKind, Target
from llmprobe.providers.interface import Ask, Pasted
from llmprobe.providers.wire.openai_chat import OpenAIChat


class AzureOpenAI(OpenAIChat):
    """
    The v1 layout (`/openai/v1/…`, deployment in the body), or with an `api_version`
    the older one (`/openai/deployments/NAME/…?api-version=…`).

    Source: openai-python lib/azure.py; "Azure OpenAI API version lifecycle", read 2026-11-22.
    """

    name: ClassVar[str] = "azure-openai"
    prefix: ClassVar[str] = "/openai/v1"
    endpoints: ClassVar[tuple[str, ...]] = (*OpenAIChat.endpoints, "/openai", "/openai/v1")

    def pasted(self, url: str) -> Pasted:
        """A deployment's whole URL, as the portal shows it, names the deployment and the version."""
        parts = urlsplit(url)
        before, _, after = parts.path.partition("/openai/deployments/")
        version = parse_qs(parts.query).get("api-version", [None])[0]
        if not after:
            return Pasted(url, api_version=version if "/openai/v1" not in parts.path else None)
        base = urlunsplit((parts.scheme, parts.netloc, before, "", ""))
        return Pasted(base, model=unquote(after.split("/", 1)[0]), api_version=version)

    def url(self, target: Target, path: str) -> str:
        version = target.wire.api_version
        if not version:
            return target.base_url + path
        root = target.base_url.removesuffix(self.prefix).partition("/openai/deployments/")[0] + "/openai"
        if path != "/models":
            root += f"/deployments/{quote(target.model or '', safe='')}"
        return f"{root}{path}?api-version={quote(version, safe='')}"

    def completion(self, target: Target, probe: ProbeKind, ask: Ask) -> dict[str, Any]:
        body = super().completion(target, probe, ask)
        if target.wire.api_version:
            del body["model"]
        return body


DIALECT = AzureOpenAI()
