"""What a request costs: at most, before it is sent; and what it has cost, from the answer or list prices."""

from __future__ import annotations

from llmprobe.engine.probing.attempt import Observed
from llmprobe.model import Exchange, ProbeKind, Target, Tokens
from llmprobe.model.cost import Spent
from llmprobe.providers.prices import price_of

_MOST_TOKENS = 1_000_000_000
"""A count beyond this is no count."""
FREE = (ProbeKind.EDGE, ProbeKind.MODELS)
"""Probes that no provider charges for."""


def forecast_usd(target: Target, probe: ProbeKind, input_tokens: int, output_tokens: int) -> float | None:
    """USD at list prices for so many tokens; None where no list knows the model."""
    if probe in FREE:
        return 0.0
    price = price_of(target.provider, target.model)
    return None if price is None else price.of(input_tokens, output_tokens)


def spent(target: Target, seen: Observed, tokens: Tokens) -> Spent:
    """
    What one request has cost.

    A refusal costs nothing, and neither does what was never sent. What broke off without a count may have
    cost something: that is unknown.
    """
    exchange, answer = seen.exchange, seen.evidence.answer
    if exchange.timings.sent_s is None and exchange.status is None:
        return Spent()
    if _is_free(exchange, seen.evidence.probe):
        return Spent(requests=1)
    counts = _counts(tokens, seen.evidence.probe)
    said = answer.usage.cost_usd if answer is not None else None
    if said is not None:
        return Spent(1, *(counts or (0, 0)), said, "answer")
    if counts is None:
        return Spent(requests=1, usd=None)
    price = price_of(target.provider, target.model, answer.model if answer else None)
    usd = None if price is None else price.of(*counts)
    return Spent(1, *counts, usd, None if usd is None else "list")


def _is_free(exchange: Exchange, probe: ProbeKind) -> bool:
    return probe in FREE or (exchange.status is not None and exchange.status >= 400)


def _counts(tokens: Tokens, probe: ProbeKind) -> tuple[int, int] | None:
    """Input and output as the server counted them; embeddings have no output."""
    output = 0 if probe is ProbeKind.EMBEDDINGS else tokens.output
    if tokens.counted_by != "server" or tokens.input is None or output is None:
        return None
    return (tokens.input, output) if max(tokens.input, output) <= _MOST_TOKENS else None
