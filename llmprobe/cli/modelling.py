"""What `models` does: ask for the list, and show it with what the catalogue knows of each end."""

from __future__ import annotations

from collections.abc import Sequence

from llmprobe.cli.event_loop import in_loop
from llmprobe.cli.job import Flags, only_target, planned
from llmprobe.cli.output import Screen
from llmprobe.engine.outcome.exit_code import FailOn, exit_code
from llmprobe.engine.probing.probe_once import list_models
from llmprobe.json_text import readable
from llmprobe.model import ModelInfo, Result, Status, Target
from llmprobe.providers import providers


def run_models(flags: Flags) -> int:
    """
    Run `models`.

    Returns:
        0 with a list, else the exit code of why there is none.

    Raises:
        LlmprobeError: Not exactly one target is named.
    """
    plan = planned(flags)
    target = only_target(plan, "models asks one provider at a time")
    screen = Screen(no_color=flags.no_color)
    result, models = in_loop(list_models(target))
    if result.status is Status.FAILED or not models:
        _explain(screen, result)
        return int(exit_code([result], [], FailOn())) or 1
    screen.write(_json(target, models) if flags.format == "json" else _table(target, models, screen))
    return 0


def _explain(screen: Screen, result: Result) -> None:
    screen.note(f"{result.category}: {result.reason}")
    if result.hint:
        screen.note(f"hint: {result.hint}")


def _ends(target: Target, info: ModelInfo) -> str | None:
    """The provider's own word, else the catalogue's."""
    provider = providers().get(target.provider)
    known = provider.retires if provider else {}
    return info.retires_on or known.get(info.id.removeprefix("models/"))


def _table(target: Target, models: Sequence[ModelInfo], screen: Screen) -> str:
    from llmprobe.reports.parts.rich_text import plain_table

    rows = [
        [
            info.id,
            _ends(target, info) or "",
            "default" if info.id.removeprefix("models/") == target.model else "",
        ]
        for info in models
    ]
    head = ["model", "ends on", ""]
    return plain_table(head, rows, screen.look) + f"{len(models)} models of {target.display_provider}\n"


def _json(target: Target, models: Sequence[ModelInfo]) -> str:
    values = [{"id": info.id, "retires_on": _ends(target, info)} for info in models]
    document = {
        "schema": "llmprobe.models/1",
        "target": target.name,
        "provider": target.provider,
        "models": values,
    }
    return readable(document)
