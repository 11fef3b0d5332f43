"""Beyond the verdict: thresholds, expectations, and what a working answer still gives away."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from llmprobe.classify import ABOUT
from llmprobe.counts import counted
from llmprobe.durations import format_duration
from llmprobe.engine.outcome.buffering import held_back
from llmprobe.engine.outcome.results import tokens_of
from llmprobe.engine.probing.attempt import Observed
from llmprobe.model import Answer, Category, Finish, ProbeKind, RateLimit, Target, Verdict
from llmprobe.model.timed import TIMED, TOKENS_PER_SECOND
from llmprobe.providers.catalog import providers
from llmprobe.providers.naming import Naming, naming
from llmprobe.providers.tasks import TOOL_NAME

RETIRING_DAYS = 60

Finding = tuple[Category, str]
_SLOW = Category.SLOW
_ORDER = (
    Category.EXPECTATION,
    Category.MODEL_MISMATCH,
    Category.BUFFERED,
    Category.SLOW,
    Category.RETIRING,
    Category.LOW_HEADROOM,
    Category.CERT_EXPIRING,
)
"""Which finding gives its name to a degraded answer."""


def judge(
    seen: Observed, target: Target, limits: RateLimit, lag_s: float = 0.0
) -> tuple[Verdict, tuple[str, ...]]:
    """
    The final verdict of one attempt, and notes on all else that was noticed.

    A failure stays what it is. A working answer is degraded by the first of the
    findings below; the others become notes. What `lag_s`, our own lateness on the
    user clock, could explain is uncertain: a note, and no `slow`.
    """
    verdict = seen.verdict
    if verdict.category is not Category.OK:
        return verdict, ()
    notes = list(_notes(seen, target))
    findings = [found for check in _CHECKS for found in check(seen, target, limits)]
    slow = list(_slow(seen, target))
    findings += [(Category.SLOW, s.text) for s in slow if s.excess_s > lag_s]
    critical = {_SLOW} if any(s.critical and s.excess_s > lag_s for s in slow) else set()
    critical |= {Category.CERT_EXPIRING} if _certificate_is_critical(seen, target) else set()
    notes += [
        f"{s.text}: uncertain, this machine was late by up to {format_duration(lag_s)}"
        for s in slow
        if s.excess_s <= lag_s
    ]
    if not findings:
        return verdict, tuple(notes)
    findings.sort(key=lambda finding: (finding[0] not in critical, _ORDER.index(finding[0])))
    (category, reason), rest = findings[0], findings[1:]
    about = ABOUT[category]
    notes += [text for _, text in rest]
    degraded = replace(
        verdict,
        category=category,
        fault=about.fault,
        reason=reason,
        hint=about.hint,
        rule=f"policy.{category}",
        critical=category in critical,
        runner_up=None,
        evidence=(),
        runner_up_evidence=(),
    )
    return degraded, tuple(notes)


def _notes(seen: Observed, target: Target) -> Iterator[str]:
    answer = seen.evidence.answer
    if seen.adapted:
        yield seen.adapted
    yield from target.notes
    if answer is not None and answer.recognised and not answer.ended and answer.terminator:
        yield f"the stream ended without {answer.terminator}, after a finish reason: whole to SDKs"
    if seen.verdict.rule == "answer.thinking_only":
        yield "the token limit ended the answer before any text, as reasoning models do"
    if seen.evidence.probe is ProbeKind.MODELS and _list_is_public(target):
        yield "this list is public: it proves nothing about the key"
    found = _naming(seen, target)
    if answer is not None and (found is Naming.ROLLING or (found is Naming.OTHER and _renames(target))):
        yield f"asked for {target.model}, answered by {answer.model}"
    if _is_canned(seen):
        yield f"the answer does not repeat the word asked for, “{seen.ask.challenge}”: a cache, or a mock?"
    if answer is not None and answer.models is not None and target.model:
        known = {info.id for info in answer.models}
        if known and target.model not in known:
            listed = counted(len(known), "model")
            yield f"{target.model} is not in the list of {listed} (aliases often are not)"


def _list_is_public(target: Target) -> bool:
    provider = providers().get(target.provider)
    return provider is not None and provider.public_models


def _is_canned(seen: Observed) -> bool:
    """Whether a whole answer ignores the random word. Only told: small models do not always obey."""
    answer, probe = seen.evidence.answer, seen.evidence.probe
    if answer is None or probe not in (ProbeKind.CHAT, ProbeKind.STREAM) or answer.finish is not Finish.STOP:
        return False
    return bool(answer.text) and seen.ask.challenge not in answer.text.lower()


def _expectation(seen: Observed, target: Target, _: RateLimit) -> Iterator[Finding]:
    expect, answer, probe = target.expect, seen.evidence.answer, seen.evidence.probe
    if answer is None:
        return
    if probe is ProbeKind.EMBEDDINGS:
        if expect.dimension and answer.dimension != expect.dimension:
            yield (
                Category.EXPECTATION,
                f"the embedding has {answer.dimension} dimensions, not {expect.dimension}",
            )
        return
    if probe is ProbeKind.TOOLS and (answer.tool_name != TOOL_NAME or not _called_with_word(answer)):
        yield Category.EXPECTATION, "the model did not call the tool with the word it was given"
    if probe is ProbeKind.JSON and not _has_word(answer.text):
        yield Category.EXPECTATION, "the answer is not JSON of the demanded shape"
    if probe not in (ProbeKind.CHAT, ProbeKind.STREAM):
        return
    if expect.contains and expect.contains not in answer.text:
        yield Category.EXPECTATION, f"the answer does not contain “{expect.contains}”"
    if expect.regex and not re.search(expect.regex, answer.text):
        yield Category.EXPECTATION, f"the answer does not match “{expect.regex}”"
    if expect.challenge and seen.ask.challenge not in answer.text.lower():
        yield Category.EXPECTATION, f"the answer does not hold the word asked for, “{seen.ask.challenge}”"
    if expect.schema is not None and not _fits(answer.text, expect.schema):
        yield Category.EXPECTATION, "the answer does not fit the schema"
    if expect.pointer is not None and not _points_to(answer.text, expect.pointer, expect.equals):
        yield Category.EXPECTATION, f"the answer has not what “{expect.pointer}” should lead to"


def _mismatch(seen: Observed, target: Target, _: RateLimit) -> Iterator[Finding]:
    """Only where the catalogue knows the vendor: gateways and local servers rename models at will."""
    found = _naming(seen, target)
    answered = seen.evidence.answer.model if seen.evidence.answer else None
    if found is Naming.REPLACED:
        yield Category.RETIRING, f"{target.model} is served by its replacement, {answered}: name that one"
    elif found is Naming.OTHER and not _renames(target):
        yield Category.MODEL_MISMATCH, f"asked for {target.model}, answered by {answered}"


def _naming(seen: Observed, target: Target) -> Naming | None:
    """How the answer's model stands to the one asked for; None where nothing can be compared."""
    answer, provider = seen.evidence.answer, providers().get(target.provider)
    if answer is None or not answer.model or not target.model or provider is None:
        return None
    if target.dialect == "azure-openai" or provider.id == "azure" or target.wire.body.keys() & _FALLBACKS:
        return None
    return naming(provider, target.model, answer.model)


_FALLBACKS = {"fallbacks", "models", "route"}
"""A request with one of these asks for other models itself (Anthropic, OpenRouter)."""


def _renames(target: Target) -> bool:
    provider = providers()[target.provider]
    return provider.relay or provider.local


def _buffered(seen: Observed, _: Target, __: RateLimit) -> Iterator[Finding]:
    """A stream in one piece: no stream at all, or one that was held back on the way."""
    if seen.buffered_body:
        yield Category.BUFFERED, "a stream was asked for and one whole body came"
    elif (how := held_back(seen.exchange)) is not None:
        yield Category.BUFFERED, how


class _Slow(Struct, frozen=True):
    """A figure beyond its threshold, and by how many seconds."""

    text: str
    excess_s: float
    critical: bool


def _slow(seen: Observed, target: Target) -> Iterator[_Slow]:
    """Critical ones first; a figure that is beyond both of its limits is told once."""
    timings, limits = seen.exchange.timings, target.thresholds
    found = []
    for name, timed in TIMED.items():
        warn, crit = getattr(limits, f"{name}_s"), limits.critical.get(name)
        if (warn, crit) != (None, None) and (slow := _beyond(timed.words, timed.of(timings), warn, crit)):
            found.append(slow)
    found += _sluggish(seen, target)
    yield from sorted(found, key=lambda s: not s.critical)


def _beyond(name: str, value: float | None, warn: float | None, crit: float | None) -> _Slow | None:
    for limit, word in ((crit, "critical limit"), (warn, "limit")):
        if value is not None and limit is not None and value > limit:
            text = f"{name} {format_duration(value)}, {word} {format_duration(limit)}"
            return _Slow(text, value - limit, limit is crit)
    return None


def _sluggish(seen: Observed, target: Target) -> list[_Slow]:
    """Fewer tokens a second than the limit; a rate that n cannot carry is not judged."""
    warn, crit = target.thresholds.tokens_per_second, target.thresholds.critical.get(TOKENS_PER_SECOND)
    if warn is None and crit is None:
        return []
    rate = tokens_of(seen).per_second
    for least, word in ((crit, "critical limit"), (warn, "limit")):
        if rate is not None and least is not None and rate < least:
            return [_Slow(f"{rate:.3g} tokens/s, {word} {least:g}", float("inf"), least is crit)]
    return []


def _retiring(seen: Observed, target: Target, _: RateLimit) -> Iterator[Finding]:
    day = _listed_end(seen, target) or target.retires_on
    if day is None:
        return
    try:
        left = (date.fromisoformat(day) - datetime.now(UTC).date()).days
    except ValueError:
        return
    if 0 <= left <= RETIRING_DAYS:
        yield Category.RETIRING, f"{target.model} ends on {day} (in {counted(left, 'day')})"


def _listed_end(seen: Observed, target: Target) -> str | None:
    models = seen.evidence.answer.models if seen.evidence.answer else None
    return next((info.retires_on for info in models or () if info.id == target.model), None)


def _headroom(_: Observed, target: Target, limits: RateLimit) -> Iterator[Finding]:
    wanted = target.thresholds.headroom
    for name, window in (("requests", limits.requests), ("tokens", limits.tokens)):
        left = window.left if window else None
        if wanted is not None and left is not None and left < wanted:
            yield Category.LOW_HEADROOM, f"{left:.0%} of the {name} window left"


def _certificate(seen: Observed, target: Target, _: RateLimit) -> Iterator[Finding]:
    left_s, days = _certificate_left_s(seen), target.thresholds.cert_days
    soon = days is not None and left_s is not None and left_s < days * 86400
    if soon or _certificate_is_critical(seen, target):
        yield Category.CERT_EXPIRING, f"the certificate ends in {format_duration(left_s)}"


def _certificate_is_critical(seen: Observed, target: Target) -> bool:
    left_s, days = _certificate_left_s(seen), target.thresholds.cert_critical_days
    return days is not None and left_s is not None and left_s < days * 86400


def _certificate_left_s(seen: Observed) -> float | None:
    return seen.exchange.tls.expires_in_s if seen.exchange.tls else None


_CHECKS: tuple[Callable[[Observed, Target, RateLimit], Iterator[Finding]], ...] = (
    _expectation, _mismatch, _buffered, _retiring, _headroom, _certificate,
)  # fmt: skip


def _has_word(text: str) -> bool:
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return _holds_word(value)


def _holds_word(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("word"), str)


def _fits(text: str, schema: Mapping[str, Any]) -> bool:
    """Whether an answer is JSON of that schema; the validator is an extra that the plan has checked for."""
    import jsonschema

    try:
        jsonschema.validate(json.loads(text), schema)
    except (ValueError, jsonschema.ValidationError, jsonschema.SchemaError):
        return False
    return True


def _called_with_word(answer: Answer) -> bool:
    """Arguments came as text (OpenAI, Cohere) or as an object (Anthropic, Gemini, Ollama)."""
    return _holds_word(answer.tool_input) or _has_word(answer.tool_arguments or "")


def _points_to(text: str, pointer: str, wanted: Any) -> bool:
    """RFC 6901, with `equals` where it is given."""
    try:
        value = json.loads(text)
        for step in pointer.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            value = value[int(key)] if isinstance(value, list) else value[key]
    except (ValueError, LookupError, TypeError):
        return False
    return wanted is None or bool(value == wanted)
