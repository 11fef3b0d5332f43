"""
Reading one answer: bytes and events in, facts out.

What every dialect shares lives in `Reader`; what differs (the shape of one JSON
value, the end of a stream) belongs to the dialect's own file.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from msgspec.structs import replace

from llmprobe.foreign import clean, clean_lines, cleaned, json_value
from llmprobe.model import Answer, ErrorObject, Finish, Garbled, Mark, ModelInfo, StreamEvent, Usage
from llmprobe.providers.error_object import find_error

TEXT_KEPT = 4096
SNIPPET_KEPT = 80
UNREADABLE = object()
"""What `parse` returns for text that is not JSON; `null` is JSON."""


class Reader(ABC):
    """
    Collects the facts of one answer, event by event or as one body.

    Subclasses read one JSON object in `take` and return what it meant for the
    clocks. All else is common: errors of any shape, data that cannot be decoded,
    one body in place of a stream. `terminator` names, for people, what ends a
    stream of this dialect; "" where a finish reason is all there is.
    """

    terminator: ClassVar[str] = ""

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
        self.garbled: Garbled | None = None
        self.models: tuple[ModelInfo, ...] | None = None
        self.dimension: int | None = None
        self.tool_name: str | None = None
        self.tool_arguments: str | None = None
        self.tool_input: Any = None
        self._text: list[str] = []
        self._text_len = 0
        self._events = 0
        self._parsed = 0
        self._whole = False

    @abstractmethod
    def take(self, obj: Any, name: str) -> Mark:
        """Read one JSON value; `name` is the event's name, empty for a body."""

    def take_body(self, obj: Any) -> None:
        """Read a whole body; the same as one event unless a dialect differs."""
        self.take(obj, "")
        self.ended = self.ended or self.finish is not None

    def take_done(self) -> Mark:
        """`[DONE]` came: the end in OpenAI's Chat Completions, a relay's habit everywhere else."""
        return Mark.HEARTBEAT

    def feed(self, event: StreamEvent) -> Mark:
        """One event of a stream, in order of arrival."""
        self._events += 1
        data = event.data.strip()
        if data.startswith("[DONE]"):
            return self.take_done()
        if not data:
            return Mark.HEARTBEAT
        obj = parse(data)
        if obj is UNREADABLE:
            self._note_unreadable(event, data)
            return Mark.HEARTBEAT
        self._parsed += not event.stray
        self._note_error(find_error(obj, status=None if event.name != "error" else 400))
        return Mark.HEARTBEAT if event.stray else self.take(obj, event.name)

    def read_body(self, body: bytes) -> None:
        """A whole body: the answer of a request that did not stream, or of one that should have."""
        text = body.decode("utf-8-sig", "replace").strip()
        obj = parse(text)
        if obj is UNREADABLE:
            if self.garbled is None and not self._parsed:
                self.garbled = Garbled(None, clean(text, SNIPPET_KEPT))
            return
        self._whole = True
        self.garbled = None
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

    def add_other(self) -> Mark:
        """Note content that is neither text nor reasoning: a tool call, an image, an item not known here."""
        self.has_other = True
        return Mark.OTHER

    def set_finish(self, raw: Any, meanings: dict[str, Finish]) -> None:
        """Note why the model stopped; null and "" are not a reason (some relays send both)."""
        if isinstance(raw, str) and raw:
            self.finish_raw = raw
            self.finish = meanings.get(raw, Finish.OTHER)

    def set_model(self, name: Any) -> None:
        """Note which model says that it answers; some servers send "" at first."""
        if isinstance(name, str) and name:
            self.model = name

    def answer(self) -> Answer:
        """
        What was read, its texts clean: a secret may have come in pieces. The model's own text and the
        arguments of its call keep their lines, since expectations look at them.
        """
        arguments = self.tool_arguments
        return replace(
            cleaned(self._facts()),
            text=clean_lines("".join(self._text), TEXT_KEPT),
            tool_arguments=clean_lines(arguments) if arguments is not None else None,
        )

    def _facts(self) -> Answer:
        return Answer(
            recognised=self.recognised,
            ended=self.ended,
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
            parsed_events=self._parsed,
            whole_body=self._whole,
            tool_input=self.tool_input,
            garbled=self.garbled,
            terminator=self.terminator,
        )

    def _note_error(self, error: ErrorObject | None) -> None:
        """The first error explains most; a later one only where the first had no identifier."""
        if error is not None and (self.error is None or (error.codes and not self.error.codes)):
            self.error = error

    def _note_unreadable(self, event: StreamEvent, data: str) -> None:
        """
        An event that is not JSON: what official SDKs raise on.

        Words of an `error` event, or between the events, are an error in plain text. What the end of the
        body cut off is no event yet, and what no event came before is judged as one body.
        """
        is_words = not data.startswith(("{", "["))
        if event.name == "error" or (event.stray and self._parsed and is_words):
            self._note_error(find_error({"error": clean_lines(data)}, status=None))
        elif self.garbled is None and not event.stray and not (event.cut and self._parsed):
            self.garbled = Garbled(self._events, clean(data, SNIPPET_KEPT))


def parse(text: str) -> Any:
    """JSON, or UNREADABLE. Constants such as NaN and absurd nesting are not JSON here."""
    try:
        return json_value(text, constants=False)
    except ValueError:
        return UNREADABLE


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


def items_of(obj: Any, *path: str | int) -> list[Any]:
    """The list at a path; empty as soon as the shape differs."""
    found = dig(obj, *path)
    return found if isinstance(found, list) else []
