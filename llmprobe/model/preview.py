"""What would be sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from llmprobe.model.enums import ProbeKind


class Preview(Struct, frozen=True):
    """
    One request as it would leave, credentials masked.

    Once it can cost `max_tokens` of output, `tokens` in all, and `max_usd` at list prices (None where no list
    knows the model); with several samples it leaves `times` times.
    """

    target: str
    probe: ProbeKind
    method: str
    url: str
    headers: Mapping[str, str]
    body: Any
    max_tokens: int | None
    times: int = 1
    tokens: int = 0
    max_usd: float | None = None
