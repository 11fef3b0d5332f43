"""The application of a program's own arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmprobe.api.targets import Targets, plan_of
from llmprobe.config import Plan
from llmprobe.config.otlp import Otlp
from llmprobe.config.serve import ServeSettings, settings_over
from llmprobe.monitor.job import Job, options_for, tracking_for
from llmprobe.monitor.prober import Prober
from llmprobe.redact import SCRUB
from llmprobe.serving.extra import require_extra

if TYPE_CHECKING:
    from starlette.applications import Starlette

Asked = Mapping[str, Any]
"""Fields of the settings that are stronger than the configuration's; None leaves those."""


def made(
    targets: Targets,
    config: str | Path | None,
    *,
    limits: Asked,
    guard: Asked,
    record: bool | None,
    db: str | Path | None,
    note: Callable[[str], None] | None,
) -> Starlette:
    """As `llmprobe.serving.app`."""
    require_extra()
    from llmprobe.serving.asgi import application

    def load() -> tuple[Job, ServeSettings]:
        plan = plan_of(targets, config)
        return job_of(plan, record=record, db=None if db is None else Path(db)), settings_over(
            plan.serve(), limits, guard
        )

    return application(Prober(load, note or _log), hosts=limits["hosts"] or ())


def job_of(
    plan: Plan, *, record: bool | None, db: Path | None, otlp: Otlp | None = None, **asked: Any
) -> Job:
    """What is probed, recorded and told; `asked` as in `options_for`."""
    return Job(plan, options_for(plan, **asked), tracking_for(plan, db=db, record=record, otlp=otlp))


def _log(text: str) -> None:
    import logging

    logging.getLogger("llmprobe").warning("%s", SCRUB(text))
