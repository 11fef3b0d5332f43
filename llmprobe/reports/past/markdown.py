"""The report over a time as Markdown, for a weekly note."""

from __future__ import annotations

from collections.abc import Iterator

from llmprobe.model import CATEGORY_WORDS, SIDE_WORDS
from llmprobe.model.past import PastReport
from llmprobe.reports.markdown import escaped, table
from llmprobe.reports.past.text import REPORT_HEAD, report_row
from llmprobe.reports.past.words import headline, lasted, lead, moment, together, together_words
from llmprobe.version import __version__


def render(report: PastReport) -> str:
    """The sentence, availability, incidents, and the rules in force."""
    span = f"{moment(report.since_utc)} to {moment(report.until_utc)} UTC"
    lines = [f"**{escaped(headline(report))}.**", "", f"# LLM APIs, {span}", ""]
    lines += table(list(REPORT_HEAD), [[escaped(row.target), *report_row(row)[1:]] for row in report.targets])
    if report.incidents:
        lines += ["", "## Incidents", "", *_incidents(report)]
    if report.rules:
        lines += ["", "## Rules in force", "", *(f"- {escaped(rule)}" for rule in report.rules)]
    return "\n".join([*lines, "", f"Made by llmprobe {__version__}."]) + "\n"


def _incidents(report: PastReport) -> Iterator[str]:
    until = report.until_utc
    rows = [
        [
            moment(i.opened_at_utc),
            lasted(i, until),
            escaped(i.target),
            CATEGORY_WORDS[i.category],
            SIDE_WORDS[i.fault] if i.fault else "",
            str(i.failures),
            lead(i),
            escaped(i.reason),
        ]
        for i in report.incidents
    ]
    yield from table(
        ["began (UTC)", "lasted", "target", "what", "side", "failures", "their page", "reason"], rows
    )
    same = [together_words(found, report) for found in together(report.incidents, until)]
    yield from ("", *(f"- {escaped(words)}" for words in same)) if same else ()
