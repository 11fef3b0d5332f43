"""What sources outside of a run say of its failures: status pages, a router's figures of its upstreams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from llmprobe.classify import ABOUT
from llmprobe.engine.outcome.witness import Witness, testified
from llmprobe.model import Category, Confidence, Family, Fault, Result, Status
from llmprobe.model.page import PageReading, PageState, Upstreams

_THEIRS = frozenset({Family.PROVIDER, Family.TIMEOUT})
_FEW_UP = 90.0
"""Percent of the last half hour; below it an upstream counts as troubled."""


def with_outside(
    results: Sequence[Result], pages: Mapping[str, PageReading], upstreams: Mapping[str, Upstreams]
) -> list[Result]:
    """
    Results with what was read of their targets elsewhere: `pages` and `upstreams` by the target's name.

    A claim never overrules what was measured: it makes a failure of the provider's surer, gives a failure of
    unknown side to the provider where the provider itself tells of trouble, and puts a rejected key in doubt
    while there is trouble. A page that says that all is well moves nothing.
    """
    return [
        testified(r, _witnesses(r, pages.get(r.target), upstreams.get(r.target)))
        if r.status is Status.FAILED
        else r
        for r in results
    ]


def _witnesses(result: Result, page: PageReading | None, upstreams: Upstreams | None) -> Iterator[Witness]:
    if page is not None and page.state.is_trouble:
        title = page.incidents[0].title if page.incidents else page.state.replace("_", " ")
        yield _of_trouble(result, f"{page.title}'s status page tells of trouble ({title})")
    elif page is not None and page.state is PageState.OPERATIONAL and _is_theirs(result):
        yield Witness(f"{page.title}'s status page says that all is well")
    if upstreams is not None and upstreams.listed and _is_theirs(result):
        yield _of_upstreams(result, upstreams)


def _of_trouble(result: Result, words: str) -> Witness:
    if _is_theirs(result):
        return Witness(words, Confidence.CERTAIN, Fault.PROVIDER)
    if result.category is Category.AUTH and result.confidence is Confidence.CERTAIN:
        return Witness(words, Confidence.LIKELY)
    return Witness(words)


def _of_upstreams(result: Result, upstreams: Upstreams) -> Witness:
    words = f"{upstreams.up} of its {upstreams.listed} upstreams of this model are up"
    if upstreams.worst_uptime is not None and upstreams.worst_uptime < _FEW_UP:
        words += f" (one only {upstreams.worst_uptime:.0f} % of the last half hour)"
    return _of_trouble(result, words) if upstreams.up == 0 else Witness(words)


def _is_theirs(result: Result) -> bool:
    """A failure that the provider may be the cause of."""
    return ABOUT[result.category].family in _THEIRS and result.fault in (Fault.PROVIDER, Fault.UNKNOWN)
