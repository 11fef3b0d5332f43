"""The models that a key can use."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from llmprobe.engine.probing.probe_once import list_models
from llmprobe.model import ModelInfo, Result, Target
from llmprobe.providers import providers


async def models(target: Target) -> tuple[Result, Sequence[ModelInfo]]:
    """
    Ask the provider for its list.

    Returns:
        The verdict on the question, and the models; none where the list did not come. The day on
        which a model ends is the provider's own word, else the catalogue's.
    """
    result, found = await list_models(target)
    provider = providers().get(target.provider)
    known = provider.retires if provider else {}
    return result, [
        replace(info, retires_on=info.retires_on or known.get(info.id.removeprefix("models/")))
        for info in found
    ]
