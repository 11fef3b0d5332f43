"""The screen of `watch`: what stays at every width and height."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len
from rich.console import Console

from llmprobe.model import Category, Fault, Status
from llmprobe.model.past import Change, ChangeKind, Incident, Spread
from llmprobe.model.watching import Begun, Row, Standing, Update
from llmprobe.monitor.rows import Rows
from llmprobe.reports.interface import Look
from llmprobe.reports.live import screen, summary
from tests.runs import GOOD, MIXED, result

NOW = 1_700_000_900.0


def row(name: str, status: Status, category: Category, fault: Fault | None = None, **more: object) -> Row:
    values: dict[str, object] = {
        "since_utc": NOW - 900, "latency": 0.412, "spread": Spread(64, 0.39, 0.81), "headroom": 0.9,
        "cells": [Status.HEALTHY] * 50 + [status] * 5, "next_in_s": 12.3, **more,
    }  # fmt: skip
    return Row(name, result(name, status, category, fault), **values)  # type: ignore[arg-type]


ROWS = [
    row("claude", Status.HEALTHY, Category.OK),
    row("gateway", Status.FAILED, Category.OVERLOADED, Fault.PROVIDER, latency=None),
    row("mine", Status.FAILED, Category.AUTH, Fault.CLIENT, latency=None),
    row("slow", Status.DEGRADED, Category.SLOW, Fault.PROVIDER, spread=Spread(19, 0.39)),
    Row("new"),
]
INCIDENT = Incident(
    1, "gateway", "openai", Category.OVERLOADED, Fault.PROVIDER, "no capacity", NOW - 900, NOW - 900, None, 3
)
CHANGES = [
    Change(ChangeKind.OPENED, INCIDENT, NOW - 900, Category.OVERLOADED, Fault.PROVIDER, "no capacity"),
    Change(
        ChangeKind.CLOSED, replace(INCIDENT, closed_at_utc=NOW), NOW, Category.OVERLOADED, Fault.PROVIDER, "x"
    ),
]
STANDING = Standing(
    now_utc=NOW, began_utc=NOW - 3600, rows=ROWS, changes=CHANGES, conclusion="1 of 5 healthy. gateway (OpenAI): overloaded.",
    every_s=30.0, probes=1234, spent=20_999, spent_in_hour=4_300, tokens_per_hour=20_000, ends_in_s=2700.0,
)  # fmt: skip


def drawn(
    standing: Standing,
    width: int,
    height: int = 24,
    *,
    color: bool = False,
    unicode: bool = True,
    notes: Sequence[str] = (),
) -> str:
    file = io.StringIO()
    console = Console(
        file=file,
        width=width,
        height=height,
        force_terminal=color,
        color_system="standard" if color else None,
    )
    console.print(screen(standing, Look(width, color, unicode), height, notes, "q quits"))
    return file.getvalue()


def test_everything_that_was_asked_for_is_there_where_there_is_room() -> None:
    text = drawn(STANDING, 140)
    for word in (
        "1 of 5 healthy", "gateway", "overloaded", "theirs", "yours", "15 min", "412 ms", "390 ms", "810 ms", "64", "90%",
        "12 s", "q quits", "every 30 s", "20,999 tokens", "4,300 of 20,000 this hour", "ends in 45 min", "1234 probes",
        "gateway is failing: overloaded (theirs); no capacity", "works again after 15 min",
    ):  # fmt: skip
        assert word in text, word


@pytest.mark.parametrize(
    ("width", "kept", "left_out"),
    [
        (140, ["target", "what", "side", "checks", "for", "TTFT", "p50", "p95", "left", "next"], []),
        (80, ["target", "what", "side", "checks", "for", "TTFT"], ["left"]),
        (60, ["target", "what", "side", "checks"], ["p50", "left"]),
        (40, ["target", "what", "side"], ["TTFT", "checks"]),
    ],
)
def test_columns_leave_in_the_order_of_their_worth(width: int, kept: list[str], left_out: list[str]) -> None:
    head = next(line for line in drawn(STANDING, width).splitlines() if "target" in line).split()
    assert [name for name in kept if name not in head] == []
    assert [name for name in left_out if name in head] == []


@settings(deadline=None, max_examples=40)
@given(
    width=st.integers(30, 200),
    height=st.integers(6, 60),
    count=st.integers(0, 60),
    unicode=st.booleans(),
    long=st.booleans(),
)
def test_it_fits_into_every_terminal(width: int, height: int, count: int, unicode: bool, long: bool) -> None:
    rows = [replace(ROWS[n % 4], target=f"{'a-very-long-name-of-a-target-' * long}{n}") for n in range(count)]
    text = drawn(replace(STANDING, rows=rows), width, height, unicode=unicode)
    lines = text.splitlines()
    assert len(lines) <= height
    assert all(cell_len(line.rstrip()) <= width for line in lines)
    assert unicode or text.isascii()


def test_where_rows_have_no_room_those_that_fail_stay() -> None:
    rows = [replace(ROWS[0], target=f"well-{n}") for n in range(40)]
    rows[33] = replace(ROWS[1], target="broken")
    text = drawn(replace(STANDING, rows=rows), 80, 14)
    assert "broken" in text
    assert "healthy more" in text


def test_no_p95_stands_on_fewer_than_twenty_results() -> None:
    lines = {
        line.split()[1]: line
        for line in drawn(STANDING, 140).splitlines()
        if line[:1] in "✓✗!–" and line.strip()
    }
    assert "810 ms" in lines["claude"]
    assert "810 ms" not in lines["slow"]
    assert " 19 " in lines["slow"]


def test_status_is_told_apart_without_colour_and_without_unicode() -> None:
    text = drawn(STANDING, 140, unicode=False)
    cells = {line.split()[1]: line for line in text.splitlines() if line[:1] in "+x!-" and line.strip()}
    assert ".....xxxxx" in cells["gateway"]
    assert ".....!!!!!" in cells["slow"]
    assert "\x1b" not in text


def test_notes_stand_on_the_screen() -> None:
    assert "webhook was not reached" in drawn(STANDING, 80, notes=["error: webhook was not reached"])


def test_before_the_first_result_it_says_that_it_probes() -> None:
    assert "probing …" in drawn(Standing(NOW, NOW, [Row("a")]), 80)


def test_the_summary_says_what_was_seen() -> None:
    text = summary(STANDING, Look(100))
    assert text.splitlines()[-1] == "watched for 60 min: 1,234 probes, 1 incident, 20,999 tokens"
    assert "next" not in text
    assert "works again after 15 min" in text


# What the rows are made of


def seen(*statuses: Status) -> Rows:
    rows = Rows(["a"])
    for number, status in enumerate(statuses):
        category = Category.OK if status is Status.HEALTHY else Category.OVERLOADED
        timings = replace(GOOD, ttft_s=float(number + 1))
        one = result("a", status, category, timings=timings)
        rows.take(Update(replace(MIXED, results=[one], started_at_utc=float(number), duration_s=0.0)))
    return rows


def test_figures_are_of_what_works_and_since_is_of_the_verdict_that_lasts() -> None:
    made = seen(*[Status.HEALTHY] * 4, *[Status.FAILED] * 3).row("a", next_in_s=1.0, is_held=False)
    assert made.since_utc == 4.0
    assert made.spread == Spread(4, 2.5)
    assert made.latency is None
    assert list(made.cells) == [Status.HEALTHY] * 4 + [Status.FAILED] * 3


def test_an_open_incident_says_since_when() -> None:
    rows = Rows(["gateway"], Begun([INCIDENT]))
    rows.take(Update(replace(MIXED, results=[result("gateway", Status.FAILED, Category.OVERLOADED)])))
    assert rows.row("gateway", next_in_s=None, is_held=False).since_utc == INCIDENT.opened_at_utc
    rows.take(Update(replace(MIXED, results=[result("gateway", Status.HEALTHY, Category.OK)]), CHANGES[1:]))
    assert not rows.row("gateway", next_in_s=None, is_held=False).is_incident


def test_a_probe_without_tokens_shows_its_whole_time_as_such() -> None:
    rows = Rows(["a"])
    timings = replace(GOOD, ttft_s=None)
    rows.take(Update(replace(MIXED, results=[result("a", Status.HEALTHY, Category.OK, timings=timings)])))
    made = rows.row("a", next_in_s=1.0, is_held=False)
    assert (made.latency, made.to_first_token) == (GOOD.total_s, False)
    assert "(800 ms)" in drawn(replace(STANDING, rows=[made]), 140)
