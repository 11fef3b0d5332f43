"""What was used and what it cost."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct


class Spent(Struct, frozen=True):
    """
    Requests, the tokens that servers counted, and USD.

    Attributes:
        usd: None where a part of it is not known; never 0 for what is unknown.
        source: Whose figure `usd` is: `answer` (the server said it), `list` (tokens at list prices), `both`
            in a sum; None where nothing was to be paid or it is not known.
    """

    requests: int = 0
    input: int = 0
    output: int = 0
    usd: float | None = 0.0
    source: str | None = None


def total(parts: Iterable[Spent]) -> Spent:
    """The sum; its `usd` is None as soon as one part is not known."""
    requests = tokens_in = tokens_out = 0
    usd: float | None = 0.0
    sources = set()
    for part in parts:
        requests += part.requests
        tokens_in += part.input
        tokens_out += part.output
        usd = None if usd is None or part.usd is None else usd + part.usd
        sources |= {part.source} - {None}
    source = (sources.pop() if len(sources) == 1 else "both") if sources and usd is not None else None
    return Spent(requests, tokens_in, tokens_out, usd, source)


def known_usd(parts: Iterable[Spent]) -> tuple[float, int]:
    """USD of the parts that are known, and how many are not."""
    each = [part.usd for part in parts]
    return sum(usd for usd in each if usd is not None), sum(usd is None for usd in each)
