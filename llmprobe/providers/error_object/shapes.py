"""
The shapes that errors come in, as data: by what a shape is known, and where it keeps what.

Paths are those of `paths`. `inner` names places that may hold an error of any shape again: an object,
a list, or a text with JSON in it. The first shape that fits reads the value.
"""

from __future__ import annotations

from msgspec import Struct


class Shape(Struct, frozen=True):
    """
    One shape.

    `known_by` are alternatives, each a conjunction (`title & status`); `lacks` are members that an
    answer has and this shape has not. `stated` shapes say by themselves that they are an error, the
    others are read only where the status says so. `marks` are conditions that are identifiers themselves.
    """

    name: str
    known_by: tuple[str, ...]
    codes: str = ""
    says: str = ""
    inner: str = ""
    wait: str = ""
    param: str = ""
    upstream: str = ""
    marks: tuple[tuple[str, str], ...] = ()
    lacks: str = ""
    stated: bool = False
    source: str = ""


_ANSWER = "choices candidates content output data id"
_WAITS = "retry_after retry_after_seconds retryDelay resets_in_seconds estimated_time"
_DEEPER = "error errors innererror inner_error details detail metadata.raw metadata.previous_errors metadata body response cause data"
_CODES = "error_code errorCode code type error_type errorType status status_code statusCode reason state limit_source"
_WORDS = "message Message msg error_message errorMessage error_description description"

_MARKS = (("failed_generation", "failed_generation"), ("metadata.is_byok=true", "byok"))

SHAPES: tuple[Shape, ...] = (
    Shape("choice", ("choices[].error",), inner="choices[].error error", stated=True,
          source="OpenRouter: an upstream's error inside the choice of a 200"),
    Shape("response", ("response.error", "x_groq.error", "delta.error"), inner="response.error x_groq.error delta.error", stated=True,
          source="OpenAI Responses: response.failed; Groq's streams"),
    Shape("base_resp", ("base_resp.status_code",), codes="base_resp.status_code", says="base_resp.status_msg", lacks="base_resp.status_code=0", stated=True,
          source="MiniMax"),
    Shape("graphql", ("errors[].extensions.code", "errors[].message", "errors[].detail"), codes="errors[].extensions.code errors[].code errors[].error_code errors[].type errors[].reason",
          says="message errors[].message errors[].detail errors[].title errors[].description", inner="errors[].error", stated=True, source="GraphQL, JSON:API, Cloudflare"),
    Shape("errors", ("errors:text", "errors:list", "errors:object"), codes=_CODES, says="message title errors errors[]", inner="errors errors[]", stated=True,
          source="APIs that list their errors"),
    Shape("google", ("error.details[].@type", "error.status:text & error.message:text"),
          codes="error.details[].reason error.details[].violations[].quotaId error.errors[].reason error.status error.code error.type",
          says="message error.message error.details[].message error.details[].detail error.details[].violations[].description error.errors[].message",
          wait="error.details[].retryDelay error.details[].metadata.quotaResetDelay", inner="error.message",
          marks=(("error.details[].metadata.quota_limit_value=0", "quota_limit_value_zero"),), stated=True, source="google.rpc.Status with its details"),
    Shape("error object", ("error:object",), codes=_CODES, says=_WORDS, inner="error details", wait=_WAITS,
          param="param", upstream="provider details.provider", stated=True, source="OpenAI, Anthropic, Azure, and those who follow them"),
    Shape("error list", ("error:list",), codes=_CODES, says=f"{_WORDS} error[]", inner="error[]", wait=_WAITS, stated=True, source="Hugging Face"),
    Shape("error text", ("error:text",), codes=_CODES, says=f"{_WORDS} error detail title", inner="error details message", wait=_WAITS,
          param="param", upstream="details.provider", stated=True, source="xAI, vLLM, Ollama, TGI, OAuth 2"),
    Shape("error flag", ("error=true",), codes=_CODES, says=f"{_WORDS} detail title reason", inner="message details", wait=_WAITS, stated=True,
          source="APIs whose `error` is a flag"),
    Shape("fault", ("fault:object", "fault:text"), codes="fault.detail.errorcode fault.code fault.faultcode", says="fault fault.faultstring fault.message", stated=True,
          source="Apigee, SOAP"),
    Shape("flat", ("object=error", "type=error", "event_type=error", "success=false", "status=error|failure & message:text"),
          codes=_CODES, says=f"{_WORDS} detail title", inner=_DEEPER, wait=_WAITS, param="param", stated=True, source="vLLM, SGLang, Mistral"),
    Shape("coded words", ("message:text & code:code", "msg:text & code:code"), codes=_CODES, says=f"{_WORDS} detail", inner=_DEEPER, wait=_WAITS, param="param", upstream="metadata.provider_name provider_name", marks=_MARKS,
          lacks=f"{_ANSWER} code=0|200|ok", stated=True, source="DashScope, Zhipu"),
    Shape("fastapi list", ("detail[]:object", "detail[]:text"), codes="detail[].type", says="detail[].msg detail[].message detail[]", source="FastAPI: failed validation"),
    Shape("problem", ("title & status", "title & detail"), codes="code error_code type status", says="detail title", inner="errors", source="RFC 9457 problem details"),
    Shape("fastapi", ("detail",), codes=f"{_CODES} detail.status detail.code detail.type detail.error_code", says=f"{_WORDS} detail detail.message detail.msg",
          inner="detail", source="FastAPI: HTTPException; ElevenLabs"),
    Shape("aws", ("__type", "Message", "Code"), codes="__type Code code", says="message Message", source="AWS JSON protocols"),
    Shape("object", (*_CODES.split(), *_WORDS.split(), "finishMessage", "raw", "failed_generation"), codes=_CODES, says=f"{_WORDS} title details reason finishMessage raw",
          inner=f"{_DEEPER} message raw provider_error", wait=_WAITS, param="param", upstream="metadata.provider_name provider_name",
          marks=_MARKS, source="what an `error` object holds"),
    Shape("wrapped", ("data", "body", "response", "details", "metadata", "cause", "result", "raw"), inner="data body response details metadata cause result raw", source="envelopes of relays"),
)  # fmt: skip
