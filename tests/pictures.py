"""
The pictures of the report in `examples/`: histories of our own making, drawn by a headless Chromium.

`python -m tests.pictures [FOLDER]` makes them again; without a folder, in `examples/`.
"""

from __future__ import annotations

import math
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from llmprobe.history import open_history
from llmprobe.history.incidents import AlertRule
from llmprobe.history.record import record
from llmprobe.history.report import report
from llmprobe.model import (
    Category,
    ExitCode,
    Fault,
    RateLimit,
    Result,
    Run,
    Status,
    Timings,
    Window,
)
from llmprobe.model.past import PastReport
from llmprobe.reports.past import html
from tests.integration.browser import browse
from tests.runs import result
from tests.support import ROOT

NOW = 1_764_003_600.0
"""Monday, 24 November 2025, 17:00 UTC."""
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
TARGETS = (
    ("claude", "anthropic", 0.42),
    ("claude-batch", "anthropic", 0.55),
    ("gpt", "openai", 0.31),
    ("gemini", "gemini", 0.38),
    ("local", "ollama", 0.12),
)
RULES = (
    "An outage begins after 2 failed runs in a row and ends after one good run.",
    "A target is degraded beyond ttft 2 s, total 10 s (failed beyond 30 s).",
)
Verdict = tuple[Status, Category, Fault | None, str]
OVERLOADED: Verdict = (
    Status.FAILED, Category.OVERLOADED, Fault.PROVIDER, "Anthropic says that it is overloaded (HTTP 529)",
)  # fmt: skip
KEY: Verdict = (
    Status.FAILED, Category.AUTH, Fault.CLIENT, "OpenAI rejects the key: “Incorrect API key provided”",
)  # fmt: skip
SLOW: Verdict = (Status.DEGRADED, Category.SLOW, None, "first token after 2.6 s, limit 2 s")
GATEWAY: Verdict = (Status.FAILED, Category.GATEWAY, Fault.PROVIDER, "HTTP 502 from the front door")
Plan = Callable[[str, float, random.Random], Verdict | None]


def week(target: str, at: float, noise: random.Random) -> Verdict | None:
    """Ninety minutes of an outage at one vendor, one key that was rejected, and odd failures."""
    ago = NOW - at
    if target.startswith("claude") and 5.15 * DAY - 90 * MINUTE < ago <= 5.15 * DAY:
        return OVERLOADED
    if target == "gpt" and 2 * DAY - 3 * HOUR < ago <= 2 * DAY - 2.2 * HOUR:
        return KEY
    if target == "gemini" and noise.random() < 0.004:
        return GATEWAY
    if target == "claude" and noise.random() < 0.01:
        return SLOW
    return None


def first_day(target: str, at: float, noise: random.Random) -> Verdict | None:
    if target == "claude" and 70 * MINUTE < NOW - at <= 85 * MINUTE:
        return OVERLOADED
    return SLOW if target == "gemini" and noise.random() < 0.04 else None


def month(target: str, at: float, noise: random.Random) -> Verdict | None:
    ago = NOW - at
    if target.startswith("claude") and 19.2 * DAY < ago <= 19.2 * DAY + 3 * HOUR:
        return OVERLOADED
    if target == "gemini" and 9 * DAY < ago <= 9 * DAY + 50 * MINUTE:
        return GATEWAY
    return week(target, at, noise)


def past(plan: Plan, lasts_s: float, every_s: float, asked_s: float) -> PastReport:
    """A history as runs would have left it, and the report over it."""
    noise = random.Random(7)
    rule = AlertRule(confirm=2)
    with tempfile.TemporaryDirectory() as folder, open_history(Path(folder) / "h.db") as history:
        for run in _runs(plan, lasts_s, every_s, noise):
            record(history, run, rule, lambda r: r.status is Status.FAILED)
        return replace(report(history, NOW - asked_s, NOW, with_cells=True), rules=RULES)


def _runs(plan: Plan, lasts_s: float, every_s: float, noise: random.Random) -> Iterator[Run]:
    at = NOW - lasts_s + 20
    while at < NOW:
        results = [
            _result(name, provider, usual, plan(name, at, noise), at, noise)
            for name, provider, usual in TARGETS
        ]
        yield Run("0", at, 0.0, Status.HEALTHY, "", ExitCode.OK, results)
        at += every_s + noise.uniform(-2, 2)


def _result(
    name: str, provider: str, usual: float, verdict: Verdict | None, at: float, noise: random.Random
) -> Result:
    busy = 1 + 0.35 * math.sin(2 * math.pi * ((at % DAY) / DAY - 0.35))
    ttft = usual * busy * noise.lognormvariate(0, 0.22)
    status, category, fault, reason = verdict or (Status.HEALTHY, Category.OK, None, "answered")
    if status is Status.DEGRADED:
        ttft = 2.6
    left = 0.35 + 0.3 * (2 - busy) + noise.uniform(-0.05, 0.05)
    worked = status is not Status.FAILED
    return result(
        name, status, category, fault, provider=provider, reason=reason,
        timings=Timings(ttft_s=ttft, total_s=ttft + 0.4) if worked else Timings(total_s=0.3),
        rate_limit=RateLimit(Window(1000, 1000 * left), Window(100_000, 100_000 * left**2)) if worked and provider != "ollama" else RateLimit(),
    )  # fmt: skip


HISTORIES: dict[str, Callable[[], PastReport]] = {
    "first-day": lambda: past(first_day, 5 * HOUR, 5 * MINUTE, 7 * DAY),
    "week": lambda: past(week, 7 * DAY, 5 * MINUTE, 7 * DAY),
    "month": lambda: past(month, 30 * DAY, 20 * MINUTE, 30 * DAY),
}
SHOTS = {
    "report-first-day": ("first-day", 1000, False),
    "report-week": ("week", 1000, False),
    "report-week-dark": ("week", 1000, True),
    "report-week-phone": ("week", 400, False),
    "report-month": ("month", 1000, False),
}
"""A picture, and its history, width and darkness."""


def shot(page: Path, picture: Path, width: int, height: int, *, dark: bool) -> None:
    """Draw a page. Raises CalledProcessError where the browser cannot."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        raise SystemExit("the pictures need Chromium")
    with tempfile.TemporaryDirectory() as profile:
        scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
        flags = f"--window-size={width},{height}", f"--screenshot={picture}", scheme
        browse(browser, Path(profile), page.as_uri(), *flags).check_returncode()


def main(arguments: Sequence[str]) -> None:
    folder = Path(arguments[0]) if arguments else ROOT / "examples"
    with tempfile.TemporaryDirectory() as scratch:
        pages = {}
        for name, make in HISTORIES.items():
            pages[name] = Path(scratch) / f"{name}.html"
            pages[name].write_text(html.render(make()))
        for name, (history, width, dark) in SHOTS.items():
            shot(pages[history], folder / f"{name}.png", width, 900 if width > 500 else 1400, dark=dark)
            print(f"{name}.png: {(folder / f'{name}.png').stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
