"""The classifier: the first rule that holds, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmprobe.classify.categories import ABOUT
from llmprobe.classify.reasons import facts_of, limit_hit
from llmprobe.classify.retry_after import retry_after_s
from llmprobe.classify.rule import Rule
from llmprobe.classify.rules import ANSWER, NETWORK, SPOKEN
from llmprobe.classify.signals import Signals, signals_of
from llmprobe.durations import format_duration
from llmprobe.model import Category, Evidence, Family, Fault, Links, ProbeKind, Target, Verdict

_ANSWERED_EDGE = frozenset({400, 401, 403, 404, 405, 406, 415, 421, 422, 426, 429})
_IN_STREAM_GENERIC = (Category.SERVER_ERROR, Category.BAD_REQUEST, Category.GATEWAY, Category.WRONG_ENDPOINT)
_WAITING_HELPS = (Family.LIMIT, Family.PROVIDER, Family.TIMEOUT)


def classify(evidence: Evidence, target: Target | None = None) -> Verdict:
    """
    What the evidence means.

    Args:
        evidence: All that was observed of one attempt.
        target: For the words of reason and hint; the verdict does not depend on it.

    Returns:
        Always a verdict: what no rule knows is `invalid_response` with fault unknown.
    """
    signals = signals_of(evidence)
    rule = _first(_tables(signals), signals)
    if rule is None:
        return Verdict(Category.INVALID_RESPONSE, Fault.UNKNOWN, "no rule knows this answer")
    if evidence.probe is ProbeKind.EDGE and _edge_answered(signals, rule):
        return Verdict(Category.OK, None, "the API answers (no key was sent)", rule="edge.answered")
    category = _in_stream(rule, signals)
    return _verdict(rule, category, evidence, signals, target)


def _tables(signals: Signals) -> Sequence[Rule]:
    if signals.kind is not None:
        return NETWORK
    spoke_error = signals.has_error or signals.http_status is None or not 200 <= signals.http_status < 300
    if spoke_error:
        return SPOKEN
    return _PAGES_AND_ANSWERS if signals.html else ANSWER


def _first(rules: Sequence[Rule], signals: Signals) -> Rule | None:
    return next((rule for rule in rules if rule.when.holds(signals)), None)


def _edge_answered(signals: Signals, rule: Rule) -> bool:
    """Keyless, any answer of the API itself proves the way to it, a refusal too."""
    if signals.html or signals.kind is not None:
        return False
    return signals.http_status in _ANSWERED_EDGE or rule.category in (Category.OK, Category.EMPTY_RESPONSE)


def _in_stream(rule: Rule, signals: Signals) -> Category:
    """An error inside a 200 stream that says nothing specific is just that: an error in the stream."""
    if signals.in_stream and signals.probe is ProbeKind.STREAM and rule.category in _IN_STREAM_GENERIC:
        return Category.STREAM_ERROR
    return rule.category


def _verdict(
    rule: Rule, category: Category, evidence: Evidence, signals: Signals, target: Target | None
) -> Verdict:
    about = ABOUT[category]
    fault = (rule.fault or about.fault) if category is rule.category else about.fault
    facts = facts_of(evidence, signals, target) if "{" in rule.reason else {}
    wait = retry_after_s(evidence) if about.family in _WAITING_HELPS and not rule.futile else None
    transient = about.transient if rule.transient is None else rule.transient
    should_retry = signals.headers.get("x-should-retry")
    if should_retry in ("true", "false"):
        transient = should_retry == "true"
    return Verdict(
        category=category,
        fault=fault,
        reason=_reason(rule, facts, wait),
        hint=_hint(rule, category, target.links if target else Links()),
        retry_after_s=wait,
        transient=transient,
        rule=rule.id,
        limit=rule.limit or (limit_hit(signals) if about.family is Family.LIMIT else None),
    )


def _reason(rule: Rule, facts: Mapping[str, str], wait_s: float | None) -> str:
    reason = " ".join(rule.reason.format_map(facts).split())
    return reason if wait_s is None else f"{reason}; retry in {format_duration(wait_s)}"


_LINKED = {
    Category.AUTH: "console",
    Category.PERMISSION: "console",
    Category.QUOTA_EXHAUSTED: "console",
    Category.RATE_LIMITED: "docs",
    Category.OVERLOADED: "status",
    Category.SERVER_ERROR: "status",
    Category.GATEWAY: "status",
    Category.STREAM_ERROR: "status",
    Category.TIMEOUT_HEADERS: "status",
    Category.TIMEOUT_FIRST_TOKEN: "status",
}


def _hint(rule: Rule, category: Category, links: Links) -> str | None:
    hint = rule.hint or ABOUT[category].hint
    link = getattr(links, _LINKED[category]) if category in _LINKED else None
    return f"{hint} ({link})" if hint and link else hint or None


_PAGES_AND_ANSWERS = (*(rule for rule in SPOKEN if rule.when.html), *ANSWER)
