"""What is to be done, decided once: by flags or by a program's arguments. Below it neither is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from llmprobe.config import Plan
from llmprobe.config.alerts import AlertSettings
from llmprobe.config.convert import near, suggestion
from llmprobe.config.quoting import quoted
from llmprobe.engine.outcome.exit_code import FAIL_ON_WORDS, FailOn
from llmprobe.engine.run import Options
from llmprobe.errors import UsageError
from llmprobe.model import Family, Fault, Result
from llmprobe.monitor.tracking import Tracked

_FAIL_ON = (
    f"known: failed, degraded, never; sides: {', '.join(Fault)}; "
    f"families: {', '.join(f for f in Family if f not in ('ok', 'degraded', *Fault))}; "
    "and categories (`llmprobe explain` lists them)"
)


class Job(Struct, frozen=True):
    """
    One check: the targets, how to probe them, and the history and alerts around the run.

    `known` are results that were found before it: they count as those of the run.
    """

    plan: Plan
    options: Options = field(default_factory=Options)
    tracking: Tracked = field(default_factory=Tracked)
    with_pages: bool = False
    known: Sequence[Result] = ()


def options_for(plan: Plan, **asked: Any) -> Options:
    """
    How to run a plan: the one place where the limits of its configuration are taken over.

    Args:
        asked: Fields of `Options` that are stronger than the plan's; None leaves the plan's.
    """
    limits = {
        "concurrency": plan.concurrency,
        "per_host": plan.per_host,
        "per_key": plan.per_key,
        "rate_per_s": plan.rate_per_s,
    }
    return Options(**_over(limits, asked))


def tracking_for(
    plan: Plan,
    *,
    db: Path | None = None,
    record: bool | None = None,
    on_change: bool = False,
    alerts: AlertSettings | None = None,
    deadline_s: float | None = None,
    **asked: Any,
) -> Tracked:
    """
    The history and the alerts around a plan's run.

    Args:
        record: None leaves it to the configuration.
        alerts: Instead of the configuration's.
        deadline_s: Seconds that the run takes at most, if that was asked for.
        asked: Fields of `AlertSettings` that are stronger than either; None leaves them.

    Raises:
        SecretError, UsageError: An address of the configuration cannot be read.
    """
    chosen = plan.alerts() if alerts is None else alerts
    return Tracked(
        db=db,
        settings=plan.history,
        alerts=replace(chosen, **_over({}, asked)),
        record=plan.history.record if record is None else record,
        on_change=on_change,
        source=plan.source,
        deadline_s=deadline_s,
    )


def parse_fail_on(text: str, owner: str = "--fail-on") -> FailOn:
    """`failed`, `provider,auth` …: raises UsageError for an unknown word; `owner` is what asked for it."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise UsageError(f"{owner}: expected a word", _FAIL_ON)
    for word in words:
        if word not in FAIL_ON_WORDS:
            raise UsageError(
                f"{owner}: unknown word {quoted(word)}",
                suggestion(word, FAIL_ON_WORDS) if near(word, FAIL_ON_WORDS) else _FAIL_ON,
            )
    if "never" in words and len(words) > 1:
        raise UsageError(f'{owner}: "never" stands alone')
    return FailOn(frozenset(words))


def _over(base: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    return {**base, **{name: value for name, value in asked.items() if value is not None}}
