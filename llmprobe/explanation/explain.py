"""The verdict on an error in hand: what was observed becomes evidence, and the classifier judges it."""

from __future__ import annotations

from msgspec.structs import replace

from llmprobe.classify import ABOUT, classify
from llmprobe.engine.probing.evidence import evidence_of
from llmprobe.errors import UsageError
from llmprobe.explanation.exceptions import read_exception
from llmprobe.explanation.observed import Observed
from llmprobe.explanation.text import read_text
from llmprobe.model import (
    Category,
    Confidence,
    ErrorObject,
    Evidence,
    Exchange,
    Fault,
    Links,
    Phase,
    ProbeKind,
    Target,
    Timings,
    Verdict,
)
from llmprobe.model.explanation import Explanation, ReadAs
from llmprobe.providers import Provider, Reader, dialects, providers
from llmprobe.providers.error_object import canonical, read_error

_UNKNOWN_PROVIDER = "openai-compatible"
_SAID_CODE = 100
_UNTOLD = '{"error":{}}'
"""Stands for a body that was not shown to us: not empty, and without a word."""


def explain(error: BaseException | str | bytes, provider: str | None = None) -> Explanation:
    """
    What an error means: whose side it is on, how long to wait, what to do. Sends and reads nothing.

    Args:
        error: An exception of an SDK or HTTP client (openai, anthropic, google-genai, httpx, requests,
            botocore …), or text: a status, a code, a message, a body, an HTTP dump, a traceback.
        provider: An id of the catalogue, where the error itself does not say whose it is.

    Returns:
        The verdict; `category` is None where nothing in the error is known.

    Raises:
        UsageError: `provider` is not in the catalogue.

    Example:
        >>> import llmprobe
        >>> llmprobe.explain("insufficient_quota", provider="openai").category
        <Category.QUOTA_EXHAUSTED: 'quota_exhausted'>
    """
    if provider is not None and provider not in providers():
        raise UsageError(f'unknown provider "{provider}"', "see `llmprobe providers`")
    observed = read_exception(error) if isinstance(error, BaseException) else read_text(error)
    if provider is not None:
        observed = replace(observed, provider=provider)
    if observed.unsent:
        return _unsent(observed)
    evidence = _evidence(observed)
    verdict = classify(evidence, _target(observed.provider))
    return _explanation(observed, evidence, verdict)


def _evidence(observed: Observed) -> Evidence:
    """As the engine would have gathered it; what only a client said stands in for the body."""
    dialect, probe, reader = _reader(observed)
    is_healthy = reader.recognised and reader.error is None
    exchange = Exchange(
        observed.failure.phase if observed.failure else Phase.DONE,
        timings=Timings(connect_s=None if observed.failure else 0.0),
        status=200 if observed.status is None and is_healthy else observed.status,
        headers=observed.headers,
        body=_raw(observed),
        failure=observed.failure,
    )
    provider = observed.provider or _UNKNOWN_PROVIDER
    evidence = evidence_of(provider, dialect, probe, exchange, reader)
    if evidence.error is None and not evidence.exchange.failure and not _is_answer(evidence):
        return replace(evidence, error=_error(observed))
    return evidence


def _is_answer(evidence: Evidence) -> bool:
    return evidence.answer is not None and evidence.answer.recognised


def _error(observed: Observed) -> ErrorObject | None:
    """The error of a body whose status is unknown, or of a code or a message alone."""
    found = read_error(_raw(observed), observed.status or 400) if observed.body else None
    if found is None and (observed.code or observed.message):
        codes = (canonical(observed.code),) if observed.code else ()
        found = ErrorObject(observed.message, code=observed.code, codes=codes, explicit=bool(codes))
    return found


def _reader(observed: Observed) -> tuple[str, ProbeKind, Reader]:
    """The dialect that can read the answer: the provider's own, else the first that recognises it."""
    probe = ProbeKind.STREAM if _is_stream(observed) else ProbeKind.CHAT
    own = providers()[observed.provider].dialect if observed.provider else "openai-chat"
    if observed.body and (observed.status or 200) < 400:
        for name in dict.fromkeys((own, *dialects())):
            reader = dialects()[name].reader(probe)
            _feed(reader, observed, probe)
            if reader.recognised:
                return name, probe, reader
    return own, probe, dialects()[own].reader(probe)


def _is_stream(observed: Observed) -> bool:
    return any(n.lower() == "content-type" and "event-stream" in v for n, v in observed.headers)


def _feed(reader: Reader, observed: Observed, probe: ProbeKind) -> None:
    if probe is not ProbeKind.STREAM:
        reader.read_body(_raw(observed))
        return
    from llmprobe.transport.framing import SseDecoder

    decoder = SseDecoder()
    for event in [*decoder.feed(_raw(observed)), *decoder.finish()]:
        reader.feed(event)


def _raw(observed: Observed) -> bytes:
    """The body. Where nobody told it, it is not empty but unknown: a client's words stand for it."""
    return (observed.body or _words(observed)).encode("utf-8", "replace")


def _words(observed: Observed) -> str:
    if observed.status is None or observed.status < 400 or observed.read_as is ReadAs.HTTP:
        return ""
    return observed.message or observed.code or _UNTOLD


def _target(provider: str | None) -> Target:
    """For the words: the provider's name, and its pages."""
    if provider is None:
        return Target("", _UNKNOWN_PROVIDER, "openai-chat", "", title="the provider")
    known = providers()[provider]
    links = Links(console=known.console, docs=known.docs, status=known.status.url if known.status else None)
    return Target(known.id, known.id, known.dialect, _address(known), title=known.title, links=links)


def _address(provider: Provider) -> str:
    """Where the catalogue can say it: an address made of variables is known to nobody here."""
    return "" if "{" in provider.base_url else provider.base_url


def _unsent(observed: Observed) -> Explanation:
    about = ABOUT[Category.MISSING_CREDENTIAL]
    reason = "the client was given no key; nothing was sent"
    return Explanation(
        observed.read_as,
        Category.MISSING_CREDENTIAL,
        about.fault,
        reason,
        about.hint,
        Confidence.CERTAIN,
        provider=observed.provider,
    )


def _explanation(observed: Observed, evidence: Evidence, verdict: Verdict) -> Explanation:
    known = _is_known(observed, verdict)
    code = evidence.error.code if evidence.error else None
    return Explanation(
        observed.read_as,
        verdict.category if known else None,
        verdict.fault if known else Fault.UNKNOWN,
        verdict.reason if known else "nothing in this error is known to llmprobe",
        verdict.hint if known else None,
        verdict.confidence if known else Confidence.GUESS,
        retry_after_s=verdict.retry_after_s,
        transient=known and verdict.transient,
        provider=observed.provider,
        http_status=observed.status,
        code=code[:_SAID_CODE] if code else None,
    )


def _is_known(observed: Observed, verdict: Verdict) -> bool:
    """
    Without a status and a failure, the rules of bare statuses rest on nothing.

    A status of success alone is no error: its body, which may hold one, was not shown.
    """
    if observed.read_as is ReadAs.STATUS and observed.status is not None and observed.status < 300:
        return False
    if observed.status is not None or observed.failure is not None or verdict.category is Category.OK:
        return True
    return verdict.category is not Category.INVALID_RESPONSE and not verdict.rule.startswith("status.")
