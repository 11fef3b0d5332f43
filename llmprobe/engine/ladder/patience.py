"""How long a rung of the ladder may take: it is given up well before a probe would be."""

from __future__ import annotations

from msgspec.structs import replace

from llmprobe.model import Target, Timeouts

_USUAL = Timeouts()
QUESTION = Timeouts(total_s=12.0, connect_s=8.0, headers_s=10.0)
"""For what costs nothing: the request without a key, and the list of models."""
ANSWER = Timeouts(total_s=20.0, connect_s=8.0)
"""For an answer of the model."""


def patient(target: Target, most: Timeouts) -> Target:
    """
    The target with deadlines of a rung, and without retries: a diagnosis is about this moment.

    Answers of a target whose own `timeout` is longer than usual may take that long: its model is slow.
    """
    own = target.timeouts
    slow = most is ANSWER and own.total_s > _USUAL.total_s
    limits = replace(
        own,
        total_s=own.total_s if slow else min(own.total_s, most.total_s),
        connect_s=_least(own.connect_s, most.connect_s),
        headers_s=_least(own.headers_s, most.headers_s),
    )
    return replace(target, timeouts=limits, retries=0)


def _least(one: float | None, other: float | None) -> float | None:
    return min((limit for limit in (one, other) if limit is not None), default=None)
