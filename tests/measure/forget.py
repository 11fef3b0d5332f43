"""
The classifier without what it learned from one provider: how well does it understand a stranger?

A literal (a phrase, a code, a part of one) that occurs in answers of this provider and in nobody
else's may be memory rather than understanding. It is removed, and with it each rule that has no
other literal in that condition, and each rule made for this provider alone. The answers are then
judged as those of an unknown provider, so that no code of its catalogue entry helps.

This is the only file here that knows how the classifier keeps its rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from msgspec.structs import replace

from llmprobe.classify import classify, verdict
from llmprobe.classify.rule import Rule, When
from llmprobe.classify.signals import signals_of
from tests.measure.case import Case, Marked, mark

_FIELDS = ("says", "says_also", "codes", "code_has", "chain_says", "reasons")
_TABLES = ("SPOKEN", "NETWORK", "ANSWER", "_PAGES_AND_ANSWERS")
Literal = tuple[str, str]


def forgetting(cases: Sequence[Case]) -> Iterator[Marked]:
    """Each case judged by a classifier that never met its provider."""
    speakers = _speakers(cases)
    for provider in sorted({case.provider for case in cases}):
        own = {literal for literal, who in speakers.items() if who == {provider}}
        with _without(provider, own):
            yield from (mark(c, classify, anonymous=True) for c in cases if c.provider == provider)


def _speakers(cases: Sequence[Case]) -> dict[Literal, set[str]]:
    """For each literal of the rules, the providers in whose answers it occurs."""
    every = sorted(
        {literal for table in _TABLES for rule in getattr(verdict, table) for literal in _of(rule)}
    )
    tests = [(literal, When(**{literal[0]: (literal[1],)})) for literal in every]  # type: ignore[arg-type]
    found: dict[Literal, set[str]] = defaultdict(set)
    for case in cases:
        signals = signals_of(case.evidence())
        for literal, when in tests:
            if when.holds(signals):
                found[literal].add(case.provider)
    return found


def _of(rule: Rule) -> Iterator[Literal]:
    for name in _FIELDS:
        yield from ((name, text) for text in getattr(rule.when, name))


@contextmanager
def _without(provider: str, own: set[Literal]) -> Iterator[None]:
    """The tables of the classifier, thinned for a while."""
    with ExitStack() as stack:
        for name in _TABLES:
            stack.enter_context(patch.object(verdict, name, _thinned(getattr(verdict, name), provider, own)))
        yield


def _thinned(rules: Sequence[Rule], provider: str, own: set[Literal]) -> tuple[Rule, ...]:
    kept = (_thin(rule, own) for rule in rules if rule.when.providers != (provider,))
    return tuple(rule for rule in kept if rule is not None)


def _thin(rule: Rule, own: set[Literal]) -> Rule | None:
    """The rule without those literals, or None where a condition would be left empty."""
    left = {
        name: tuple(text for text in getattr(rule.when, name) if (name, text) not in own) for name in _FIELDS
    }
    if any(getattr(rule.when, name) and not left[name] for name in _FIELDS):
        return None
    return replace(rule, when=replace(rule.when, **left))
