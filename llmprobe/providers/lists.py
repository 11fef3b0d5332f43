"""Lists of models in every vendor's shape, and the keyless probe that takes any answer."""

from __future__ import annotations

from typing import Any

from llmprobe.model import Mark, ModelInfo
from llmprobe.providers.reader import Reader

_ENDS = ("shutdown_date", "retires_at", "deprecation", "expiration_date")


class ModelsReader(Reader):
    """Lists of models in every shape seen: OpenAI, Gemini, Cohere, Ollama, a bare array (Together)."""

    def take(self, obj: Any, name: str) -> Mark:
        items = obj if isinstance(obj, list) else _first_list(obj, ("data", "models"))
        if items is None:
            return Mark.OTHER
        infos = [info for info in map(_model_info, items) if info]
        self.recognised = not items or bool(infos)
        self.models = tuple(infos)
        self.ended = True
        return Mark.OTHER


class EdgeReader(Reader):
    """Any answer will do: the classifier looks at who answered."""

    def take(self, obj: Any, name: str) -> Mark:
        self.recognised = True
        self.ended = True
        return Mark.OTHER


def _first_list(obj: Any, keys: tuple[str, ...]) -> list[Any] | None:
    if not isinstance(obj, dict):
        return None
    return next((obj[key] for key in keys if isinstance(obj.get(key), list)), None)


def _model_info(item: Any) -> ModelInfo | None:
    """
    One model of a list, with the day on which it ends where the list says so.

    Source: OpenAI `shutdown_date`, Anthropic `retires_at`, Mistral `deprecation`, OpenRouter
    `expiration_date` and `canonical_slug`, Mistral `aliases` (SDK sources, read 2026-11-22).
    """
    if not isinstance(item, dict):
        return None
    ident = item.get("id") or item.get("name") or item.get("model")
    if not isinstance(ident, str):
        return None
    ends = next((item[key] for key in _ENDS if item.get(key)), None)
    return ModelInfo(ident.removeprefix("models/"), str(ends)[:10] if isinstance(ends, str) else None)
