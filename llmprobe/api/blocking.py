"""Twins of asynchronous functions for programs without an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def blocking(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """
    The same function, run to its end in an event loop of its own.

    Raises:
        RuntimeError: An event loop runs already (a notebook, a web server): there the function itself
            is awaited.
    """
    name = function.__name__

    @wraps(function)
    def twin(*args: P.args, **kwargs: P.kwargs) -> T:
        if _is_running():
            raise RuntimeError(
                f"an event loop is running already; use `await llmprobe.{name}(...)` instead of {name}_sync"
            )
        results: list[T] = []

        async def run() -> None:
            results.append(await function(*args, **kwargs))

        # Not as the task's own result: when `asyncio.run` takes its signal handler down, Python writes the
        # task out as text, 0.1 ms for each result of a run.
        asyncio.run(run())
        return results[0]

    twin.__name__ = twin.__qualname__ = f"{name}_sync"
    twin.__doc__ = f"`{name}` for programs without an event loop; RuntimeError inside a running one."
    return twin


def _is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
