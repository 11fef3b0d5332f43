"""
Is the LLM API up, whose fault is it, where did the time go, and what now?

    >>> import llmprobe
    >>> target = llmprobe.target("openai-chat", "http://127.0.0.1:8000", model="m")
    >>> run = llmprobe.check_sync([target])          # doctest: +SKIP
    >>> run.results[0].category                       # doctest: +SKIP
    <Category.OK: 'ok'>
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmprobe.version import __version__

if TYPE_CHECKING:
    from llmprobe.api import check, check_sync, diagnose, target, targets_from
    from llmprobe.explanation import explain
    from llmprobe.model import Result, Run, Target
    from llmprobe.model.explanation import Explanation

__all__ = [
    "Explanation",
    "Result",
    "Run",
    "Target",
    "__version__",
    "check",
    "check_sync",
    "diagnose",
    "explain",
    "target",
    "targets_from",
]

_HOMES = {
    "check": "llmprobe.api",
    "check_sync": "llmprobe.api",
    "diagnose": "llmprobe.api",
    "explain": "llmprobe.explanation",
    "Explanation": "llmprobe.model.explanation",
    "target": "llmprobe.api",
    "targets_from": "llmprobe.api",
    "Target": "llmprobe.model",
    "Run": "llmprobe.model",
    "Result": "llmprobe.model",
}


def __getattr__(name: str) -> Any:
    """Public names are imported when they are first used: `import llmprobe` stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module 'llmprobe' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
