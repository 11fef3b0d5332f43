"""What the past says about a fresh result: it supports, or it softens."""

from __future__ import annotations

from msgspec.structs import replace

from llmprobe.durations import format_duration
from llmprobe.history.baseline import LEAST_N, baseline
from llmprobe.history.store import History
from llmprobe.model import Category, Confidence, Result, Run

WORKED_LATELY_S = 86400.0


def with_past(run: Run, history: History) -> Run:
    """The run with what its history adds, as notes and hints. Raises HistoryError."""
    return replace(run, results=tuple(_with_past(r, history, run.started_at_utc) for r in run.results))


def _with_past(result: Result, history: History, now: float) -> Result:
    if result.category is Category.AUTH:
        return _auth(result, history, now)
    if result.category is Category.SLOW:
        return _slow(result, history, now)
    return result


def _auth(result: Result, history: History, now: float) -> Result:
    """A key that worked a moment ago is rarely wrong: it was changed, or their sign-in fails."""
    with history.reading() as db:
        (last,) = db.execute(
            "SELECT max(at) FROM results WHERE target = ? AND provider = ? AND at < ?"
            " AND status IN ('healthy', 'degraded') AND probe NOT IN ('edge', 'models')",
            (result.target, result.provider, now),
        ).fetchone()
    if last is None or now - last > WORKED_LATELY_S:
        return result
    ago = format_duration(now - last)
    note = f"this target's key worked {ago} ago"
    hint = f"it worked {ago} ago: if nobody has changed or revoked the key since, their sign-in is failing"
    surely = result.confidence is Confidence.CERTAIN
    return replace(
        result,
        notes=(*result.notes, note),
        hint=hint,
        reason=f"{result.reason}; {note}",
        confidence=Confidence.LIKELY if surely else result.confidence,
        evidence=(*result.evidence, note),
    )


def _slow(result: Result, history: History, now: float) -> Result:
    name, value = (
        ("ttft", result.timings.ttft_s)
        if result.timings.ttft_s is not None
        else ("total", result.timings.total_s)
    )
    usual = baseline(history, result.target, result.probe, name, now)
    if value is None or usual.n < LEAST_N or usual.p95_s is None:
        return result
    word = "slower than" if value > usual.p95_s else "within"
    note = f"{word} its own p95 at this hour ({name} {format_duration(usual.p95_s)}, n = {usual.n})"
    return replace(result, notes=(*result.notes, note))
