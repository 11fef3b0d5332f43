"""Every JSON document by its name, with its schema; `llmprobe schema NAME` publishes them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from llmprobe.reports.schema import diagnosis_schema, result_schema, run_schema, status_schema

Json = dict[str, Any]
_BY_HAND: dict[str, Callable[[], Json]] = {
    "run": run_schema,
    "result": result_schema,
    "diagnosis": diagnosis_schema,
    "status": status_schema,
}
_BY_TYPE = {
    "history": ("past.as_json", "History"),
    "incidents": ("past.as_json", "Incidents"),
    "report": ("past.as_json", "Report"),
    "baseline": ("past.as_json", "Baselines"),
    "pick": ("documents.pick", "Pick"),
    "models": ("documents.models", "Models"),
    "providers": ("documents.providers", "Providers"),
    "explain": ("documents.explanation", "Explained"),
    "categories": ("documents.categories", "Categories"),
    "requests": ("documents.requests", "Requests"),
    "request": ("documents.requests", "PlannedRequest"),
    "hour": ("documents.hour", "Hour"),
    "settings": ("documents.settings", "Settings"),
    "change": ("documents.change", "ChangeNotice"),
}
"""A name, and the module of this package and the type that the schema is made from."""

NAMES = (*_BY_HAND, *_BY_TYPE)


def schema_of(name: str) -> Json:
    """
    The JSON Schema of a document.

    Within one number a field is added, never renamed. Raises KeyError for an unknown name.
    """
    if name in _BY_HAND:
        return _BY_HAND[name]()
    import msgspec

    module, kind = _BY_TYPE[name]
    document = getattr(import_module(f"llmprobe.reports.{module}"), kind)
    (schema,), definitions = msgspec.json.schema_components([document], ref_template="#/$defs/{name}")
    number = definitions[kind]["properties"]["schema"]["enum"][0]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://llmprobe.dev/schema/{number}",
        "title": number,
        **schema,
        "$defs": definitions,
    }
