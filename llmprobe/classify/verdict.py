"""The classifier: who spoke, what the evidence comes to, and what follows from it."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence

from llmprobe.classify.categories import ABOUT
from llmprobe.classify.decision import Decision
from llmprobe.classify.reasons import facts_of, limit_hit
from llmprobe.classify.retry_after import retry_after_s
from llmprobe.classify.rule import Rule, When
from llmprobe.classify.rules import ANSWER, FRONT_DOOR, NETWORK, PAGES
from llmprobe.classify.signals import Signals, signals_of
from llmprobe.dates import format_utc
from llmprobe.durations import format_duration
from llmprobe.model import Category, Confidence, Evidence, Family, Fault, Links, ProbeKind, Target, Verdict

_ANSWERED_EDGE = frozenset({400, 401, 403, 404, 405, 406, 415, 421, 422, 426, 429})
_IN_STREAM_GENERIC = (Category.SERVER_ERROR, Category.BAD_REQUEST, Category.GATEWAY, Category.WRONG_ENDPOINT)
_ROUTERS_OWN = frozenset({Category.WRONG_ENDPOINT, Category.AUTH, Category.QUOTA_EXHAUSTED})
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
    decision = _decide(evidence, signals)
    if evidence.probe is ProbeKind.EDGE and _edge_answered(signals, decision.rule):
        return Verdict(Category.OK, None, "the API answers (no key was sent)", rule="edge.answered")
    return _verdict(decision, _in_stream(decision, signals), evidence, signals, target)


def _decide(evidence: Evidence, signals: Signals) -> Decision:
    """The first rule that holds reads the network, front doors and answers; an API's errors are weighed."""
    if signals.kind is not None:
        return _by(_first(NETWORK, signals))
    if signals.has_error or signals.http_status is None or not 200 <= signals.http_status < 300:
        page = _first(FRONT_DOOR, signals)
        return _by(page) if page is not None else _weighed(evidence, signals)
    return _by(_first(PAGES if signals.html else ANSWER, signals))


def _weighed(evidence: Evidence, signals: Signals) -> Decision:
    from llmprobe.classify.weigh import (
        decide,
    )  # words and meanings are read only where an API spoke of an error

    return decide(evidence, signals)


def _by(rule: Rule | None) -> Decision:
    """The decision of one rule alone."""
    if rule is None:
        return Decision(_UNKNOWN, _UNKNOWN.category, Confidence.GUESS)
    unknown = rule.fault is Fault.UNKNOWN
    return Decision(
        rule,
        rule.category,
        rule.sure or (Confidence.LIKELY if unknown else Confidence.CERTAIN),
        evidence=(rule.example,),
    )


def _first(rules: Sequence[Rule], signals: Signals) -> Rule | None:
    return next((rule for rule in rules if isinstance(rule.when, When) and rule.when.holds(signals)), None)


_UNKNOWN = Rule(
    "none",
    Category.INVALID_RESPONSE,
    When(),
    "no rule knows this answer",
    "llmprobe's own last resort",
    "HTTP 999",
)


def _edge_answered(signals: Signals, rule: Rule) -> bool:
    """Keyless, any answer of the API itself proves the way to it, a refusal too."""
    if signals.html or signals.kind is not None:
        return False
    return signals.http_status in _ANSWERED_EDGE or rule.category in (Category.OK, Category.EMPTY_RESPONSE)


def _in_stream(decision: Decision, signals: Signals) -> Category:
    """An error inside a 200 stream that says nothing specific is just that: an error in the stream."""
    rule = decision.rule
    vague = rule.broad or rule.id.startswith("status.") or rule.fault is not None
    generic = decision.category in _IN_STREAM_GENERIC and vague
    if signals.in_stream and signals.probe is ProbeKind.STREAM and generic:
        return Category.STREAM_ERROR
    return decision.category


def _verdict(
    decision: Decision, category: Category, evidence: Evidence, signals: Signals, target: Target | None
) -> Verdict:
    rule, about = decision.rule, ABOUT[category]
    if category is Category.AUTH and not evidence.key_sent:
        rule = _no_key()
    facts = facts_of(evidence, signals, target) if "{" in rule.reason else {}
    wait = retry_after_s(evidence) if about.family in _WAITING_HELPS and not rule.futile else None
    return Verdict(
        category=category,
        fault=_fault(decision, category, signals),
        reason=_reason(rule, facts, wait) + _retired(category, evidence, target),
        hint=_hint(rule, category, target.links if target else Links()),
        retry_after_s=wait,
        transient=_is_transient(rule, category, signals),
        rule=rule.id,
        limit=(decision.limit or rule.limit or limit_hit(signals))
        if about.family is Family.LIMIT
        else rule.limit,
        confidence=decision.confidence,
        runner_up=decision.runner_up,
        evidence=decision.evidence,
        runner_up_evidence=decision.runner_up_evidence,
    )


def _no_key() -> Rule:
    from llmprobe.classify.rules.status import NO_KEY

    return NO_KEY


def _fault(decision: Decision, category: Category, signals: Signals) -> Fault | None:
    """A guess accuses nobody; a rule may know better than its category whose side it is."""
    if decision.confidence is Confidence.GUESS:
        return Fault.UNKNOWN
    if category is Category.RATE_LIMITED and signals.upstream:
        return Fault.PROVIDER  # the limit is the one that the router has with the provider behind it
    if category in _ROUTERS_OWN and signals.upstream and "byok" not in signals.codes:
        return Fault.UNKNOWN  # key and address that failed there are the router's as likely as yours
    if category is decision.rule.category and decision.rule.fault is not None:
        return decision.rule.fault
    return ABOUT[category].fault


def _is_transient(rule: Rule, category: Category, signals: Signals) -> bool:
    """The server's own word on retrying wins."""
    should_retry = signals.headers.get("x-should-retry")
    if should_retry in ("true", "false"):
        return should_retry == "true"
    return ABOUT[category].transient if rule.transient is None else rule.transient


def _reason(rule: Rule, facts: Mapping[str, str], wait_s: float | None) -> str:
    reason = re.sub(r":? *$|(?: \(\))", "", " ".join(rule.reason.format_map(facts).split()))
    return reason if wait_s is None else f"{reason}; retry in {format_duration(wait_s)}"


def _retired(category: Category, evidence: Evidence, target: Target | None) -> str:
    """What the catalogue knows of the end of a model that is not there any more."""
    ends = target.retires_on if target and category is Category.MODEL_NOT_FOUND else None
    if ends is None or ends > format_utc(evidence.now_s or time.time())[: len(ends)]:
        return ""
    return f"; it was retired on {ends}"


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
