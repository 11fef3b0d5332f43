"""One attempt, judged: for the ladder, and for lists of models."""

from __future__ import annotations

from collections.abc import Sequence

from llmprobe.engine.outcome.policy import judge
from llmprobe.engine.outcome.results import attempt_of, limits_of, result_of, unsent
from llmprobe.engine.probing.attempt import Line, Observed, attempt
from llmprobe.model import Category, ModelInfo, ProbeKind, Result, Target
from llmprobe.providers import dialects
from llmprobe.transport import OnPhase


async def look(target: Target, probe: ProbeKind, on_phase: OnPhase | None = None) -> tuple[Observed, Result]:
    """Send one request, without retries or learning, and judge it; `on_phase` hears of each phase."""
    line = Line(target, on_phase=on_phase)
    try:
        seen = await attempt(line, target, probe)
    finally:
        await line.aclose()
    verdict, notes = judge(seen, target, limits_of(seen.exchange))
    attempts = [attempt_of(1, seen, verdict)]
    return seen, result_of(target, seen, verdict, attempts, notes=notes, stats=None)


async def list_models(target: Target) -> tuple[Result, Sequence[ModelInfo]]:
    """
    What the target's key can use, by the provider's own list.

    Returns:
        The verdict, and the models; none where the list did not come.
    """
    if ProbeKind.MODELS not in dialects()[target.dialect].probes:
        reason = f"{target.dialect} has no list of models"
        return unsent(target, ProbeKind.MODELS, Category.WRONG_ENDPOINT, reason), ()
    if target.missing_keys:
        words = " or ".join(f'"{name}"' for name in target.missing_keys)
        reason = f"{words} is not set; nothing was sent"
        return unsent(target, ProbeKind.MODELS, Category.MISSING_CREDENTIAL, reason), ()
    seen, result = await look(target, ProbeKind.MODELS)
    answer = seen.evidence.answer
    return result, (answer.models or ()) if answer else ()
