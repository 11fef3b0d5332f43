"""How a provider can misbehave: each behaviour bends the plan of a healthy answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import formatdate

from msgspec import Struct
from msgspec.structs import replace

from llmprobe.durations import parse_duration_s
from llmprobe.simulator import dialects
from llmprobe.simulator.plan import Call, Ending, Plan, Said

Bend = Callable[[Plan, Call, str], Plan]
_HTML = {"content-type": "text/html; charset=utf-8"}
_JSON = {"content-type": "application/json"}


_ONLY: dict[str, Callable[[Call], bool]] = {
    "model": lambda call: call.probe not in ("edge", "models"),
    "stream": lambda call: call.probe == "stream",
    "lists": lambda call: call.probe in ("edge", "models") and call.keyed,
    "keyless": lambda call: not call.keyed,
}
"""Behaviours that pass another one on to some calls."""


class Behaviour(Struct, frozen=True):
    """A name, what it does in one sentence, and how. `argument` says what may follow a colon."""

    name: str
    about: str
    bend: Bend
    argument: str = ""


def healthy_plan(call: Call) -> Plan:
    """A good answer, with the headers that vendors send."""
    answer = dialects.healthy(call) if call.probe != "edge" else b'{"status": "ok"}'
    headers = {"x-request-id": "req_simulated", **_rate_headers(call, 0.9)}
    if isinstance(answer, tuple):
        kind = "application/x-ndjson" if call.dialect == "ollama" else "text/event-stream"
        return Plan(headers={**headers, "content-type": kind}, pieces=answer)
    return Plan(headers={**headers, **_JSON}, body=answer)


def plan_for(call: Call, behaviour: str) -> Plan:
    """The plan of a behaviour such as `overloaded` or `slow_headers:2s`. Raises KeyError for an unknown one."""
    name, _, argument = behaviour.partition(":")
    if name in _ONLY:
        return plan_for(call, argument or "overloaded") if _ONLY[name](call) else healthy_plan(call)
    return BEHAVIOURS[name].bend(healthy_plan(call), call, argument)


def failing(call: Call, status: int, code: str, message: str, **headers: str) -> Plan:
    """An error answer in the call's dialect."""
    extra = {key.replace("_", "-"): value for key, value in headers.items()}
    base = {"x-request-id": "req_simulated", **_JSON, **extra}
    return Plan(status=status, headers=base, body=dialects.error(call, status, code, message))


def _error(status: int, code: str, message: str, **by_dialect: str) -> Bend:
    def bend(_: Plan, call: Call, __: str) -> Plan:
        return failing(call, status, by_dialect.get(call.dialect.replace("-", "_"), code), message)

    return bend


def _seconds(argument: str, default: float) -> float:
    return parse_duration_s(argument) or default if argument else default


def _page(status: int, title: str, **headers: str) -> Bend:
    body = f"<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>".encode()
    extra = {key.replace("_", "-"): value for key, value in headers.items()}
    return lambda _, __, ___: Plan(status=status, headers={**_HTML, **extra}, body=body)


def _streamed(plan: Plan, **changes: object) -> Plan:
    """Bend a stream; a whole body is cut into bytes first, so that it can be bent too."""
    if not plan.pieces and plan.body is not None:
        third = max(1, len(plan.body) // 3)
        plan = replace(plan, pieces=(plan.body[:third], plan.body[third:]), body=None)
    return replace(plan, **changes)


def _stream_error(code: str, message: str) -> Bend:
    def bend(plan: Plan, call: Call, _: str) -> Plan:
        if not plan.pieces:
            return Plan(headers=plan.headers, body=dialects.error(call, 500, code, message))
        pieces = (*plan.pieces[:2], dialects.error_event(call, code, message))
        return replace(plan, pieces=pieces, ending=Ending.CLOSE)

    return bend


def _rate_limited(_: Plan, call: Call, form: str) -> Plan:
    """Every form of Retry-After: seconds, float, `ms`, `date`, `past`, `text`, `nonsense`, `none`."""
    message = "Rate limit reached for requests"
    headers: dict[str, str] = {}
    match form:
        case "ms":
            headers = {"retry-after-ms": "1500"}
        case "date":
            headers = {"retry-after": formatdate(time.time() + 12, usegmt=True)}
        case "past":
            headers = {"retry-after": formatdate(time.time() - 60, usegmt=True)}
        case "text":
            message += ". Please try again in 1m12.5s."
        case "nonsense":
            headers = {"retry-after": "soon"}
        case "none":
            pass
        case _:
            headers = {"retry-after": form or "12"}
    code = {"anthropic-messages": "rate_limit_error", "gemini": "resource_exhausted"}.get(
        call.dialect, "rate_limit_exceeded"
    )
    plan = failing(call, 429, code, message)
    return replace(plan, headers={**plan.headers, **headers, **_rate_headers(call, 0.0)})


def _rate_headers(call: Call, left: float) -> dict[str, str]:
    remaining = str(int(1000 * left))
    if call.dialect == "anthropic-messages":
        stem = "anthropic-ratelimit-requests-"
        reset = (datetime.now(UTC) + timedelta(minutes=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {stem + "limit": "1000", stem + "remaining": remaining, stem + "reset": reset}
    stem = "x-ratelimit-"
    return {
        stem + "limit-requests": "1000",
        stem + "remaining-requests": remaining,
        stem + "reset-requests": "6m0s",
    }


def _first_token_never(plan: Plan, call: Call, _: str) -> Plan:
    return _streamed(plan, heartbeat=dialects.heartbeat(call), stop_after=0, ending=Ending.STALL)


def _stall(plan: Plan, call: Call, _: str) -> Plan:
    return _streamed(plan, stop_after=2, ending=Ending.STALL)


def _stall_with_heartbeat(plan: Plan, call: Call, _: str) -> Plan:
    return _streamed(plan, stop_after=2, ending=Ending.STALL, heartbeat=dialects.heartbeat(call))


def _endless(plan: Plan, call: Call, _: str) -> Plan:
    filler = b"x" * 65536
    return Plan(headers=plan.headers, pieces=(filler,), ending=Ending.ENDLESS, gap_s=0)


def _saying(said: Said) -> Bend:
    """An answer of the call's dialect, whole and in order, that says this and nothing else."""

    def bend(plan: Plan, call: Call, _: str) -> Plan:
        return plan if call.probe in ("edge", "models") else _answered(plan, replace(call, said=said))

    return bend


def _empty(plan: Plan, call: Call, _: str) -> Plan:
    if call.probe != "embeddings":
        return _saying(Said(()))(plan, call, _)
    return replace(plan, body=dialects.empty_embedding(call))


def _buffered(plan: Plan, call: Call, argument: str) -> Plan:
    return replace(plan, before_headers_s=_seconds(argument, 0.7), one_write=True)


def _mismatch(plan: Plan, call: Call, _: str) -> Plan:
    return plan if call.probe in ("edge", "models") else _answered(plan, replace(call, model="sim-other"))


def _answered(plan: Plan, call: Call) -> Plan:
    answer = dialects.healthy(call)
    return replace(plan, pieces=answer) if isinstance(answer, tuple) else replace(plan, body=answer)


def _retiring(plan: Plan, call: Call, _: str) -> Plan:
    """A list in which every model ends in a month."""
    import json
    from datetime import UTC, datetime, timedelta

    if call.probe != "models" or plan.body is None:
        return plan
    ends = str((datetime.now(UTC) + timedelta(days=30)).date())
    listed = json.loads(plan.body)
    for item in listed.get("data") or listed.get("models") or []:
        item["shutdown_date"] = ends
    return replace(plan, body=json.dumps(listed).encode())


def _quota(_: Plan, call: Call, __: str) -> Plan:
    """Gemini says quota and rate limit with one status: the quota that was violated tells them apart."""
    message = "You exceeded your current quota, please check your plan and billing details"
    if call.dialect == "gemini":
        return replace(failing(call, 429, "resource_exhausted", message), body=dialects.daily_quota(message))
    code = "billing_error" if call.dialect == "anthropic-messages" else "insufficient_quota"
    return failing(call, 429, code, message)


_EVERY = (
    Behaviour("ok", "answers as it should", lambda plan, call, _: plan),
    Behaviour("slow_headers", "waits before the headers", lambda p, c, a: replace(p, before_headers_s=_seconds(a, 1.0)), "duration"),
    Behaviour("slow_first_token", "sends headers, waits before the first token", lambda p, c, a: _streamed(p, first_piece_s=_seconds(a, 1.0)), "duration"),
    Behaviour("drip", "sends one token at a time, slowly", lambda p, c, a: _streamed(p, gap_s=_seconds(a, 0.25)), "duration"),
    Behaviour("no_headers", "takes the request and never answers", lambda p, c, _: replace(p, before_headers_s=3600.0)),
    Behaviour("no_first_token", "sends headers and heartbeats, never a token", _first_token_never),
    Behaviour("stall", "sends two tokens, then nothing", _stall),
    Behaviour("stall_heartbeat", "sends two tokens, then heartbeats only", _stall_with_heartbeat),
    Behaviour("truncated", "ends the stream without its terminator", lambda p, c, _: _streamed(p, stop_after=2 if p.pieces else 1, ending=Ending.CLOSE)),
    Behaviour("cut", "closes the connection in the middle of the body", lambda p, c, _: _streamed(p, stop_after=1, ending=Ending.DROP)),
    Behaviour("reset", "resets the connection instead of answering", lambda p, c, _: replace(p, answers=False, ending=Ending.RESET)),
    Behaviour("reset_stream", "resets the connection in the middle of the body", lambda p, c, _: _streamed(p, stop_after=1, ending=Ending.RESET)),
    Behaviour("hang_up", "closes the connection instead of answering", lambda p, c, _: replace(p, answers=False, ending=Ending.DROP)),
    Behaviour("stream_error", "sends an error event in a 200 stream", _stream_error("server_error", "The model failed while it was answering")),
    Behaviour("stream_overloaded", "sends an overload event in a 200 stream", _stream_error("overloaded_error", "Overloaded")),
    Behaviour("error_in_200", "wraps an error object in a 200 body", lambda p, c, _: Plan(headers=_JSON, body=b'{"error": {"message": "upstream failed", "code": 502}}')),
    Behaviour("html", "answers with a web page and 200", _page(200, "Welcome")),
    Behaviour("login_page", "answers with a login page and 200", _page(200, "Log in to continue")),
    Behaviour("html_502", "answers with a gateway's error page", _page(502, "502 Bad Gateway", server="nginx")),
    Behaviour("cloudflare_522", "answers with Cloudflare's error page", _page(522, "522: Connection timed out", server="cloudflare", cf_ray="sim")),
    Behaviour("wrong_shape", "answers with JSON of another kind", lambda p, c, _: Plan(headers=_JSON, body=b'{"hello": "world"}')),
    Behaviour("not_http", "answers with something that is not HTTP", lambda p, c, _: replace(p, status=0, answers=False, ending=Ending.CLOSE)),
    Behaviour("empty", "ends well without a word", _empty),
    Behaviour("empty_stream", "ends the stream before its first byte", lambda p, c, _: Plan(headers=p.headers, body=b"")),
    Behaviour("endless", "never stops sending", _endless),
    Behaviour("buffered", "holds the stream back and sends it in one piece", _buffered, "duration"),
    Behaviour("other_model", "answers in the name of another model", _mismatch),
    Behaviour("retiring", "lists models that end in a month", _retiring),
    Behaviour("thinking_only", "uses the token limit up before any text", _saying(Said((), ("Let", " me", " think"), cut_off=True))),
    Behaviour("little_headroom", "says that the rate limit is nearly used up", lambda p, c, _: replace(p, headers={**p.headers, **_rate_headers(c, 0.02)})),
    Behaviour("auth", "rejects the key", _error(401, "invalid_api_key", "Incorrect API key provided", anthropic_messages="authentication_error", gemini="unauthenticated")),
    Behaviour("permission", "forbids it", _error(403, "permission_denied", "Your key may not use this", anthropic_messages="permission_error")),
    Behaviour("region", "does not serve this country", _error(403, "unsupported_country_region_territory", "Country, region, or territory not supported")),
    Behaviour("model_not_found", "knows no such model", _error(404, "model_not_found", "The model does not exist", anthropic_messages="not_found_error", gemini="not_found")),
    Behaviour("wrong_endpoint", "has nothing at this path", lambda p, c, _: Plan(status=404, headers=_JSON, body=b'{"detail": "Not Found"}')),
    Behaviour("bad_request", "refuses the request", _error(400, "invalid_request_error", "messages: Input does not match the expected shape", gemini="invalid_argument")),
    Behaviour("content_filtered", "stops the prompt with a filter", _error(400, "content_filter", "Stopped by the content filter")),
    Behaviour("rate_limited", "asks for a pause", _rate_limited, "seconds, ms, date, past, text, nonsense or none"),
    Behaviour("quota", "has no credit left", _quota),
    Behaviour("payment", "asks for payment", _error(402, "payment_required", "Insufficient balance", anthropic_messages="billing_error")),
    Behaviour("model", "behaves so for answers only: lists and reachability are fine", lambda p, c, a: p, "BEHAVIOUR"),
    Behaviour("stream", "behaves so for streams only", lambda p, c, a: p, "BEHAVIOUR"),
    Behaviour("lists", "behaves so for lists that are asked for with a key", lambda p, c, a: p, "BEHAVIOUR"),
    Behaviour("keyless", "behaves so where no key is sent", lambda p, c, a: p, "BEHAVIOUR"),
    Behaviour("overloaded", "has no capacity", _error(529, "overloaded_error", "Overloaded", gemini="unavailable")),
    Behaviour("server_error", "fails with an error of its own", _error(500, "server_error", "The server had an error", anthropic_messages="api_error", gemini="internal")),
    Behaviour("loading", "is loading the model", _error(503, "unavailable_error", "Loading model")),
    Behaviour("gateway", "cannot reach the API behind it", lambda p, c, _: Plan(status=503, headers={"content-type": "text/plain"}, body=b"upstream connect error or disconnect/reset before headers. reset reason: connection failure")),
    Behaviour("proxy_407", "asks for proxy credentials", lambda p, c, _: Plan(status=407, headers={"proxy-authenticate": "Basic"}, body=b"")),
    Behaviour("redirect", "redirects elsewhere", lambda p, c, _: Plan(status=307, headers={"location": "https://elsewhere.example/v1"}, body=b"")),
)  # fmt: skip

BEHAVIOURS: dict[str, Behaviour] = {behaviour.name: behaviour for behaviour in _EVERY}
