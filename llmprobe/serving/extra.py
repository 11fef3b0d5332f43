"""Whether what it stands on is installed."""

from __future__ import annotations

from importlib.util import find_spec

from llmprobe.errors import MissingExtraError


def require_extra() -> None:
    """Raises MissingExtraError where starlette or uvicorn is not installed."""
    if find_spec("starlette") is None or find_spec("uvicorn") is None:
        raise MissingExtraError("serving metrics and a page", "serve")
