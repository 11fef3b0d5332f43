"""
Is the LLM API up, whose fault is it, where did the time go, and what now?

    >>> import llmprobe
    >>> target = llmprobe.target("openai", model="gpt-6-luna")
    >>> run = llmprobe.check_sync(target)             # doctest: +SKIP
    >>> run.results[0].category                       # doctest: +SKIP
    <Category.OK: 'ok'>

Each function is asynchronous; its twin with `_sync` is for programs without an event loop. `watch` has none.
"""

from __future__ import annotations

import sys
from types import ModuleType

from llmprobe.version import __version__

TYPE_CHECKING = False  # `typing` takes milliseconds, in which the command could not yet answer a signal
if TYPE_CHECKING:
    from typing import Any

    from llmprobe.api.past import (
        baseline,
        baseline_sync,
        history,
        history_sync,
        incidents,
        incidents_sync,
        report,
        report_sync,
    )
    from llmprobe.api.probing import (
        check,
        check_sync,
        diagnose,
        diagnose_sync,
        models,
        models_sync,
        pick,
        pick_sync,
        status,
        status_sync,
        wait,
        wait_sync,
    )
    from llmprobe.api.targets import target, targets_from
    from llmprobe.api.watching import watch
    from llmprobe.config import Plan
    from llmprobe.config.alerts import AlertSettings
    from llmprobe.config.effective import effective_settings
    from llmprobe.errors import (
        BusyError,
        ConfigError,
        HistoryError,
        LlmprobeError,
        MissingExtraError,
        SecretError,
        UsageError,
    )
    from llmprobe.explanation import explain
    from llmprobe.model import Category, ExitCode, Fault, Group, Phase, ProbeKind, Result, Run, Status, Target
    from llmprobe.model.choice import Picked
    from llmprobe.model.diagnosis import Diagnosis
    from llmprobe.model.explanation import Explanation
    from llmprobe.model.page import PageReading
    from llmprobe.model.past import Baseline, Change, Incident, PastReport, PastResult
    from llmprobe.model.watching import Update

__all__ = [
    "AlertSettings",
    "Baseline",
    "BusyError",
    "Category",
    "Change",
    "ConfigError",
    "Diagnosis",
    "ExitCode",
    "Explanation",
    "Fault",
    "Group",
    "HistoryError",
    "Incident",
    "LlmprobeError",
    "MissingExtraError",
    "PageReading",
    "PastReport",
    "PastResult",
    "Phase",
    "Picked",
    "Plan",
    "ProbeKind",
    "Result",
    "Run",
    "SecretError",
    "Status",
    "Target",
    "Update",
    "UsageError",
    "__version__",
    "baseline",
    "baseline_sync",
    "check",
    "check_sync",
    "diagnose",
    "diagnose_sync",
    "effective_settings",
    "explain",
    "history",
    "history_sync",
    "incidents",
    "incidents_sync",
    "models",
    "models_sync",
    "pick",
    "pick_sync",
    "report",
    "report_sync",
    "status",
    "status_sync",
    "target",
    "targets_from",
    "wait",
    "wait_sync",
    "watch",
]

_TWINS = {
    "llmprobe.api.probing": ("check", "wait", "pick", "diagnose", "models", "status"),
    "llmprobe.api.past": ("history", "incidents", "report", "baseline"),
}
_SINGLE = {
    "llmprobe.api.targets": ("target", "targets_from"),
    "llmprobe.api.watching": ("watch",),
    "llmprobe.config": ("Plan",),
    "llmprobe.config.alerts": ("AlertSettings",),
    "llmprobe.config.effective": ("effective_settings",),
    "llmprobe.explanation": ("explain",),
    "llmprobe.model.explanation": ("Explanation",),
    "llmprobe.model.choice": ("Picked",),
    "llmprobe.model.diagnosis": ("Diagnosis",),
    "llmprobe.model.page": ("PageReading",),
    "llmprobe.model.watching": ("Update",),
    "llmprobe.model.past": ("Baseline", "Change", "Incident", "PastReport", "PastResult"),
}
_HOMES = {
    **{name: module for module, names in _SINGLE.items() for name in names},
    **{name + twin: module for module, names in _TWINS.items() for name in names for twin in ("", "_sync")},
}
"""Where a public name is, unless it is in `llmprobe.errors` or `llmprobe.model`."""


def __getattr__(name: str) -> Any:
    """Public names are imported when they are first used: `import llmprobe` stays quick."""
    if name not in __all__:
        raise AttributeError(f"module 'llmprobe' has no attribute {name!r}")
    from importlib import import_module

    home = _HOMES.get(name) or ("llmprobe.errors" if name.endswith("Error") else "llmprobe.model")
    value = globals()[name] = getattr(import_module(home), name)
    return value


def __dir__() -> list[str]:
    """The public names alone."""
    return list(__all__)


class _Library(ModuleType):
    """
    This package, in which a public name stays what it is.

    Importing a module sets it on its package: the room `llmprobe.history` would hide the function `history`.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if not (isinstance(value, ModuleType) and name in __all__):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Library
