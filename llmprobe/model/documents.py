"""
Where the JSON document of a plain type is made: named, not imported, so that this room knows none above it.

`tests/test_imports.py` lists the places where modules are named so.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

HOMES = {
    "Run": ("llmprobe.reports.json_report", "run_json"),
    "Result": ("llmprobe.reports.json_report", "result_json"),
    "Diagnosis": ("llmprobe.reports.diagnosis", "diagnosis_json"),
}
"""A type, and the module and function that make its document."""


def document_of(value: object) -> dict[str, Any]:
    """The JSON document of `value`, as plain dictionaries, lists, texts and numbers."""
    module, function = HOMES[type(value).__name__]
    document: dict[str, Any] = getattr(import_module(module), function)(value)
    return {key: plain(value) for key, value in document.items()}


def plain(value: Any) -> Any:
    """Without our enums, which are texts and numbers of a kind of their own."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, str):
        return str(value)
    return value
