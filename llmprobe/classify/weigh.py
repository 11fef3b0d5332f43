"""The API spoke of an error: every piece of evidence is read, and agreement decides."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from llmprobe.classify.categories import ABOUT
from llmprobe.classify.clauses import Clause, clause_of_identifier, clauses_of, identifiers_in
from llmprobe.classify.decision import Decision
from llmprobe.classify.findings import Finding, Weight
from llmprobe.classify.limits import Limit, limit_of
from llmprobe.classify.own_codes import own_codes
from llmprobe.classify.rule import Meaning, Rule, When
from llmprobe.classify.rules.lexicon import COMPLAINTS, SUBJECTS, Concept
from llmprobe.classify.rules.meanings import MEANINGS
from llmprobe.classify.rules.status import STATUS, UNIVERSAL
from llmprobe.classify.signals import Signals
from llmprobe.model import Category as C
from llmprobe.model import Confidence, Evidence, Fault
from llmprobe.providers import OwnCode

_SUPPORT = 6
_LATE = 3
_LIMITS = frozenset({C.RATE_LIMITED, C.QUOTA_EXHAUSTED})
_KEY_STATUSES = frozenset({401, 403, 498})
_SAY_ONE_THING = frozenset({401, 402})
_TOO_LATE = frozenset({504, 524})
"""What took too long is not too long itself."""
_GONE = frozenset({404, 410})
_FEATURELESS = frozenset({C.BAD_REQUEST, C.WRONG_ENDPOINT})
_FRAMED = frozenset({C.BAD_REQUEST, C.SERVER_ERROR})


def decide(evidence: Evidence, signals: Signals) -> Decision:
    """The category with the weightiest and best supported evidence; the status always is one piece of it."""
    findings = sorted(
        _findings(evidence, signals), key=lambda f: (-f.weight, f.rule.fault is None, _RANK.get(f.rule.id, 0))
    )
    scores = _scores(findings)
    best, *others = sorted(scores, key=lambda category: -scores[category])
    top = next(f for f in findings if f.category is best)
    second = others[0] if others else None
    against = any(
        Weight.AGAINST - _LATE <= f.weight <= Weight.AGAINST and f.category is not best for f in findings
    )
    return Decision(
        rule=top.rule,
        category=best,
        confidence=_confidence(top, scores[best], against=against),
        limit=next((f.limit for f in findings if f.category is best and f.limit), None),
        evidence=_sources(findings, best),
        runner_up=second,
        runner_up_evidence=_sources(findings, second),
    )


def _sources(findings: list[Finding], category: C | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f.source for f in findings if f.category is category))


def _scores(findings: list[Finding]) -> dict[C, int]:
    """The weightiest finding of each category, and a little for each other kind of evidence that agrees."""
    scores: dict[C, int] = {}
    for category in dict.fromkeys(f.category for f in findings):
        mine = [f for f in findings if f.category is category]
        kinds = {f.source.split(" ", 1)[0] for f in mine if f.weight > Weight.AGAINST}
        scores[category] = mine[0].weight + _SUPPORT * max(0, len(kinds) - 1)
    return scores


def _confidence(best: Finding, score: int, *, against: bool) -> Confidence:
    if against and best.weight <= Weight.BROAD and not best.source.startswith("words"):
        # a label such as `unauthenticated` only echoes the status
        return Confidence.GUESS
    if best.weight <= Weight.STATUS:
        unsure = against or best.weight < Weight.ADVICE - _LATE
        return Confidence.GUESS if unsure else Confidence.LIKELY
    if best.weight >= Weight.IDENTIFIER or (best.weight >= Weight.STATED and score > best.weight):
        return Confidence.CERTAIN
    return Confidence.LIKELY


def _findings(evidence: Evidence, signals: Signals) -> Iterator[Finding]:
    own = list(own_codes(evidence, signals))
    found = [*_own(own), *_identifiers(signals), *_words(signals), *_status(signals)]
    limit = (
        limit_of(evidence, signals, period=next((e.period for _, e in own if e.period), None))
        if any(f.category in _LIMITS for f in found)
        else None
    )
    return (_by_limit(finding, limit) for finding in found)


def _by_limit(finding: Finding, limit: Limit | None) -> Finding:
    """Period and reset decide between rate limit and quota, except where the provider's own code has."""
    limited = finding.category in _LIMITS or (
        limit is not None and limit.far and finding.category is C.OVERLOADED
    )
    fixed = finding.weight >= Weight.OWN_CODE or finding.rule.futile or not limited
    if limit is None or fixed or (finding.weight >= Weight.IDENTIFIER and not limit.strong):
        return finding
    return replace(
        finding, category=limit.category, limit=limit.limit, source=f"{finding.source}; {limit.sign}"
    )


def _own(own: list[tuple[Rule, OwnCode]]) -> Iterator[Finding]:
    for rule, entry in own:
        weight = Weight.BROAD if entry.broad else Weight.OWN_CODE
        yield Finding(rule, rule.category, weight, f"code {rule.id}")


def _identifiers(signals: Signals) -> Iterator[Finding]:
    """Identifiers that mean the same wherever they appear."""
    for rule in UNIVERSAL:
        if _when(rule).holds(signals):
            yield _identified(rule, next(c for c in signals.codes if c in _when(rule).codes), signals)
    for code in (*signals.codes, *identifiers_in(signals.said)):
        clause = clause_of_identifier(code)
        rule_or_none = (
            next((rule for rule in MEANINGS if _meaning(rule).stated(clause)), None) if clause else None
        )
        if rule_or_none is not None:
            yield _identified(rule_or_none, code, signals)


def _identified(rule: Rule, code: str, signals: Signals) -> Finding:
    weight = Weight.BROAD if rule.broad else Weight.IDENTIFIER
    if rule.broad and rule.category in _FRAMED and (signals.http_status or 0) >= 400:
        weight = Weight.CATCH_ALL  # `invalid_request_error` comes with every status
    if rule.broad and isinstance(rule.when, Meaning) and not rule.when.agrees(rule.category, signals):
        weight = Weight.HINT
    return Finding(rule, rule.category, weight, f"identifier {code}")


def _words(signals: Signals) -> Iterator[Finding]:
    missing = _is_missing(signals)
    for clause in clauses_of(signals.said, keys=signals.status in _KEY_STATUSES):
        stated = [(rule, Weight.STATED) for rule in MEANINGS if _states(rule, clause)]
        mentioned = [(rule, Weight.MENTIONED) for rule in MEANINGS if _meaning(rule).mentioned(clause)]
        for rule, weight in stated[:2] or mentioned[:1]:
            yield Finding(
                rule,
                rule.category,
                _weighed(rule, weight, clause, signals) - min(clause.sentence, _LATE),
                f"words {_named(clause)}",
            )
        if not stated and missing and Concept.MODEL in clause.tags:
            yield Finding(
                _NO_MODEL,
                _NO_MODEL.category,
                Weight.MENTIONED,
                "words model, beside what is not found",
            )


def _is_missing(signals: Signals) -> bool:
    """Whether status or identifier say that something is not there, but not what: `not_found_error`."""
    clauses = [clause_of_identifier(code) for code in signals.codes]
    return signals.http_status in _GONE or any(
        clause is not None and Concept.ABSENT in clause.tags and not clause.tags & SUBJECTS
        for clause in clauses
    )


def _weighed(rule: Rule, weight: int, clause: Clause, signals: Signals) -> int:
    if clause.foreign and rule.category is not C.BAD_REQUEST:
        return Weight.HINT
    if not _meaning(rule).agrees(rule.category, signals):
        return Weight.AGAINST if weight >= Weight.STATED and _contradicts(rule, signals) else Weight.HINT
    if clause.advice and not rule.telling:
        return Weight.ADVICE
    if not clause.tags & COMPLAINTS:
        return Weight.MENTIONED
    if rule.vague:
        return Weight.BROAD
    return Weight.STATED_BROADLY if rule.broad and weight == Weight.STATED else weight


def _contradicts(rule: Rule, signals: Signals) -> bool:
    """Whether the words put the failure on another side than the status, or speak of another thing."""
    status = signals.http_status or 0
    if rule.category in _FEATURELESS and (status < 500 or status in _TOO_LATE or rule.vague):
        return False
    told = Fault.PROVIDER if status >= 500 else Fault.CLIENT
    return status in _SAY_ONE_THING or ABOUT[rule.category].fault is not told


def _states(rule: Rule, clause: Clause) -> bool:
    return _meaning(rule).stated(clause) or (rule.telling and _meaning(rule).mentioned(clause))


def _named(clause: Clause) -> str:
    return ", ".join(sorted(clause.tags))


def _status(signals: Signals) -> Iterator[Finding]:
    rule = next((rule for rule in STATUS if _when(rule).holds(signals)), None)
    if rule is not None:
        weight = Weight.UNSURE if rule.sure is Confidence.GUESS else Weight.STATUS
        yield Finding(rule, rule.category, weight, f"status {signals.status}")


def _meaning(rule: Rule) -> Meaning:
    assert isinstance(rule.when, Meaning)
    return rule.when


def _when(rule: Rule) -> When:
    assert isinstance(rule.when, When)
    return rule.when


_RANK = {rule.id: rank for rank, rule in enumerate(MEANINGS)}
_NO_MODEL = next(rule for rule in MEANINGS if rule.id == "says.no_model")
