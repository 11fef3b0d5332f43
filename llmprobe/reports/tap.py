"""TAP 14: one test point for each result, its facts as a YAML block."""

from __future__ import annotations

import re
from collections.abc import Iterator

from llmprobe.json_text import compact
from llmprobe.model import Result, Run, Status
from llmprobe.reports.interface import Look
from llmprobe.reports.parts.facts import excusing_group, label

_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


def render(run: Run, look: Look) -> str:
    lines = ["TAP version 14", f"1..{len(run.results)}"]
    if not run.results:
        lines[1] += f" # SKIP {_line(run.conclusion)}"
    for number, result in enumerate(run.results, 1):
        lines.append(_point(run, number, result))
        lines += _block(result)
    lines += [f"# {_line(run.conclusion)}"]
    return "\n".join(lines) + "\n"


def _point(run: Run, number: int, result: Result) -> str:
    """A failed member of a group that works is a TODO: told, and not counted."""
    word = "not ok" if result.status is Status.FAILED else "ok"
    point = f"{word} {number} - {_escaped(label(result))}"
    group = excusing_group(run, result)
    if result.status is Status.SKIPPED:
        return f"{point} # SKIP {_escaped(result.reason)}"
    if result.status is Status.FAILED and group is not None:
        return f"{point} # TODO group {_escaped(group)} works without it"
    return point


def _block(result: Result) -> Iterator[str]:
    """The facts as a mapping of scalars."""
    facts = {
        "status": result.status, "category": result.category, "fault": result.fault,
        "message": result.reason, "hint": result.hint, "http_status": result.http.status,
        "request_id": result.http.request_id, "ttft_s": result.timings.ttft_s,
        "duration_s": result.timings.total_s,
    }  # fmt: skip
    yield "  ---"
    yield from (f"  {name}: {_scalar(value)}" for name, value in facts.items() if value is not None)
    yield "  ..."


def _scalar(value: object) -> str:
    """JSON that is YAML too, whatever a server has said: what YAML cannot print is escaped, pairs are not."""
    text = compact(value)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _escaped(text: str) -> str:
    return _line(text).replace("\\", "\\\\").replace("#", "\\#")


def _line(text: str) -> str:
    return " ".join(text.split())
