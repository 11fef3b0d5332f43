"""A history of a million results: how long each question takes."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from llmprobe.history import History, open_history, rollup
from llmprobe.history.baseline import baselines
from llmprobe.history.columns import insert_all
from llmprobe.history.incidents import AlertRule
from llmprobe.history.queries import incidents, recent, targets
from llmprobe.history.record import record
from llmprobe.history.report import report
from llmprobe.model import Status
from tests.test_history import a_run, good

NOW = 1_760_000_000.0
TARGETS = 50
DAYS = 30
LONGEST_REPORT = "`report --since 30d` (all rows)"
COLUMNS = (
    "run_id", "at", "target", "provider", "probe", "status", "category", "fault", "reason", "ttft_s", "total_s",
)  # fmt: skip


def filled(path: Path, rows: int) -> None:
    """`rows` results of 50 targets over 30 days, one in fifty failed, written in one transaction."""
    noise = random.Random(1)
    each = DAYS * 86400 / (rows / TARGETS)
    with open_history(path) as history, history.writing() as db:
        db.execute("INSERT INTO runs VALUES (1, ?)", (NOW,))
        insert_all(db, "results", COLUMNS, _rows(rows, each, noise))
        rollup.add(db, 1, 1)
        for n in range(2000):
            at = NOW - n * 1200
            values = (f"t{n % TARGETS}", "p", "overloaded", "provider", "r", at, at, at + 600, 3)
            db.execute(
                "INSERT INTO incidents (target, provider, category, fault, reason, opened_at, confirmed_at, closed_at, failures, alone) VALUES (?,?,?,?,?,?,?,?,?,1)",
                values,
            )


def _rows(rows: int, each: float, noise: random.Random) -> Iterator[tuple[Any, ...]]:
    for n in range(rows):
        at = NOW - DAYS * 86400 + (n // TARGETS) * each
        failed = noise.random() < 0.02
        verdict = ("failed", "overloaded", "provider") if failed else ("healthy", "ok", None)
        ttft = None if failed else noise.lognormvariate(-1, 0.5)
        total = 0.1 if ttft is None else ttft + 1
        yield (1, at, f"t{n % TARGETS}", "p", "stream", *verdict, "answered", ttft, total)


def questions(history: History) -> dict[str, Callable[[], object]]:
    """The commands' own queries."""
    return {
        "`history` (all targets)": lambda: [recent(history, t, 40) for t in targets(history)],
        "`history TARGET`": lambda: recent(history, "t7", 50),
        "`incidents --since 30d`": lambda: incidents(history, NOW - 30 * 86400),
        "`report --since 7d`": lambda: report(history, NOW - 7 * 86400, NOW),
        LONGEST_REPORT: lambda: report(history, NOW - 30 * 86400, NOW),
        "`report --since 30d -f html`, its cells": lambda: report(
            history, NOW - 30 * 86400, NOW, with_cells=True
        ),
        "`baseline TARGET`": lambda: baselines(history, NOW, "t7"),
        "`baseline` (all targets)": lambda: baselines(history, NOW),
        "record a run of 20": lambda: record(
            history,
            a_run(NOW + 1, *(good(f"t{n}") for n in range(20))),
            AlertRule(),
            lambda r: r.status is Status.FAILED,
        ),
    }


def rows(count: int = 1_000_000) -> Iterator[tuple[str, float]]:
    """(question, milliseconds of CPU), the best of three."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        filled(path, count)
        with open_history(path) as history:
            for name, ask in questions(history).items():
                yield name, min(_timed(ask) for _ in range(3)) * 1000


def _timed(ask: Callable[[], object]) -> float:
    started = time.process_time()
    ask()
    return time.process_time() - started


if __name__ == "__main__":
    for name, took in rows():
        print(f"| {name} | {took:.0f} |")
