"""Google's generateContent: the Gemini API, and Vertex AI with the same shapes."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit, urlunsplit

from llmprobe.model import Finish, Framing, Mark, ProbeKind, Request, Target, Usage
from llmprobe.providers.interface import Ask, Dialect, Pasted
from llmprobe.providers.reader import Reader, dig, number
from llmprobe.providers.tasks import TOOL_NAME

_FILTERED = {
    "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "LANGUAGE",
    "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "ESCALATION",
}  # fmt: skip
_FAILED = {"MALFORMED_RESPONSE", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"}
_FINISHES = {
    "STOP": Finish.STOP,
    "MAX_TOKENS": Finish.LENGTH,
    "CONTINUATION": Finish.STOP,
    **dict.fromkeys(_FILTERED, Finish.FILTERED),
    **dict.fromkeys(_FAILED, Finish.ERROR),
}
"""`finishReason` (python-genai 3.4.0 types, read 2026-11-22); unknown ones are OTHER."""
_BESIDE_TEXT = {"text", "thought", "thoughtSignature", "partMetadata", "videoMetadata"}


class Gemini(Dialect):
    name: ClassVar[str] = "gemini"
    prefix: ClassVar[str] = "/v1beta"
    endpoints: ClassVar[tuple[str, ...]] = ("/models", "/openai")
    probes: ClassVar[frozenset[ProbeKind]] = frozenset(ProbeKind)

    def pasted(self, url: str) -> Pasted:
        """`…/models/NAME:generateContent` names the model."""
        parts = urlsplit(url)
        before, found, after = parts.path.partition("/models/")
        if not found:
            return Pasted(url)
        base = urlunsplit((parts.scheme, parts.netloc, before, "", ""))
        return Pasted(base, model=unquote(after.split(":", 1)[0].strip("/")) or None)

    def request(self, target: Target, probe: ProbeKind, ask: Ask) -> Request:
        model = f"{target.base_url}/models/{(target.model or '').removeprefix('models/')}"
        headers = self.headers(target)
        match probe:
            case ProbeKind.EDGE:
                return self.edge_request(target, target.base_url + "/models")
            case ProbeKind.MODELS:
                return Request("GET", target.base_url + "/models?pageSize=1000", headers)
            case ProbeKind.EMBEDDINGS:
                body: dict[str, Any] = {"content": {"parts": [{"text": ask.prompt}]}}
                return Request("POST", model + ":embedContent", headers, body)
            case ProbeKind.STREAM:
                body = self._body(target, probe, ask)
                return Request("POST", model + ":streamGenerateContent?alt=sse", headers, body, Framing.SSE)
            case _:
                return Request("POST", model + ":generateContent", headers, self._body(target, probe, ask))

    def answer_reader(self) -> Reader:
        return GeminiReader()

    def embedding_reader(self) -> Reader:
        return _EmbeddingReader()

    def _body(self, target: Target, probe: ProbeKind, ask: Ask) -> dict[str, Any]:
        generation: dict[str, Any] = {"maxOutputTokens": target.wire.max_tokens, **target.wire.effort}
        body: dict[str, Any] = {
            "contents": [{"role": "user", "parts": [{"text": ask.prompt}]}],
            "generationConfig": generation,
            **target.wire.body,
        }
        word = {"type": "OBJECT", "properties": {"word": {"type": "STRING"}}, "required": ["word"]}
        if probe is ProbeKind.JSON:
            generation["responseMimeType"] = "application/json"
            generation["responseSchema"] = word
        elif probe is ProbeKind.TOOLS:
            body["tools"] = [{"functionDeclarations": [{"name": TOOL_NAME, "parameters": word}]}]
            body["toolConfig"] = {"functionCallingConfig": {"mode": "ANY"}}
        return body


class GeminiReader(Reader):
    """Whole response objects, one or many; no terminator, so a `finishReason` is the end."""

    terminator: ClassVar[str] = "a finishReason"

    def take(self, obj: Any, name: str) -> Mark:
        if isinstance(obj, list):
            return [Mark.HEARTBEAT, *(self.take(item, name) for item in obj)][-1]
        if not isinstance(obj, dict):
            return Mark.HEARTBEAT
        self.recognised = self.recognised or any(
            k in obj for k in ("candidates", "promptFeedback", "usageMetadata")
        )
        self.set_model(obj.get("modelVersion"))
        self._take_usage(obj.get("usageMetadata"))
        self._take_block(obj)
        candidate = dig(obj, "candidates", 0)
        return self._take_candidate(candidate) if isinstance(candidate, dict) else Mark.HEARTBEAT

    def _take_block(self, obj: dict[str, Any]) -> None:
        """A refused prompt has no candidates; the reason may be new or missing, its message may not."""
        feedback = obj.get("promptFeedback")
        if isinstance(feedback, dict) and not obj.get("candidates"):
            reason = feedback.get("blockReason") or feedback.get("blockReasonMessage")
            if isinstance(reason, str):
                self.blocked = reason
                self.ended = True

    def _take_candidate(self, candidate: dict[str, Any]) -> Mark:
        self.set_finish(candidate.get("finishReason"), _FINISHES)
        self.ended = self.ended or self.finish is not None
        if self.finish is Finish.OTHER and isinstance(candidate.get("finishMessage"), str):
            self.finish_raw = f"{self.finish_raw}: {candidate['finishMessage']}"
        parts = dig(candidate, "content", "parts")
        marks = [self._take_part(part) for part in parts] if isinstance(parts, list) else []
        return next((m for m in (Mark.TEXT, Mark.OTHER, Mark.REASONING) if m in marks), Mark.HEARTBEAT)

    def _take_part(self, part: Any) -> Mark:
        if not isinstance(part, dict):
            return Mark.HEARTBEAT
        if part.get("thought"):
            return Mark.REASONING if self.add_reasoning(part.get("text")) else Mark.HEARTBEAT
        if isinstance(part.get("functionCall"), dict):
            self.tool_name = part["functionCall"].get("name")
            self.tool_input = part["functionCall"].get("args")
            return self.add_other()
        if part.keys() - _BESIDE_TEXT:  # images, code, its results, and parts that do not exist yet
            return self.add_other()
        return Mark.TEXT if self.add_text(part.get("text")) else Mark.HEARTBEAT

    def _take_usage(self, usage: Any) -> None:
        if isinstance(usage, dict):
            self.usage = Usage(
                input=number(usage.get("promptTokenCount")),
                output=number(usage.get("candidatesTokenCount")),
                reasoning=number(usage.get("thoughtsTokenCount")),
            )


class _EmbeddingReader(Reader):
    """`embedding.values`."""

    def take(self, obj: Any, name: str) -> Mark:
        values = dig(obj, "embedding", "values")
        values = dig(obj, "embeddings", 0, "values") if values is None else values
        if isinstance(values, list):
            self.recognised = self.ended = True
            self.has_other = bool(values)
            self.dimension = len(values)
        return Mark.OTHER


DIALECT = Gemini()
