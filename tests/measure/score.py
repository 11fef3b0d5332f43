"""Figures over marked cases, and the table that shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.measure.case import Marked


@dataclass(frozen=True)
class Score:
    """Of one set: its size, three shares in percent, and how often the wrong side was accused."""

    name: str
    n: int
    strict: float
    lenient: float
    side: float
    wrong: int


def score(name: str, marked: Sequence[Marked]) -> Score:
    return Score(
        name,
        len(marked),
        _percent(m.strict for m in marked),
        _percent(m.lenient for m in marked),
        _percent(m.side for m in marked),
        sum(m.accuses_wrongly for m in marked),
    )


def table(scores: Iterable[Score]) -> Iterator[str]:
    yield f"{'set':<22}{'n':>6}{'strict %':>10}{'lenient %':>11}{'side %':>9}{'accused wrongly':>17}"
    for s in scores:
        yield f"{s.name:<22}{s.n:>6}{s.strict:>10.1f}{s.lenient:>11.1f}{s.side:>9.1f}{s.wrong:>17}"


def worst(name: str, marked: Iterable[Marked]) -> Iterator[str]:
    """A line for each verdict that is not the best one, the gravest first."""
    for m in sorted(marked, key=lambda m: (not m.accuses_wrongly, m.lenient, m.strict, m.side)):
        if m.accuses_wrongly or not (m.strict and m.side and m.wait):
            yield f"{_gravity(m):<8} {name}/{m.case.id}: {_got(m)} by {m.verdict.rule}; {_wanted(m)}"


def _percent(hits: Iterable[bool]) -> float:
    every = list(hits)
    return round(100 * sum(every) / len(every), 1) if every else 0.0


def _gravity(m: Marked) -> str:
    if m.accuses_wrongly:
        return "ACCUSED"
    if not m.lenient:
        return "MISS"
    if not m.strict:
        return "lenient"
    return "side" if not m.side else "wait"


def _got(m: Marked) -> str:
    wait = "" if m.verdict.retry_after_s is None else f" wait {m.verdict.retry_after_s:g}s"
    return f"{m.verdict.category}/{m.verdict.fault}{wait}"


def _wanted(m: Marked) -> str:
    also = f", also {' '.join(m.case.also)}" if m.case.also else ""
    wait = f" wait {m.case.wait_s:g}s" if m.case.wait_s is not None else ""
    return f"expected {m.case.category}/{'|'.join(m.case.faults)}{wait}{also}"
