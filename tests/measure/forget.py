"""
The classifier without what it learned from one provider: how well does it understand a stranger?

What occurs in answers of this provider and in nobody else's may be memory rather than
understanding: entries of the lexicon, identifiers and phrases of rules. They are removed, and with
them each rule that has no other literal in that condition, and the provider's own codes wherever
they are inherited. The answers are then judged as those of an unknown provider.

This is the only file here that knows how the classifier keeps its rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from msgspec.structs import replace

from llmprobe.classify import classify, clauses, own_codes, verdict, weigh
from llmprobe.classify.rule import Rule, When
from llmprobe.classify.rules.lexicon import LEXICON
from llmprobe.classify.signals import Signals, signals_of
from tests.measure.case import Case, Marked, mark

_FIELDS = ("says", "codes", "chain_says", "reasons")
_TABLES = (
    (verdict, "FRONT_DOOR"), (verdict, "NETWORK"), (verdict, "ANSWER"), (verdict, "PAGES"),
    (weigh, "UNIVERSAL"), (weigh, "STATUS"),
)  # fmt: skip
_LONGEST_PHRASE = 3
Literal = tuple[str, str]


def forgetting(cases: Sequence[Case]) -> Iterator[Marked]:
    """Each case judged by a classifier that never met its provider."""
    signals = [(case.provider, signals_of(case.evidence())) for case in cases]
    literals, words = _speakers(signals), _words_by_speaker(signals)
    for provider in sorted({case.provider for case in cases}):
        own = {literal for literal, who in literals.items() if who == {provider}}
        with _without(provider, own), _without_words({w for w, who in words.items() if who == {provider}}):
            yield from (mark(c, classify, anonymous=True) for c in cases if c.provider == provider)


def _speakers(seen: Sequence[tuple[str, Signals]]) -> dict[Literal, set[str]]:
    """For each literal of the rules, the providers in whose answers it occurs."""
    every = {literal for room, table in _TABLES for rule in getattr(room, table) for literal in _of(rule)}
    tests = [(literal, When(**{literal[0]: (literal[1],)})) for literal in sorted(every)]  # type: ignore[arg-type]
    found: dict[Literal, set[str]] = defaultdict(set)
    for provider, signals in seen:
        for literal, when in tests:
            if when.holds(signals):
                found[literal].add(provider)
    return found


def _of(rule: Rule) -> Iterator[Literal]:
    for name in _FIELDS if isinstance(rule.when, When) else ():
        yield from ((name, text) for text in getattr(rule.when, name))


def _words_by_speaker(seen: Sequence[tuple[str, Signals]]) -> dict[str, set[str]]:
    """For each entry of the lexicon, the providers in whose answers it occurs."""
    phrases: dict[str, set[str]] = defaultdict(set)
    for provider, signals in seen:
        for phrase in _phrases(f"{signals.said} {' '.join(signals.codes)}"):
            phrases[phrase].add(provider)
    entries = {entry for text in LEXICON.values() for entry in text.split()}
    return {entry: set().union(*_speaking(entry, phrases)) for entry in entries}


def _phrases(text: str) -> set[str]:
    words = [word.text for word in clauses.words_of(text)]
    plain = " ".join(words).split(" ")
    sizes = range(1, _LONGEST_PHRASE + 1)
    return {"_".join(plain[i : i + size]) for size in sizes for i in range(len(plain) - size + 1)}


def _speaking(entry: str, phrases: dict[str, set[str]]) -> Iterator[set[str]]:
    for spelled in clauses.spellings(entry):
        if not spelled.isascii():
            yield from (who for phrase, who in phrases.items() if spelled.rstrip("*") in phrase)
        elif spelled.endswith("*"):
            yield from (who for phrase, who in phrases.items() if phrase.startswith(spelled[:-1]))
        else:
            yield phrases.get(spelled, set())


@contextmanager
def _without(provider: str, own: set[Literal]) -> Iterator[None]:
    """The tables of the classifier, thinned for a while, and no own codes of this provider."""
    speakers = own_codes.speakers
    with ExitStack() as stack:
        for room, name in _TABLES:
            stack.enter_context(patch.object(room, name, _thinned(getattr(room, name), own)))
        stack.enter_context(
            patch.object(own_codes, "speakers", lambda seen: [s for s in speakers(seen) if s != provider])
        )
        yield


@contextmanager
def _without_words(own: set[str]) -> Iterator[None]:
    thinned = {
        concept: " ".join(entry for entry in text.split() if entry not in own)
        for concept, text in LEXICON.items()
    }
    clauses.forget_index()
    with patch.dict(LEXICON, thinned):
        yield
    clauses.forget_index()


def _thinned(rules: Sequence[Rule], own: set[Literal]) -> tuple[Rule, ...]:
    kept = (_thin(rule, own) for rule in rules)
    return tuple(rule for rule in kept if rule is not None)


def _thin(rule: Rule, own: set[Literal]) -> Rule | None:
    """The rule without those literals, or None where a condition would be left empty."""
    if not isinstance(rule.when, When):
        return rule
    left = {
        name: tuple(text for text in getattr(rule.when, name) if (name, text) not in own) for name in _FIELDS
    }
    if any(getattr(rule.when, name) and not left[name] for name in _FIELDS):
        return None
    return replace(rule, when=replace(rule.when, **left))
