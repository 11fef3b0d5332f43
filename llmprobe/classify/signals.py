"""Evidence laid out for the rules: computed once, asked many times."""

from __future__ import annotations

import re

from msgspec import Struct

from llmprobe.foreign import text_of
from llmprobe.model import Evidence, FailureKind, Finish, Phase, ProbeKind
from llmprobe.providers import providers

_ERRNO = r"\[(?:Errno|WinError) (-?\d{1,9})\]"
_TAGS = r"(?si)<(script|style)\b.*?</\1>|<[^>]+>"
_TEXT_LIMIT = 8192
_SHORT = 48
ANY_SERVER = "openai-compatible"


class Signals(Struct, frozen=True):
    """
    What the conditions of a rule look at.

    `status` is the HTTP status, or the one inside the error where a 200 wraps it.
    `vendor` says that it is known who answers. `said` is all that was
    said, of HTML its words; `text` the same in lower case.
    """

    provider: str
    vendor: bool
    dialect: str
    probe: ProbeKind
    http_status: int | None
    status: int | None
    codes: tuple[str, ...]
    said: str
    text: str
    param: str
    headers: dict[str, str]
    short: bool
    plain: bool
    html: bool
    empty: bool
    has_error: bool
    key_sent: bool
    in_stream: bool
    upstream: bool
    kind: FailureKind | None
    phase: Phase
    errnos: frozenset[int]
    verify_codes: frozenset[int]
    reasons: frozenset[str]
    chain_text: str
    begun: bool
    connected: bool
    proxied: bool
    recognised: bool
    ended: bool
    garbled: bool
    content: bool
    finish: Finish | None
    blocked: bool
    thought: bool


def signals_of(evidence: Evidence) -> Signals:
    """Lay out the evidence; reads only, raises nothing."""
    exchange, error, answer = evidence.exchange, evidence.error, evidence.answer
    failure = exchange.failure
    links = failure.chain if failure else ()
    body = text_of(exchange.body, _TEXT_LIMIT).strip()
    html = _is_html(body, exchange.header("content-type"))
    chain_text = " ".join(link.message for link in links).lower()
    status = exchange.status
    if error is not None and error.status and (status is None or status < 400):
        status = error.status
    said = _said(error.message if error else "", body, html)
    return Signals(
        provider=evidence.provider,
        vendor=_is_vendor(evidence.provider),
        dialect=evidence.dialect,
        probe=evidence.probe,
        http_status=exchange.status,
        status=status,
        codes=error.codes if error else (),
        said=said,
        text=said.lower(),
        param=((error.param if error else None) or "").lower(),
        headers={k.lower(): v.lower() for k, v in exchange.headers},
        short=len(words_of(body) if html else said) <= _SHORT,
        plain=not body.startswith(("{", "[")),
        html=html,
        empty=not body,
        has_error=error is not None,
        key_sent=evidence.key_sent,
        in_stream=bool(answer and answer.error and answer.parsed_events) and (exchange.status or 0) < 400,
        upstream=bool(error and error.upstream),
        kind=failure.kind if failure else None,
        phase=exchange.phase,
        errnos=frozenset(_errnos(links)),
        verify_codes=frozenset(link.verify_code for link in links if link.verify_code),
        reasons=frozenset(link.reason for link in links if link.reason),
        chain_text=chain_text,
        begun=exchange.status is not None,
        connected=exchange.timings.connect_s is not None or exchange.connection is not None,
        proxied=exchange.proxy is not None,
        recognised=bool(answer and answer.recognised),
        ended=bool(answer and answer.complete),
        garbled=bool(answer and answer.garbled),
        content=bool(answer and answer.has_content),
        finish=answer.finish if answer else None,
        blocked=bool(answer and answer.blocked),
        thought=bool(answer and (answer.has_reasoning or answer.usage.reasoning)),
    )


def title_of(html: str) -> str:
    """What a page calls itself: its title, else its words."""
    title = re.search(r"<title[^>]*>(.*?)</title>", html, re.S | re.I)
    return words_of(title[1]) if title and title[1].strip() else words_of(html)


def words_of(html: str) -> str:
    """The words of a page, without its tags, scripts and styles."""
    return " ".join(re.sub(_TAGS, " ", html).split())


def _is_vendor(name: str) -> bool:
    """Whether it is known who answers: neither a relay nor a server that may be of any kind."""
    provider = providers().get(name)
    return provider is not None and not provider.relay and name != ANY_SERVER


def _said(message: str, body: str, html: bool) -> str:
    said = (
        words_of(body) + " " + body[:2048] if html else message or (body if not body.startswith("{") else "")
    )
    return said.replace("’", "'").strip() if not html else " ".join(said.split())


def _is_html(body: str, content_type: str | None) -> bool:
    start = body[:256].lstrip("\ufeff").lower()
    return start.startswith(("<!doctype html", "<html", "<head", "<body", "<h1", "<title", "<center")) or (
        "text/html" in (content_type or "").lower() and "<" in start and not start.startswith(("{", "["))
    )


def _errnos(links: tuple[object, ...]) -> list[int]:
    """Numbers of the exceptions; where one was lost in wrapping, the number in the message."""
    numbers: list[int] = []
    for link in links:
        errno, message = getattr(link, "errno", None), getattr(link, "message", "")
        if errno is not None:
            numbers.append(errno)
        numbers += [int(n) for n in re.findall(_ERRNO, message)]
    return numbers
