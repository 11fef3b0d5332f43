"""
What a dialect must offer.

A dialect turns a target into a request, and bytes and events into facts. It
does no input or output and passes no verdict, so it can be tested with strings.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from msgspec import Struct

from llmprobe.model import (
    Answer,
    ErrorObject,
    Finish,
    Mark,
    ModelInfo,
    ProbeKind,
    Request,
    StreamEvent,
    Target,
    Usage,
)
from llmprobe.providers.error_object import find_error

TEXT_KEPT = 4096


class Ask(Struct, frozen=True):
    """What a probe says to the model, and the word that only a live answer can hold."""

    prompt: str
    challenge: str


class Dialect(ABC):
    """
    A wire format. One instance serves all targets; it keeps no state.

    `prefix` is what a bare host gets (`/v1`); `endpoints` are the paths that
    people paste as a base URL and that are cut off again.
    """

    name: ClassVar[str]
    prefix: ClassVar[str] = "/v1"
    endpoints: ClassVar[tuple[str, ...]] = ()
    probes: ClassVar[frozenset[ProbeKind]]

    @abstractmethod
    def request(self, target: Target, probe: ProbeKind, ask: Ask) -> Request:
        """The smallest request that proves the point. Raises nothing for a probe in `probes`."""

    @abstractmethod
    def reader(self, probe: ProbeKind) -> Reader:
        """A fresh reader for one answer."""

    def headers(self, target: Target, *, with_key: bool = True) -> dict[str, str]:
        """Headers of every request: version and custom headers, and the key unless the probe is keyless."""
        headers = {"accept": "application/json", **target.wire.headers, **target.headers}
        if with_key and target.credential is not None:
            headers[target.credential.header] = target.credential.header_value()
        return headers

    def edge_request(self, target: Target, url: str) -> Request:
        """A keyless request that only proves that somebody answers for this API."""
        if target.wire.health_path:
            url = _origin(target.base_url) + target.wire.health_path
        return Request("GET", url, self.headers(target, with_key=False))


class Reader(ABC):
    """
    Collects the facts of one answer, event by event or as one body.

    Subclasses read one JSON object in `take` and return what it meant for the
    clocks; all else (errors of any shape, unreadable data, one body in place
    of a stream) is common and lives here.
    """

    def __init__(self) -> None:
        self.recognised = False
        self.ended = False
        self.has_reasoning = False
        self.has_other = False
        self.finish: Finish | None = None
        self.finish_raw: str | None = None
        self.blocked: str | None = None
        self.model: str | None = None
        self.usage = Usage()
        self.error: ErrorObject | None = None
        self.models: tuple[ModelInfo, ...] | None = None
        self.dimension: int | None = None
        self.tool_name: str | None = None
        self.tool_arguments: str | None = None
        self.tool_input: Any = None
        self._text: list[str] = []
        self._text_len = 0
        self._parsed = 0
        self._whole = False

    @abstractmethod
    def take(self, obj: Any, name: str) -> Mark:
        """Read one JSON value; `name` is the event's name, empty for a body."""

    def take_body(self, obj: Any) -> None:
        """Read a whole body; the same as one event unless a dialect differs."""
        self.take(obj, "")
        self.ended = self.ended or self.finish is not None

    def feed(self, event: StreamEvent) -> Mark:
        """One event of a stream, in order of arrival."""
        if event.data.strip() == "[DONE]":
            self.ended = True
            return Mark.END
        obj = _parse(event.data)
        if obj is None:
            if event.stray or event.name == "error":
                self._note_error(find_error({"error": event.data.strip()}, status=None))
            return Mark.HEARTBEAT
        self._parsed += not event.stray
        error = find_error(obj, status=None if event.name != "error" else 400)
        if error is not None:
            self._note_error(error)
        return Mark.HEARTBEAT if event.stray else self.take(obj, event.name)

    def read_body(self, body: bytes) -> None:
        """A whole body: the answer of a request that did not stream, or of one that should have."""
        obj = _parse(body.decode("utf-8", "replace"))
        if obj is None:
            return
        self._whole = True
        self._note_error(find_error(obj, status=None))
        self.take_body(obj)

    def add_text(self, text: Any) -> bool:
        """Keep a piece of visible text; False when it is empty or no text at all."""
        if not isinstance(text, str) or not text:
            return False
        if self._text_len < TEXT_KEPT:
            self._text.append(text)
            self._text_len += len(text)
        return True

    def add_reasoning(self, text: Any) -> bool:
        """Note that reasoning was shown; its text is not kept."""
        if not isinstance(text, str) or not text:
            return False
        self.has_reasoning = True
        return True

    def set_finish(self, raw: Any, meanings: dict[str, Finish]) -> None:
        """Note why the model stopped; null and "" are not a reason (some relays send both)."""
        if isinstance(raw, str) and raw:
            self.finish_raw = raw
            self.finish = meanings.get(raw, Finish.OTHER)

    def answer(self) -> Answer:
        return Answer(
            recognised=self.recognised,
            ended=self.ended,
            text="".join(self._text)[:TEXT_KEPT],
            has_reasoning=self.has_reasoning,
            has_other=self.has_other,
            finish=self.finish,
            finish_raw=self.finish_raw,
            blocked=self.blocked,
            model=self.model,
            usage=self.usage,
            error=self.error,
            models=self.models,
            dimension=self.dimension,
            tool_name=self.tool_name,
            tool_arguments=self.tool_arguments,
            parsed_events=self._parsed,
            whole_body=self._whole,
            tool_input=self.tool_input,
        )

    def _note_error(self, error: ErrorObject | None) -> None:
        """The first error explains most; a later one only where the first had no identifier."""
        if error is not None and (self.error is None or (error.codes and not self.error.codes)):
            self.error = error


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
    One model of a list, with the day on which it ends where the list tells.

    Source: OpenAI `shutdown_date`, Anthropic `retires_at`, Mistral `deprecation`, OpenRouter
    `expiration_date`, Cohere `is_deprecated` (SDK sources, read 2026-11-22).
    """
    if not isinstance(item, dict):
        return None
    ident = item.get("id") or item.get("name") or item.get("model")
    if not isinstance(ident, str):
        return None
    ends = next(
        (item[k] for k in ("shutdown_date", "retires_at", "deprecation", "expiration_date") if item.get(k)),
        None,
    )
    return ModelInfo(ident.removeprefix("models/"), str(ends)[:10] if isinstance(ends, str) else None)


def _parse(text: str) -> Any:
    """JSON, or None. Constants such as NaN and absurd nesting are no JSON to us."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _origin(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.split('/', 1)[0]}"


def number(value: Any) -> int | None:
    """A token count: a non-negative whole number, else None (a boolean is not a number)."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def dig(obj: Any, *path: str | int) -> Any:
    """`obj[path[0]][path[1]]…`, or None as soon as the shape differs."""
    for step in path:
        if isinstance(step, int):
            obj = obj[step] if isinstance(obj, list) and len(obj) > step else None
        else:
            obj = obj.get(step) if isinstance(obj, dict) else None
    return obj
