"""What several reports say of a result in the same words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from llmprobe.counts import counted, money
from llmprobe.durations import format_duration
from llmprobe.model import SIDE_WORDS, Result, Run, Status, excused_by
from llmprobe.model.cost import known_usd, total

_EVIDENCE_SHOWN = 3


def excusing_group(run: Run, result: Result) -> str | None:
    """The name of the group that works without this member, if that excuses its failure."""
    group = excused_by(run.groups, result)
    return None if group is None else group.name


def label(result: Result) -> str:
    """`claude stream`."""
    return f"{result.target} {result.probe}"


def side(result: Result) -> str:
    return SIDE_WORDS[result.fault] if result.fault else ""


def cost_line(results: Sequence[Result]) -> str | None:
    """`used 48 tokens in 3 requests, about $0.000011`; None where nothing was counted or is to be paid."""
    parts = [result.spent for result in results if result.spent is not None]
    whole = total(parts)
    tokens = whole.input + whole.output
    usd, unknown = known_usd(parts)
    if not tokens and not usd:
        return None
    priced = f", about {money(usd)}" if usd else ""
    rest = f"; the cost of {counted(unknown, 'probe')} is not known" if unknown and usd else ""
    return f"used {counted(tokens, 'token')} in {counted(whole.requests, 'request')}{priced}{rest}"


def how_sure(result: Result) -> str | None:
    """How sure the verdict is, by which evidence, and what else it could be; None for what works."""
    if result.status is not Status.FAILED or not result.evidence:
        return None
    line = f"{result.confidence}: {'; '.join(result.evidence[:_EVIDENCE_SHOWN])}"
    if result.runner_up is None:
        return line
    return f"{line} · else {result.runner_up}: {'; '.join(result.runner_up_evidence[:_EVIDENCE_SHOWN])}"


def explanation(result: Result) -> Iterator[str]:
    """Lines for a person who has only this text: what, whose side, what now, and the facts for support."""
    yield f"{result.status}: {result.category}" + (f" ({side(result)})" if result.fault else "")
    yield result.reason
    if result.hint:
        yield f"what to do: {result.hint}"
    yield from (f"note: {note}" for note in result.notes)
    yield f"endpoint: {result.endpoint}"
    if result.http.status is not None:
        yield f"HTTP status: {result.http.status}"
    if result.http.request_id:
        yield f"request id: {result.http.request_id}"
    if result.retry_after_s is not None:
        yield f"retry after: {format_duration(result.retry_after_s)}"
