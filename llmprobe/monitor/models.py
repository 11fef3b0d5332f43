"""The models that a key can use."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from llmprobe.config import Plan
from llmprobe.config.groups import is_pattern
from llmprobe.engine.probing.probe_once import list_models
from llmprobe.errors import UsageError
from llmprobe.model import ModelInfo, ProbeKind, Result, Target
from llmprobe.providers import providers


def question(target: Target) -> Target:
    """What is asked first of a target whose model is a pattern: the list of models. Others as they are."""
    return replace(target, model=None, probes=(ProbeKind.MODELS,)) if is_pattern(target.model) else target


def require_names(plan: Plan, command: str) -> None:
    """Raises UsageError where a model is a pattern: only `check` probes all that it means."""
    for target in plan:
        if is_pattern(target.model):
            raise UsageError(
                f'target "{target.name}": {command} takes no pattern of models ("{target.model}")',
                "name one of those that `llmprobe models` lists",
            )


async def models(target: Target) -> tuple[Result, Sequence[ModelInfo]]:
    """
    Ask the provider for its list.

    Returns:
        The verdict on the question, and the models; none where the list did not come. The day on
        which a model ends is the provider's own word, else the catalogue's.
    """
    result, found = await list_models(question(target))
    provider = providers().get(target.provider)
    known = provider.retires if provider else {}
    return result, [
        replace(info, retires_on=info.retires_on or known.get(info.id.removeprefix("models/")))
        for info in found
    ]
