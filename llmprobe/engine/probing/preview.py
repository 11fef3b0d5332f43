"""What would be sent, without sending it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from llmprobe.model import ProbeKind, Target
from llmprobe.providers import dialects
from llmprobe.providers.tasks import new_ask
from llmprobe.redact import MASK, without_credentials

_SENSITIVE = r"(?i)auth|key|token|secret|cookie|password|credential"


class Preview(Struct, frozen=True):
    """One request as it would leave, credentials masked; `max_tokens` is the most it can cost."""

    target: str
    probe: ProbeKind
    method: str
    url: str
    headers: Mapping[str, str]
    body: Any
    max_tokens: int | None


def previews(targets: Sequence[Target]) -> Iterator[Preview]:
    """Every request of a run, in its order."""
    for target in targets:
        for probe in target.probes:
            yield preview(target, probe)


def preview(target: Target, probe: ProbeKind) -> Preview:
    request = dialects()[target.dialect].request(target, probe, new_ask(probe))
    generates = probe not in (ProbeKind.EDGE, ProbeKind.MODELS, ProbeKind.EMBEDDINGS)
    return Preview(
        target=target.name,
        probe=probe,
        method=request.method,
        url=without_credentials(request.url),
        headers=masked_headers(request.headers),
        body=request.body,
        max_tokens=target.wire.max_tokens if generates else None,
    )


def masked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Values of headers that may hold a credential are masked; a scheme such as Bearer stays."""
    return {name: _masked(value) if re.search(_SENSITIVE, name) else value for name, value in headers.items()}


def _masked(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {MASK}" if space and scheme.isalpha() else MASK
