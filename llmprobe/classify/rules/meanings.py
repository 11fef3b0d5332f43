"""
What a clause or an identifier means, by concept: a subject and a complaint about it.

Order is only the last tie-break: weight and agreement with the status decide first.
"""

from __future__ import annotations

from llmprobe.classify.rule import Meaning, Rule, Statuses
from llmprobe.classify.rules.lexicon import Concept as K
from llmprobe.model import Category as C
from llmprobe.model import Fault

_SEEN = "messages and identifiers of several vendors (providers.md sections 25.3 and 25.5, read 2026-11-22)"


def _says(
    about: str = "",
    that: str = "",
    *,
    beside: str = "",
    unless: str = "",
    strict: bool = False,
    at: Statuses = (),
) -> Meaning:
    """Concepts by their names in the enum: `_says("KEY SIGN_IN", "BAD ABSENT")`."""
    subjects, complaints, near, barring = (
        frozenset(K[name] for name in part.split()) for part in (about, that, beside, unless)
    )
    return Meaning(subjects, complaints, near, barring, strict, at)


MEANINGS: tuple[Rule, ...] = (
    Rule("says.arrears", C.QUOTA_EXHAUSTED, _says("", "ARREARS", unless="THING"),
         "a bill is unpaid: {said}", _SEEN, "403 The account is in arrears", limit="credits", futile=True, telling=True),
    Rule("says.spend", C.QUOTA_EXHAUSTED, _says("SPEND", "SPENT EXCEEDED"),
         "a spend limit is reached: {said}", _SEEN, "403 The monthly budget is used up", limit="spend", futile=True),
    Rule("says.no_money", C.QUOTA_EXHAUSTED, _says("MONEY", "SPENT ABSENT EXCEEDED REQUIRED ENDED FAILED BARRED BAD BIG", unless="SIGN_IN"),
         "no credit left: {said}", _SEEN, "400 Your wallet is empty, no credit remains", limit="credits", futile=True),
    Rule("says.money", C.QUOTA_EXHAUSTED, _says("MONEY", "", at=(402, 403, 429)),
         "it is about money: {said}", _SEEN, "429 Your wallet holds $0.00", limit="credits", futile=True, broad=True),
    Rule("says.model_elsewhere", C.MODEL_NOT_FOUND, _says("MODEL NAMED", "DOWN ABSENT UNSUPPORTED BARRED", beside="SITE", unless="PLACE THING", strict=True),
         "{provider} does not serve the model {model} in this region: {said}", _SEEN, "400 The model is not available in this region"),
    Rule("says.place", C.REGION_BLOCKED, _says("PLACE", "UNSUPPORTED DOWN BARRED ABSENT BAD GONE UNABLE", unless="THING"),
         "this place is not served: {said}", _SEEN, "403 This service is not offered in your country: access denied", telling=True),
    Rule("says.site", C.REGION_BLOCKED, _says("SITE", "UNSUPPORTED DOWN BARRED BAD UNABLE", unless="THING MODEL NAMED KEY", at=(400, 401, 403, 451)),
         "this place is not served: {said}", _SEEN, "403 The service is not available in this region", telling=True),
    Rule("says.filtered", C.CONTENT_FILTERED, _says("", "FLAGGED"),
         "a content filter stopped it: {said}", _SEEN, "400 The text was flagged as harmful"),
    Rule("says.content_blocked", C.CONTENT_FILTERED, _says("CONTENT", "BLOCKED", unless="RATE RIGHT ENDPOINT", strict=True, at=(400, 403, 422)),
         "a content filter stopped it: {said}", _SEEN, "400 The output was blocked"),
    Rule("says.policy", C.CONTENT_FILTERED, _says("POLICY", "BARRED BLOCKED FLAGGED", unless="RIGHT"),
         "a content filter stopped it: {said}", _SEEN, "403 Blocked by the safety filter", telling=True),
    Rule("says.bad_key", C.AUTH, _says("KEY", "BAD ABSENT ENDED REQUIRED FAILED UNSUPPORTED GONE BLOCKED", unless="QUOTA MONEY"),
         "{provider} does not accept the key: {said}", _SEEN, "400 Your access token was revoked"),
    Rule("says.bad_sign_in", C.AUTH, _says("SIGN_IN", "BAD ABSENT ENDED REQUIRED", strict=True),
         "{provider} does not accept the key: {said}", _SEEN, "403 Authentication is missing", broad=True),
    Rule("says.sign_in_failed", C.AUTH, _says("SIGN_IN", "FAILED", strict=True),
         "{provider} does not accept the key: {said}", _SEEN, "403 Authentication failed", broad=True, vague=True),
    Rule("says.account_closed", C.PERMISSION, _says("ACCOUNT", "ENDED", strict=True),
         "the account may not do this: {said}", _SEEN, "403 Your organization has been suspended"),
    Rule("says.no_channel_of_key", C.MODEL_NOT_FOUND, _says("UPSTREAM", "ABSENT", beside="KEY KEYISH", at=(400, 404, 429, 500, 503)),
         "the relay has no channel for {model} in the groups of this key: {said}", _SEEN, "503 The token's groups have no channel for this model", fault=Fault.UNKNOWN),
    Rule("says.channel_off", C.PERMISSION, _says("UPSTREAM", "ENDED", strict=True, at=(400, 401, 403)),
         "the relay has switched its channel off: {said}", _SEEN, "403 The channel is disabled", fault=Fault.UNKNOWN),
    Rule("says.no_channel", C.MODEL_NOT_FOUND, _says("UPSTREAM", "ABSENT", beside="MODEL", at=(400, 404, 429, 500, 503)),
         "the relay has no channel for {model}: {said}", _SEEN, "503 There is no channel for this model", fault=Fault.PROVIDER),
    Rule("says.no_model", C.MODEL_NOT_FOUND, _says("MODEL", "ABSENT GONE BAD UNSUPPORTED", unless="THING", strict=True),
         "{provider} knows no model {model}: {said}", _SEEN, "404 There is no such model"),
    Rule("says.name_gone", C.MODEL_NOT_FOUND, _says("NAMED", "GONE", unless="THING REQUEST", strict=True),
         "{provider} has retired a model: {said}", _SEEN, "400 falcon-7b has reached its end of life"),
    Rule("says.model_away", C.MODEL_NOT_FOUND, _says("MODEL", "DOWN", unless="PLACE CAPACITY BUSY", strict=True),
         "{provider} does not offer the model {model}: {said}", _SEEN, "400 The model is not available"),
    Rule("says.no_right", C.PERMISSION, _says("RIGHT", "ABSENT SPENT REQUIRED BAD BARRED", unless="MONEY"),
         "the key may not do this: {said}", _SEEN, "403 The key lacks the scope for this", broad=True),
    Rule("says.not_allowed", C.PERMISSION, _says("KEY ACCOUNT MODEL RIGHT SERVICE SIGN_IN", "BARRED", unless="POLICY FLAGGED RATE", strict=True),
         "the key may not do this: {said}", _SEEN, "403 Your project is not allowed to use this", broad=True),
    Rule("says.barred", C.PERMISSION, _says("", "BARRED UNABLE", unless="POLICY FLAGGED RATE ENDPOINT", at=(401, 403)),
         "the key may not do this: {said}", _SEEN, "403 You are not allowed to do that", broad=True),
    Rule("says.blocked_by_owner", C.PERMISSION, _says("ACCOUNT MODEL", "BLOCKED", unless="FLAGGED RATE", at=(400, 401, 403)),
         "the account bars it: {said}", _SEEN, "403 The model is blocked by your organization", telling=True),
    Rule("says.blocked", C.PERMISSION, _says("", "BLOCKED", unless="POLICY FLAGGED RATE", at=(403,)),
         "it was blocked, and who did it was not said: {said}", _SEEN, "403 Your request was blocked", broad=True, fault=Fault.UNKNOWN),
    Rule("says.account_step", C.PERMISSION, _says("ACCOUNT", "REQUIRED", unless="KEY MONEY"),
         "the account lacks a step: {said}", _SEEN, "403 Your organization must be verified"),
    Rule("says.service_off", C.PERMISSION, _says("SERVICE", "ENDED", strict=True),
         "the service is switched off for this project: {said}", _SEEN, "403 The service is disabled for this project"),
    Rule("says.loading", C.LOADING, _says("", "LOADING", unless="FAILED"),
         "the model is being loaded: {said}", _SEEN, "503 The model is warming up"),
    Rule("says.busy", C.OVERLOADED, _says("", "BUSY", unless="KEY KEYISH ACCOUNT", at=(408, 424, 425, 429, 498, 499, range(500, 600))),
         "{provider} says that it is overloaded: {said}", _SEEN, "503 We are very busy"),
    Rule("says.busy_400", C.OVERLOADED, _says("SERVICE MODEL MACHINE CAPACITY", "BUSY", unless="KEY KEYISH ACCOUNT", strict=True, at=(400,)),
         "it says that {provider} is overloaded, under a status for bad requests: {said}", _SEEN, "400 The server is under high load", fault=Fault.UNKNOWN, broad=True),
    Rule("says.machine_limit", C.OVERLOADED, _says("MACHINE", "", beside="LIMIT RATE", at=(429, range(500, 600))),
         "{provider} has no capacity: {said}", _SEEN, "429 The replicas are at their limit of requests in flight"),
    Rule("says.no_capacity", C.OVERLOADED, _says("CAPACITY MACHINE", "SPENT EXCEEDED ABSENT DOWN", unless="QUOTA MONEY KEY KEYISH ACCOUNT", strict=True),
         "{provider} has no capacity: {said}", _SEEN, "503 There is no capacity left"),
    Rule("says.rate_upstream", C.RATE_LIMITED, _says("RATE LIMIT", "", beside="UPSTREAM", unless="BIG", at=(402, 403, 429, 503)),
         "the provider behind the router limits the rate ({upstream}): {said}", _SEEN, "429 The upstream limits are set by requests per second", fault=Fault.PROVIDER, broad=True),
    Rule("says.rate", C.RATE_LIMITED, _says("RATE", "EXCEEDED SPENT FAILED", unless="BIG"),
         "too many {limit_words} for now: {said}", _SEEN, "429 The request rate exceeded 5 per second", broad=True),
    Rule("says.rate_alone", C.RATE_LIMITED, _says("RATE", "", unless="BIG MACHINE", at=(402, 403, 429, 503)),
         "too many {limit_words} for now: {said}", _SEEN, "429 You are sending requests too fast", broad=True),
    Rule("says.quota", C.QUOTA_EXHAUSTED, _says("QUOTA", "EXCEEDED SPENT ABSENT ENDED REQUIRED"),
         "the quota is used up: {said}", _SEEN, "429 Your allowance is used up", limit="quota"),
    Rule("says.no_tokens", C.QUOTA_EXHAUSTED, _says("SIZE LONG", "SPENT", unless="CONTEXT MONEY CAPACITY", strict=True, at=(402, 403, 429)),
         "the quota is used up: {said}", _SEEN, "429 The tokens of today are used up", limit="quota"),
    Rule("says.limit", C.RATE_LIMITED, _says("LIMIT", "EXCEEDED SPENT", unless="CONTEXT", strict=True, at=(402, 403, 429)),
         "a limit is reached: {said}", _SEEN, "429 The limit is reached", broad=True, vague=True),
    Rule("says.too_long", C.BAD_REQUEST, _says("CONTEXT", "", unless="SLOW", at=(400, 403, 413, 414, 422, 429, 431, 500)),
         "the request is too long for the model: {said}", _SEEN, "400 The context window is 4096 tokens", limit="context"),
    Rule("says.over_window", C.BAD_REQUEST, _says("", "BIG", unless="BUSY", at=(429,)),
         "one request is larger than the whole window: {said}", _SEEN, "429 The request is too large", limit="request_size"),
    Rule("says.too_big", C.BAD_REQUEST, _says("", "BIG", unless="BUSY", at=(400, 403, 413, 414, 422, 431, 500)),
         "the request is too large: {said}", _SEEN, "400 The prompt is too long", limit="context"),
    Rule("says.size", C.BAD_REQUEST, _says("SIZE", "EXCEEDED", unless="RATE QUOTA LIMIT LONG SHORT", strict=True, at=(400, 413, 414, 422)),
         "the request is too large: {said}", _SEEN, "400 The input exceeds 4096 tokens", limit="context"),
    Rule("says.unreachable", C.GATEWAY, _says("", "UNREACHABLE", at=(408, 424, 429, 499, range(500, 600))),
         "a gateway could not reach the API behind it: {said}", _SEEN, "502 The origin is unreachable", fault=Fault.PROVIDER, broad=True),
    Rule("says.upstream", C.GATEWAY, _says("UPSTREAM", "FAILED SLOW DOWN BAD", unless="RATE FLAGGED", at=(408, 424, 429, 499, range(500, 600))),
         "the server behind the gateway failed: {said}", _SEEN, "502 The upstream failed", fault=Fault.PROVIDER, broad=True),
    Rule("says.no_path", C.WRONG_ENDPOINT, _says("ENDPOINT", "ABSENT BAD UNSUPPORTED", unless="MODEL THING", strict=True, at=(400, 404, 405, 410, 421)),
         "{host} knows no such path: {said}", _SEEN, "404 There is no such route", broad=True),
    Rule("says.incapable", C.BAD_REQUEST, _says("", "INCAPABLE"),
         "the model or the server cannot do what was asked: {said}", _SEEN, "400 This model does not support images"),
    Rule("says.request_lacks", C.BAD_REQUEST, _says("REQUEST THING", "REQUIRED", strict=True, at=(400, range(405, 429), range(430, 500))),
         "{provider} refuses the request: {said}", _SEEN, "400 The field is required", broad=True),
    Rule("says.bad_request", C.BAD_REQUEST, _says("REQUEST THING SIZE KEYISH", "BAD ABSENT UNSUPPORTED REQUIRED INCAPABLE", strict=True, at=(400, range(405, 429), range(430, 500))),
         "{provider} refuses the request: {said}", _SEEN, "400 The field is missing", broad=True, vague=True),
    Rule("says.no_thing", C.BAD_REQUEST, _says("THING", "ABSENT GONE ENDED", strict=True, at=(404, 410)),
         "{provider} does not find what the request names: {said}", _SEEN, "404 The file was not found"),
    Rule("says.crashed", C.SERVER_ERROR, _says("", "CRASHED", unless="REQUEST THING KEY KEYISH"),
         "{provider} failed with an error of its own: {said}", _SEEN, "500 We crashed on this one", broad=True),
    Rule("says.failed", C.SERVER_ERROR, _says("SERVICE MACHINE", "FAILED SLOW", strict=True),
         "{provider} failed with an error of its own: {said}", _SEEN, "500 The server crashed", broad=True, vague=True),
)  # fmt: skip
