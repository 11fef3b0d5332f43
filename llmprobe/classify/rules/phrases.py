"""Key phrases: the last resort before the bare status, for errors without a telling identifier."""

from __future__ import annotations

from llmprobe.classify.rule import Rule, When
from llmprobe.model import Category as C
from llmprobe.model import Fault

_SEEN = "messages of several vendors, recorded or quoted in public issues (providers.md section 25.5, read 2026-11-22)"
_ERROR = range(400, 600)

RULES: tuple[Rule, ...] = (
    Rule("says.no_credit", C.QUOTA_EXHAUSTED,
         When(has_error=True, says=(
             "credit balance is too low", "insufficient balance", "insufficient credit", "insufficient funds", "insufficient quota",
             "not enough credit", "not enough balance", "requires more credits", "add credit", "out of credits", "purchase credits",
             "payment required", "account balance", "余额不足", "欠费", "账户余额", "recharge", "top up", "included credits",
             "exceeded your monthly", "billing details", "billing is not", "billing not", "prepaid credits", "credits are depleted",
             "prepayment", "please upgrade to a paid", "free allocation",
         ), says_not=("quota exceeded for metric",)),
         "no credit left: {said}", _SEEN, "400 Your credit balance is too low", limit="credits", futile=True),
    Rule("says.spend_limit", C.QUOTA_EXHAUSTED,
         When(has_error=True, says=("spending limit", "spend limit", "budget has been exceeded", "exceeded budget", "max budget", "usage limit", "over budget")),
         "a spend limit is reached: {said}", _SEEN, "402 monthly spending limit", limit="spend", futile=True),
    Rule("says.key_limit", C.QUOTA_EXHAUSTED, When(has_error=True, says=("key limit exceeded", "spending cap", "credit limit", "free tier limit", "free quota")),
         "the key's own limit is used up: {said}", _SEEN, "403 Key limit exceeded (total limit)", limit="spend"),
    Rule("says.region", C.REGION_BLOCKED,
         When(says=("country, region, or territory not supported", "location is not supported", "not available in your region",
                    "not available in your country", "unsupported region", "region is not supported", "country is not supported",
                    "not supported in your country", "not supported in your region", "your country", "unsupported country", "your region", "your location", "region is not allowed")),
         "this place is not served: {said}", _SEEN, "403 Country, region, or territory not supported"),
    Rule("says.filtered", C.CONTENT_FILTERED,
         When(has_error=True, says=("content management policy", "content policy", "content filter", "flagged for", "was flagged", "inappropriate content",
                    "safety system", "usage policies", "violates our", "violate our", "prompt was blocked", "blocked by our", "敏感", "moderation")),
         "a content filter stopped it: {said}", _SEEN, "400 … content management policy"),
    Rule("says.loading", C.LOADING, When(has_error=True, says=("loading model", "model is loading", "currently loading", "is still loading", "model is being loaded", "warming up", "is starting up")),
         "the model is being loaded: {said}", _SEEN, '503 Loading model'),
    Rule("says.too_long", C.BAD_REQUEST,
         When(has_error=True, says=(
             "maximum context length", "context length", "context window", "context size", "prompt is too long", "prompt too long",
             "input is too long", "too many tokens: ", "input tokens exceed", "input token count", "number of input tokens", "max_tokens is too large", "input length",
         )),
         "the request is too long for the model: {said}", _SEEN, "400 This model's maximum context length is …", limit="context"),
    Rule("says.bad_key", C.AUTH,
         When(status=(400, 401, 403, 404, 500), says=(
             "incorrect api key", "invalid api key", "api key not valid", "api key not found", "api key expired", "invalid x-api-key",
             "invalid api-key", "invalid authentication", "missing authentication", "api key is invalid", "api key is missing",
             "api key is expired", "no api key", "missing api key", "provide an api key", "didn't provide an api key", "authentication fails",
             "invalid subscription key", "security token included in the request", "no cookie auth", "invalid bearer", "invalid token",
             "token has expired", "token expired", "token is invalid", "invalid username or password", "api keys are not supported by this api", "authentication failed",
             "无效的令牌", "令牌", "api key provided", "unregistered callers", "missing bearer", "bad credentials", "user not found",
         )),
         "{provider} does not accept the key: {said}", _SEEN, "400 Incorrect API key provided"),
    Rule("says.not_permitted", C.PERMISSION,
         When(status=(400, 401, 403, 404), says=(
             "do not have permission", "does not have permission", "don't have permission", "permission denied", "not authorized to", "insufficient permission",
             "does not have access", "oauth token does not meet scope", "currently not allowed", "has not been used in project",
             "is not allowed to", "access denied", "not have sufficient permission", "request not allowed", "ip address is not", "ip not authorized", "not whitelisted",
         ), says_not=("does not exist", "subscription key", "not found")),
         "the key may not do this: {said}", _SEEN, "403 You don't have permission"),
    Rule("says.no_model", C.MODEL_NOT_FOUND,
         When(status=(400, 403, 404, 410, 422, 500), has_error=True, says=("model", "deployment"), says_also=(
             "does not exist", "not exist", "not found", "was removed", "has been deprecated", "has been retired", "decommissioned", "is not supported. supported models", "unknown model", "invalid model",
             "no such model", "model_not_found", "is not available", "no longer available", "not a valid model", "is not found",
             "invalid model name", "不存在", "unsupported model", "try pulling it",
         ), says_not=("tool", "media type", "role", "not supported with this model", "file", "image")),
         "{provider} knows no model {model}: {said}", _SEEN, "404 The model `x` does not exist"),
    Rule("says.context_generic", C.BAD_REQUEST,
         When(has_error=True, says=("too long", "too large", "exceeds the maximum", "reduce the length")),
         "the request is too long: {said}", _SEEN, "400 The total length of all messages is too long.", limit="context"),
    Rule("says.overloaded", C.OVERLOADED,
         When(has_error=True, says=(
             "overloaded", "high traffic", "high demand", "at capacity", "no capacity", "server busy", "server is busy", "too busy",
             "capacity constraints", "over capacity", "temporarily unavailable due to", "maximum pending requests", "try again later as we are experiencing",
             "not enough capacity", "insufficient capacity", "currently unavailable due to demand", "unable to process your request", "负载", "繁忙", "high load", "heavy load",
         )),
         "{provider} says that it is overloaded: {said}", _SEEN, "503 That model is currently overloaded"),
    Rule("says.daily_cap", C.QUOTA_EXHAUSTED,
         When(status=(429, 403, 402), has_error=True, says=(
             "per day per", "requests per day", "tokens per day", "per-day", "daily free", "daily limit", "daily quota", "per month", "monthly limit", "monthly quota",
         ), says_not=("try again in", "retry in")),
         "a daily or monthly cap is reached: {said}", _SEEN, "429 … Requests per day per user per tier", limit="daily"),
    Rule("says.period_cap", C.QUOTA_EXHAUSTED,
         When(status=(429, 403, 402), has_error=True, says=("daily", "per day", "monthly", "per month", "weekly", "today"),
              says_also=("limit", "quota", "cap ", "allowance", "exceed"), says_not=("try again in", "retry in", "retry after")),
         "a daily or monthly cap is reached: {said}", _SEEN, "429 Daily request limit reached", limit="daily"),
    Rule("says.rate", C.RATE_LIMITED,
         When(has_error=True, says=(
             "rate limit", "rate-limit", "ratelimit", "too many requests", "too many tokens, please wait", "requests per minute", "tokens per minute",
             "per minute", "request limit", "throttl", "slow down", "concurren", "api calls / minute", "频率", "请求过多",
         ), says_not=("max retries",)),
         "too many {limit_words} for now: {said}", _SEEN, "429 Rate limit reached for requests"),
    Rule("says.internal", C.SERVER_ERROR,
         When(status=(range(500, 600),), says=("internal server error", "internal error", "an unexpected error", "server had an error")),
         "{provider} failed with an error of its own: {said}", _SEEN, "500 Internal Server Error"),
    Rule("says.upstream_timeout", C.GATEWAY, When(status=(_ERROR,), says=("upstream timed out", "upstream timeout", "origin is unreachable")),
         "a gateway got no answer from the API behind it: {said}", _SEEN, "504 upstream timed out", fault=Fault.PROVIDER),
)  # fmt: skip
