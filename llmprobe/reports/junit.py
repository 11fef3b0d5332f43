"""
JUnit XML, as Jenkins, GitLab and GitHub's report actions read it.

A failed probe is a `failure` whose type is the category; a bug of ours is an `error`; what was
skipped, and the failed member of a group that works, is `skipped`.
"""

from __future__ import annotations

from collections.abc import Sequence

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from llmprobe.dates import format_utc
from llmprobe.model import Category, Result, Run, Status
from llmprobe.reports.interface import Look
from llmprobe.reports.parts.facts import excusing_group, explanation, label


def render(run: Run, look: Look) -> str:
    """One suite for each target, one case for each probe."""
    xml = JUnitXml("llmprobe")
    for target in dict.fromkeys(r.target for r in run.results):
        xml.add_testsuite(_suite(run, target, [r for r in run.results if r.target == target]))
    if not run.results:
        xml.add_testsuite(_suite(run, "llmprobe", []))
    text: bytes = xml.tostring()  # type: ignore[no-untyped-call]
    return text.decode("utf-8") + "\n"


def _suite(run: Run, name: str, results: Sequence[Result]) -> TestSuite:
    """The properties of cases stand here, as `stream.ttft_ms`: no schema allows them in a case."""
    suite = TestSuite(_legal(name))
    suite.timestamp = format_utc(run.started_at_utc).split(".", 1)[0]
    suite.add_property("conclusion", _legal(run.conclusion))
    suite.add_property("exit_code", str(int(run.exit_code)))
    for result in results:
        suite.add_testcase(_case(run, result))
        for fact, value in _properties(result):
            suite.add_property(f"{result.probe}.{fact}", _legal(value))
    suite.update_statistics()  # type: ignore[no-untyped-call]
    return suite


def _case(run: Run, result: Result) -> TestCase:
    case = TestCase(_legal(label(result)), f"llmprobe.{result.provider}", result.timings.total_s)
    words = _legal("\n".join(explanation(result)))
    message = _legal(result.reason + (f"; {result.hint}" if result.hint else ""))
    group = excusing_group(run, result)
    if result.category is Category.INTERNAL:
        case.result = [_with_text(Error(message, str(result.category)), words)]
    elif result.status is Status.SKIPPED:
        case.result = [Skipped(message, str(result.category))]
    elif result.status is Status.FAILED and group is not None:
        case.result = [Skipped(f"group {group} works without it: {message}", str(result.category))]
    elif result.status is Status.FAILED:
        case.result = [_with_text(Failure(message, str(result.category)), words)]
    if result.works:
        case.system_out = words
    return case


def _with_text(outcome: Error | Failure, text: str) -> Error | Failure:
    outcome.text = text
    return outcome


def _properties(result: Result) -> list[tuple[str, str]]:
    """Only what is known: an absent figure is no property."""
    timings = result.timings
    facts = (
        ("status", result.status), ("category", result.category), ("fault", result.fault),
        ("model", result.model), ("http_status", result.http.status), ("request_id", result.http.request_id),
        ("ttft_ms", _ms(timings.ttft_s)), ("total_ms", _ms(timings.total_s)),
    )  # fmt: skip
    return [(name, str(value)) for name, value in facts if value is not None]


def _ms(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds * 1000:.1f}"


def _legal(text: str) -> str:
    """Without the control characters that XML 1.0 cannot carry (a server may have sent them)."""
    return "".join(
        c if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" else "?"
        for c in text
    )
