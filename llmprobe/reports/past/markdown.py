"""The report over a time as Markdown, for a weekly note."""

from __future__ import annotations

from llmprobe.durations import format_duration
from llmprobe.model import CATEGORY_WORDS, SIDE_WORDS
from llmprobe.model.past import PastReport
from llmprobe.reports.markdown import escaped, table
from llmprobe.reports.past.text import REPORT_HEAD, causes, hours, lasted, moment, percent, percentiles


def render(report: PastReport) -> str:
    """Availability, then incidents."""
    lines = [f"# LLM APIs, {moment(report.since_utc)} to {moment(report.until_utc)} UTC", ""]
    lines += table(
        list(REPORT_HEAD),
        [
            [
                escaped(row.target), percent(row.uptime), str(row.n), str(row.failed), str(row.incidents),
                format_duration(row.mean_recovery_s), causes(row),
                percentiles(row.ttft if row.ttft.n else row.total), hours(row),
            ]
            for row in report.targets
        ],
    )  # fmt: skip
    if report.incidents:
        lines += ["", "## Incidents", ""]
        lines += table(
            ["began (UTC)", "lasted", "target", "what", "side", "failures", "reason"],
            [
                [
                    moment(i.opened_at_utc),
                    lasted(i, report.until_utc),
                    escaped(i.target),
                    CATEGORY_WORDS[i.category],
                    SIDE_WORDS[i.fault] if i.fault else "",
                    str(i.failures),
                    escaped(i.reason),
                ]
                for i in report.incidents
            ],
        )
    return "\n".join(lines) + "\n"
