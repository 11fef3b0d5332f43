"""`llmprobe.hour/1`: what an hour of `watch` costs at most, while nothing fails."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from llmprobe.durations import format_duration
from llmprobe.model.watching import Cost
from llmprobe.reports.interface import Look
from llmprobe.reports.parts.rich_text import plain_table


class HourOfTarget(Struct, frozen=True):
    """One target: its probes, the seconds between them, requests and tokens in an hour."""

    target: str
    probes: Sequence[str]
    every_s: float
    requests: int
    max_tokens: int


class Hour(Struct, frozen=True, tag_field="schema", tag="llmprobe.hour/1"):
    """All targets, the sum, and the budget that it has to fit into."""

    targets: Sequence[HourOfTarget]
    requests: int
    max_tokens: int
    tokens_per_hour: int | None


def document(costs: Sequence[Cost], tokens_per_hour: int | None) -> Hour:
    rows = [
        HourOfTarget(c.target, [str(p) for p in c.probes], c.every_s, c.requests, c.tokens) for c in costs
    ]
    requests, tokens = sum(c.requests for c in costs), sum(c.tokens for c in costs)
    return Hour(rows, requests, tokens, tokens_per_hour)


def text(costs: Sequence[Cost], tokens_per_hour: int | None, look: Look) -> str:
    """For people."""
    whole = document(costs, tokens_per_hour)
    rows = [
        [
            row.target,
            ", ".join(row.probes),
            format_duration(row.every_s),
            f"{row.requests:,}",
            f"{row.max_tokens:,}",
        ]
        for row in whole.targets
    ]
    head = ["target", "probes", "every", "requests/h", "tokens/h at most"]
    budget = "" if tokens_per_hour is None else f", of a budget of {tokens_per_hour:,}"
    summary = (
        f"an hour: {whole.requests:,} requests, at most {whole.max_tokens:,} tokens{budget}; nothing was sent"
    )
    return f"{plain_table(head, rows, look, spare=('probes', 'every'))}\n{summary}\n"
