"""One module for each output format: a Run in, text out. `formats` names them and what each can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmprobe.reports.formats import FORMATS, Format
from llmprobe.reports.interface import Look

if TYPE_CHECKING:
    from llmprobe.reports.interface import Render

__all__ = ["FORMATS", "Format", "Look", "renderer"]


def renderer(name: str) -> Render:
    """The render function of a format. Raises KeyError for an unknown one."""
    return FORMATS[name].render
