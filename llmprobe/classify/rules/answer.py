"""A 200 is not yet an answer: what came must be whole, of the right shape, and not empty."""

from __future__ import annotations

from llmprobe.classify.rule import Rule, When
from llmprobe.model import Category as C
from llmprobe.model import Fault, Finish
from llmprobe.model import ProbeKind as P

_DIALECT = "each dialect's own rule for a complete answer (providers.md, read 2026-11-22)"
_COMPLETIONS = (P.CHAT, P.STREAM, P.JSON, P.TOOLS)

RULES: tuple[Rule, ...] = (
    Rule("answer.blocked", C.CONTENT_FILTERED, When(blocked=True),
         "the prompt was blocked ({blocked})", "Gemini promptFeedback.blockReason (read 2026-11-22)", '{"promptFeedback": {"blockReason": "SAFETY"}}'),
    Rule("answer.filtered", C.CONTENT_FILTERED, When(finish=(Finish.FILTERED,)),
         "the answer was stopped by a filter ({finish})", _DIALECT, "finish_reason: content_filter"),
    Rule("answer.malformed", C.EMPTY_RESPONSE, When(finish=(Finish.ERROR,), dialects=("gemini",), content=False),
         "the model produced nothing usable ({finish})", "Gemini finishReason (read 2026-11-22)", "finishReason: MALFORMED_FUNCTION_CALL"),
    Rule("answer.error_finish", C.STREAM_ERROR, When(finish=(Finish.ERROR,)),
         "the answer ended with an error ({finish})", _DIALECT, "finish_reason: error"),
    Rule("answer.no_body_stream", C.TRUNCATED, When(probes=(P.STREAM,), empty=True),
         "the stream ended before its first byte", _DIALECT, "200 with an empty event stream"),
    Rule("answer.no_body", C.EMPTY_RESPONSE, When(empty=True),
         "HTTP {status} with an empty body", _DIALECT, "200 without a body"),
    Rule("answer.garbled", C.INVALID_RESPONSE, When(garbled=True),
         "HTTP {status}, but {garbled}", "openai-python 3.57 and anthropic 2.13 raise on it (read 2026-11-24)", "data: {oops"),
    Rule("answer.anyone_s_shape", C.INVALID_RESPONSE, When(recognised=False, vendor=False, dialects=("openai-chat", "openai-responses")),
         "HTTP {status}, but what came is not {dialect}: {snippet}", _DIALECT, 'a 200 with {"hello": …} from a server that any vendor may run', fault=Fault.UNKNOWN),
    Rule("answer.unknown_shape", C.INVALID_RESPONSE, When(recognised=False),
         "HTTP {status}, but what came is not {dialect}: {snippet}", _DIALECT, '{"this": [{"is": "not it"}]}'),
    Rule("answer.cut_gemini", C.EMPTY_RESPONSE, When(probes=_COMPLETIONS, dialects=("gemini",), ended=False, content=False, thought=False),
         "no content and no finish reason came", "Gemini has no terminator: a finishReason is the end (read 2026-11-22)", '{"candidates": [{"content": {}}]}'),
    Rule("answer.cut", C.TRUNCATED, When(probes=(P.STREAM,), ended=False),
         "the stream ended without {terminator}", _DIALECT, "EOF before [DONE] or message_stop"),
    Rule("answer.no_vector", C.EMPTY_RESPONSE, When(probes=(P.EMBEDDINGS,), content=False),
         "the embedding is empty", _DIALECT, '{"data": [{"embedding": []}]}'),
    Rule("answer.thinking_only", C.OK, When(probes=_COMPLETIONS, content=False, finish=(Finish.LENGTH,)),
         "answered; the token limit ended it before any text", "providers.md section 0.10 (read 2026-11-22)", "finish_reason: length, empty text"),
    Rule("answer.thought", C.OK, When(probes=_COMPLETIONS, content=False, thought=True),
         "answered with reasoning only", "providers.md section 0.10 (read 2026-11-22)", "reasoning tokens, empty text"),
    Rule("answer.empty", C.EMPTY_RESPONSE, When(probes=_COMPLETIONS, content=False),
         "a complete answer with nothing in it ({finish})", _DIALECT, "finish_reason: stop, empty text", fault=Fault.PROVIDER),
    Rule("answer.ok", C.OK, When(), "answered", _DIALECT, "a complete answer"),
)  # fmt: skip
