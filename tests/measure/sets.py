"""Every set of cases, judged: what the table prints and the test gates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from llmprobe.classify import classify
from tests.measure import mutate, own, shared
from tests.measure.case import Case, Marked, mark
from tests.measure.forget import forgetting


def _judged(cases: Iterator[Case]) -> list[Marked]:
    return [mark(case, classify) for case in cases]


def _recorded() -> list[Case]:
    return [*shared.cases(shared.KNOWN), *shared.cases(shared.NEWER)]


OWN: Mapping[str, Callable[[], list[Marked]]] = {
    **{name: lambda name=name: _judged(own.cases(name)) for name in own.SETS},  # type: ignore[misc]
    "synonyms": lambda: _judged(mutate.synonyms(own.every(own.WORKED_ON))),
    "envelopes": lambda: _judged(mutate.envelopes(own.every(own.WORKED_ON))),
    "fresh synonyms": lambda: _judged(mutate.synonyms(own.cases("fresh"))),
    "fresh envelopes": lambda: _judged(mutate.envelopes(own.cases("fresh"))),
    "statuses": lambda: _judged(mutate.statuses([*own.cases("public"), *own.cases("languages")])),
    "forgetting public": lambda: list(forgetting(list(own.cases("public")))),
}
"""Sets that every clone has."""

RECORDED: Mapping[str, Callable[[], list[Marked]]] = {
    "failures": lambda: _judged(shared.cases(shared.KNOWN)),
    "failures-2": lambda: _judged(shared.cases(shared.NEWER)),
    "forgetting": lambda: list(forgetting(_recorded())),
}
"""Sets of recorded failures: empty where the files are absent."""
