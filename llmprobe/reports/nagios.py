"""
A Nagios or Icinga plugin's one line, with performance data and the plugin's own exit codes.

Source: Monitoring Plugins Development Guidelines (output, performance data, return codes).
"""

from __future__ import annotations

from collections.abc import Iterator

from llmprobe.model import ExitCode, Limit, Result, Run, Status
from llmprobe.model.timed import TIMED
from llmprobe.reports.interface import Look

OK, WARNING, CRITICAL, UNKNOWN = 0, 1, 2, 3
_WORDS = {OK: "OK", WARNING: "WARNING", CRITICAL: "CRITICAL", UNKNOWN: "UNKNOWN"}


def render(run: Run, look: Look) -> str:
    data = " ".join(_performance(run))
    return f"{_line(exit_code(run), run.conclusion)}{' | ' + data if data else ''}\n"


def refusal(message: str) -> tuple[str, int]:
    """A wrong set-up is unknown, too: the line, and the plugin's exit code."""
    return f"{_line(UNKNOWN, message)}\n", UNKNOWN


def _line(code: int, text: str) -> str:
    """`LLMPROBE CRITICAL - …`; a pipe would begin the performance data."""
    return f"LLMPROBE {_WORDS[code]} - {' '.join(text.replace('|', '/').split())}"


def exit_code(run: Run, *, interrupted: bool = False) -> int:
    """
    The plugin's exit code: what `--fail-on` counts is critical, what is degraded a warning.

    A run in which nothing was probed, or of which we know too little, is unknown.
    """
    if interrupted:
        return UNKNOWN
    if run.exit_code in (ExitCode.FAILED, ExitCode.CLIENT, ExitCode.NETWORK):
        only_skipped = not any(r.status is Status.FAILED for r in run.results)
        return UNKNOWN if only_skipped else CRITICAL
    if run.exit_code is ExitCode.DEGRADED or (run.exit_code is ExitCode.OK and run.status is Status.DEGRADED):
        return WARNING
    return OK if run.exit_code is ExitCode.OK else UNKNOWN


def _performance(run: Run) -> Iterator[str]:
    """`'claude stream ttft'=0.310s;2;5;0;`: only of targets that work, only what was measured."""
    for result in run.results:
        if not result.works:
            continue
        for name in dict.fromkeys(["ttft", "total", *result.limits]):
            value = TIMED[name].of(result.timings)
            if value is not None:
                limit = result.limits.get(name, Limit())
                bounds = f"{_bound(limit.warn_s)};{_bound(limit.crit_s)};0;"
                yield f"'{_label(result, name)}'={value:.6f}s;{bounds}"


def _label(result: Result, name: str) -> str:
    return f"{result.target} {result.probe} {name}".replace("'", "").replace("=", "_").replace("|", "/")


def _bound(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:g}"
