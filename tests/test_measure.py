"""The classifier may not judge worse than it did: recorded figures for each set, and sets worth measuring on."""

from __future__ import annotations

from collections import Counter

import pytest

from llmprobe.classify import status_of
from llmprobe.model import Category, Status
from llmprobe.providers import providers
from tests.measure import own, shared
from tests.measure.__main__ import main
from tests.measure.score import Score, score
from tests.measure.sets import OWN, RECORDED

FIGURES: dict[str, tuple[float, float, float, int]] = {
    "public": (97.4, 100.0, 99.6, 0),
    "negatives": (98.0, 100.0, 98.0, 0),
    "languages": (100.0, 100.0, 100.0, 0),
    "tempting": (95.3, 100.0, 100.0, 0),
    "fresh": (92.2, 99.6, 98.2, 0),
    "synonyms": (95.6, 99.2, 97.6, 0),
    "envelopes": (96.8, 99.9, 99.6, 0),
    "fresh synonyms": (89.5, 97.4, 94.7, 2),
    "fresh envelopes": (90.5, 99.5, 98.0, 1),
    "statuses": (96.6, 98.9, 100.0, 0),
    "forgetting public": (89.5, 93.4, 96.9, 2),
}
"""Strict, lenient and side in percent, and wrong accusations. Raise them when the classifier gets better."""

RECORDED_FIGURES: dict[str, tuple[float, float, float, int]] = {
    "failures": (100.0, 100.0, 99.2, 0),
    "failures-2": (94.4, 100.0, 100.0, 0),
    "forgetting": (91.2, 98.0, 95.3, 4),
}

NOT_FROM_EVIDENCE = {c for c in Category if status_of(c) in (Status.DEGRADED, Status.SKIPPED)} | {
    Category.MISSING_CREDENTIAL,
    Category.INTERNAL,
}
"""Decided by thresholds and expectations, or before anything is sent: not the classifier's."""


def _is_no_worse(found: Score, figures: tuple[float, float, float, int]) -> None:
    strict, lenient, side, wrong = figures
    assert found.strict >= strict, found
    assert found.lenient >= lenient, found
    assert found.side >= side, found
    assert found.wrong <= wrong, found


@pytest.mark.parametrize("name", OWN)
def test_a_set_of_our_own_is_judged_no_worse_than_recorded(name: str) -> None:
    _is_no_worse(score(name, OWN[name]()), FIGURES[name])


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_failures_are_judged_no_worse_than_recorded(name: str) -> None:
    marked = RECORDED[name]()
    if not marked:
        pytest.skip("the recordings are not beside this checkout")
    _is_no_worse(score(name, marked), RECORDED_FIGURES[name])


def test_the_public_corpus_covers_every_provider_and_every_category() -> None:
    cases = list(own.cases("public"))

    assert len(cases) >= 150
    assert {case.provider for case in cases} == set(providers())
    assert {case.category for case in cases} == {str(c) for c in Category} - {
        str(c) for c in NOT_FROM_EVIDENCE
    }


@pytest.mark.parametrize(
    ("name", "least"), [("negatives", 120), ("languages", 40), ("tempting", 60), ("fresh", 200)]
)
def test_a_set_is_large_enough_to_mean_something(name: str, least: int) -> None:
    assert len(list(own.cases(name))) >= least


def test_labels_use_the_words_of_the_design() -> None:
    for case in own.every():
        assert {case.category, *case.also} <= set(Category), case.id
        assert case.category not in case.also, case.id
        assert case.faults, case.id
        assert set(case.faults) <= {"provider", "client", "network", "unknown"}, case.id
    assert [i for i, n in Counter(case.id for case in own.every()).items() if n > 1] == []


def test_no_case_of_our_own_is_a_copy_of_a_recording() -> None:
    """Facts are taken from the world, payloads are not."""
    recorded = {
        c.body for path in (shared.KNOWN, shared.NEWER) for c in shared.cases(path) if len(c.body) > 60
    }
    if not recorded:
        pytest.skip("the recordings are not beside this checkout")

    assert [case.id for case in own.every() if case.body in recorded] == []


def test_the_table_has_a_line_for_each_set_and_lists_misses_when_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["-v", "tempting", "negatives"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["set", "n", "strict"]
    assert [line.split()[0] for line in lines[1:3]] == ["tempting", "negatives"]
    assert all("expected" in line for line in lines[3:] if line)
