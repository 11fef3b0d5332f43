"""The history: real SQLite files, many writers, damage, and what is told once."""

from __future__ import annotations

import multiprocessing
import os
import random
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from llmprobe.errors import HistoryError
from llmprobe.history import History, open_history
from llmprobe.history.baseline import baseline, with_baselines
from llmprobe.history.deliveries import due, settle
from llmprobe.history.hindsight import with_past
from llmprobe.history.hysteresis import State, Turn, step
from llmprobe.history.incidents import AlertRule, Share
from llmprobe.history.migrations import MIGRATIONS, RESULTS, version_of
from llmprobe.history.pauses import MAX_PAUSE_S, QUOTA_PAUSE_S, pauses
from llmprobe.history.queries import incidents, recent, targets
from llmprobe.history.record import record
from llmprobe.history.report import report
from llmprobe.history.retention import forget
from llmprobe.history.rollup import code, seconds_of
from llmprobe.model import (
    BaselineLimit,
    Category,
    Confidence,
    ExitCode,
    Fault,
    GroupResult,
    ProbeKind,
    RateLimit,
    Result,
    Run,
    Status,
    Thresholds,
    Timings,
)
from llmprobe.model.page import PageReading, PageState
from llmprobe.model.past import Change, ChangeKind
from llmprobe.quantiles import quantile
from llmprobe.reports import Look
from llmprobe.reports.past.text import incident_table
from tests.runs import result
from tests.support import a_target

NOON = 1_760_011_200.0  # 2025-10-09 12:00:00 UTC
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def a_run(at: float, *results: Result, groups: tuple[GroupResult, ...] = ()) -> Run:
    return Run("0", at, 0.0, Status.HEALTHY, "x", ExitCode.OK, results, groups)


def good(target: str = "a", ttft: float = 0.3) -> Result:
    return result(target, Status.HEALTHY, Category.OK, timings=Timings(ttft_s=ttft, total_s=ttft + 0.5))


def bad(
    target: str = "a",
    category: Category = Category.OVERLOADED,
    fault: Fault = Fault.PROVIDER,
    **changes: object,
) -> Result:
    return result(target, Status.FAILED, category, fault, timings=Timings(total_s=0.1), **changes)


def is_bad(one: Result) -> bool:
    return one.status is Status.FAILED


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with open_history(tmp_path / "history.db") as opened:
        yield opened


def cron(history: History, run: Run, rule: AlertRule | None = None) -> list[Change]:
    """What one run from cron does: record, tell one sink, remember that it was told."""
    rule = rule or AlertRule()
    record(history, run, rule, is_bad)
    changes = due(history, "stdout", run, rule, is_bad)
    settle(history, {"stdout": changes}, [], run.started_at_utc)
    return changes


def owed(history: History, run: Run, sink: str = "stdout") -> list[str]:
    """Record a run; what a sink that cannot be reached is owed after it."""
    record(history, run, AlertRule(), is_bad)
    return [str(c.kind) for c in due(history, sink, run, AlertRule(), is_bad)]


# The file


def test_the_file_is_the_users_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "history.db"
    with open_history(path) as history:
        cron(history, a_run(NOON, good()))
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert {"history.db", "history.db-wal"} <= set(modes)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_an_old_shape_is_brought_up_with_its_rows(tmp_path: Path) -> None:
    """From the first shape, filled, to the newest."""
    path = tmp_path / "old.db"
    old = sqlite3.connect(path)
    old.executescript(RESULTS + "PRAGMA user_version = 1;")
    old.execute("INSERT INTO runs VALUES (1, ?, 0, 0, 'x', '0')", (NOON,))
    old.execute("INSERT INTO results (run_id, at, target, provider, probe, status, category, reason) VALUES (1, ?, 'a', 'p', 'stream', 'healthy', 'ok', 'r')", (NOON,))  # fmt: skip
    old.commit()
    old.close()
    with open_history(path) as history:
        assert [past.target for past in recent(history, "a", 10)] == ["a"]
        assert cron(history, a_run(NOON + 60, bad()))[0].kind is ChangeKind.OPENED
        with history.reading() as db:
            assert version_of(db) == len(MIGRATIONS)


def test_what_was_told_before_is_not_told_again_by_a_newer_version(tmp_path: Path) -> None:
    """An incident that an older version told of, one that it did not, and one that is over."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as old:
        old.executescript("".join(MIGRATIONS[:3]) + "PRAGMA user_version = 3;")
        for number, (target, told, closed) in enumerate(
            [("a", NOON, None), ("b", None, None), ("c", NOON, NOON)], 1
        ):
            row = (number, target, NOON, NOON, closed, told, closed)
            old.execute("INSERT INTO incidents (id, target, provider, category, reason, opened_at, confirmed_at, closed_at, failures, told_open_at, told_close_at) VALUES (?, ?, 'p', 'overloaded', 'r', ?, ?, ?, 1, ?, ?)", row)  # fmt: skip
            old.execute("INSERT INTO states VALUES (?, ?, 0, NULL, ?)", (target, closed is None, number))
        old.commit()
    with open_history(path) as history:
        changes = cron(history, a_run(NOON + 60, bad("a"), bad("b"), good("c")))
        assert [(c.incident.target, c.kind) for c in changes] == [("b", ChangeKind.OPENED)]
        over = cron(history, a_run(NOON + 120, good("a"), good("b"), good("c")))
        assert [(c.incident.target, c.kind) for c in over] == [
            ("a", ChangeKind.CLOSED),
            ("b", ChangeKind.CLOSED),
        ]


def test_a_migration_that_is_killed_leaves_the_old_shape(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llmprobe.history import migrations

    path = tmp_path / "h.db"
    monkeypatch.setattr(
        migrations, "MIGRATIONS", (RESULTS, "CREATE TABLE extra (x); CREATE TABLE results (x)")
    )
    with pytest.raises(HistoryError):
        open_history(path)
    monkeypatch.undo()
    with open_history(path) as history:
        assert recent(history, None, 1) == []


def newer(path: Path) -> None:
    """A file of a version that does not exist yet."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript("PRAGMA user_version = 99")


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (
            lambda p: p.write_bytes(b"not a database at all, but long enough to be looked at" * 20),
            "damaged, or is no history",
        ),
        (newer, "written by a newer llmprobe"),
        (lambda p: p.mkdir(), "cannot"),
    ],
    ids=["garbage", "newer", "folder"],
)
def test_a_file_that_cannot_be_used_says_so(tmp_path: Path, damage: object, says: str) -> None:
    path = tmp_path / "h.db"
    damage(path)  # type: ignore[operator]
    with pytest.raises(HistoryError, match=says) as caught:
        open_history(path)
    assert caught.value.hint


def test_reading_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="no history"):
        open_history(tmp_path / "none.db", create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_keeps_what_was_there(history: History) -> None:
    """SQLite's own limit stands in for the disk: nothing of the run is written, all before it stays."""
    cron(history, a_run(NOON, good()))
    with history.reading() as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")
    many = [good(f"t{n}") for n in range(2000)]
    with pytest.raises(HistoryError, match="disk is full"):
        record(history, a_run(NOON + 60, *many), AlertRule(), is_bad)
    assert [past.at_utc for past in recent(history, None, 10)] == [NOON]


def _write(path: str, number: int) -> None:
    with open_history(Path(path)) as history:
        for run in range(20):
            cron(history, a_run(NOON + run * 60, *(good(f"t{number}-{n}") for n in range(10))))


def test_ten_runs_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "history.db")
    context = multiprocessing.get_context("forkserver")  # imports once, and forks ten times
    context.set_forkserver_preload([__name__])
    writers = [context.Process(target=_write, args=(path, number)) for number in range(10)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0] * 10
    with open_history(Path(path)) as history, history.reading() as db:
        assert db.execute("SELECT count(*) FROM results").fetchone()[0] == 10 * 20 * 10
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_killed_run_leaves_whole_transactions(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    context = multiprocessing.get_context("spawn")
    writer = context.Process(target=_write, args=(str(path), 0))
    writer.start()
    while not path.exists() or path.stat().st_size == 0:
        time.sleep(0.01)
    time.sleep(0.05)
    writer.kill()
    writer.join(10)
    with open_history(path) as history, history.reading() as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        counts = {row[0] for row in db.execute("SELECT count(*) FROM results GROUP BY run_id")}
    assert counts <= {10}


# Incidents


@pytest.mark.parametrize(
    ("verdicts", "confirm", "recover", "turns"),
    [
        ("gbg", 1, 1, ["opened 1", "closed 2"]),
        ("gbgbg", 2, 1, []),
        ("gbbg", 2, 1, ["opened 1", "closed 3"]),
        ("bbgbgg", 2, 2, ["opened 0", "closed 4"]),
        ("bbbb", 3, 1, ["opened 0"]),
        ("ggg", 1, 1, []),
    ],
)
def test_an_incident_begins_with_its_first_failure_and_ends_with_the_first_success_that_held(
    verdicts: str, confirm: int, recover: int, turns: list[str]
) -> None:
    state, seen = State(), []
    for at, verdict in enumerate(verdicts):
        state, turn = step(state, bad=verdict == "b", at=float(at), confirm=confirm, recover=recover)
        if turn is not Turn.NOTHING:
            seen.append(f"{turn.value} {state.streak_since:g}")
        state = replace(state, streak_since=None) if turn is not Turn.NOTHING else state
    assert seen == turns


def test_one_alert_for_an_incident_and_one_for_its_end(history: History) -> None:
    told_kinds = []
    for minute, verdict in enumerate([good(), bad(), bad(), bad(), good(), good()]):
        told_kinds.append([c.kind for c in cron(history, a_run(NOON + minute * MINUTE, verdict))])
    assert told_kinds == [[], [ChangeKind.OPENED], [], [], [ChangeKind.CLOSED], []]
    [incident] = incidents(history, 0)
    assert (incident.opened_at_utc, incident.closed_at_utc, incident.failures) == (
        NOON + MINUTE,
        NOON + 4 * MINUTE,
        3,
    )


def test_what_was_not_delivered_is_told_again(history: History) -> None:
    """A crash between recording and telling loses no alert."""
    assert owed(history, a_run(NOON, bad())) == owed(history, a_run(NOON + 60, bad())) == ["opened"]
    assert [c.kind for c in cron(history, a_run(NOON + 120, bad()))] == [ChangeKind.OPENED]
    assert owed(history, a_run(NOON + 180, bad())) == []


def test_a_sink_that_was_dead_for_a_day_gets_the_newest_state_once(history: History) -> None:
    """288 runs, ten outages: one message about the last of them, and nothing after it."""
    for n in range(288):
        verdict = bad() if n % 29 < 5 else good()
        last = owed(history, a_run(NOON + n * 5 * MINUTE, verdict), "webhook")
    assert last == ["closed"]
    end = a_run(NOON + DAY, good())
    record(history, end, AlertRule(), is_bad)
    [change] = due(history, "webhook", end, AlertRule(), is_bad)
    assert change.incident.opened_at_utc == NOON + 9 * 29 * 5 * MINUTE
    settle(history, {"webhook": [change]}, [], NOON + DAY)
    assert owed(history, a_run(NOON + DAY + MINUTE, good()), "webhook") == []


def test_sinks_remember_apart(history: History) -> None:
    cron(history, a_run(NOON, good()))
    assert owed(history, a_run(NOON + 60, bad()), "webhook") == ["opened"]
    assert len(cron(history, a_run(NOON + 120, bad()))) == 1
    assert owed(history, a_run(NOON + 180, good()), "webhook") == ["closed"], (
        "it never heard of the beginning"
    )
    assert [c.kind for c in cron(history, a_run(NOON + 240, good()))] == [ChangeKind.CLOSED]


def test_a_new_sink_hears_of_what_lasts_and_not_of_what_is_over(history: History) -> None:
    cron(history, a_run(NOON, bad("old"), bad("new")))
    cron(history, a_run(NOON + 60, good("old"), bad("new")))
    run = a_run(NOON + 120, good("old"), bad("new"))
    record(history, run, AlertRule(), is_bad)
    [change] = due(history, "webhook", run, AlertRule(), is_bad)
    assert (change.kind, change.incident.target) == (ChangeKind.OPENED, "new")


def test_a_sink_out_of_reach_is_mentioned_at_once_and_then_once_a_day(history: History) -> None:
    mentioned = [settle(history, {}, ["hook"], NOON + n * 5 * MINUTE) == {"hook"} for n in range(577)]
    assert [n for n, is_mentioned in enumerate(mentioned) if is_mentioned] == [0, 288, 576]
    settle(history, {"hook": []}, [], NOON + 3 * DAY)
    assert settle(history, {}, ["hook"], NOON + 3 * DAY + 1) == {"hook"}


def test_reminders_come_at_their_distance(history: History) -> None:
    rule = AlertRule(remind_s=30 * MINUTE)
    kinds = [
        [c.kind.value for c in cron(history, a_run(NOON + n * 10 * MINUTE, bad()), rule)] for n in range(8)
    ]
    assert kinds == [["opened"], [], [], ["reminder"], [], [], ["reminder"], []]


def test_another_config_s_incident_is_not_told_here(history: History) -> None:
    owed(history, a_run(NOON, bad("theirs")))
    assert cron(history, a_run(NOON + 60, good("ours"))) == []


def test_what_was_skipped_says_nothing(history: History) -> None:
    cron(history, a_run(NOON, bad()))
    skipped = result("a", Status.SKIPPED, Category.BACKOFF, timings=Timings())
    assert cron(history, a_run(NOON + 60, skipped)) == []
    assert incidents(history, 0)[0].closed_at_utc is None


def test_a_group_never_hides_what_is_ours(history: History) -> None:
    """A member's rejected key is told though the group works, also one that comes after an outage of theirs."""
    working = GroupResult("chat", Status.DEGRADED, 1, 1, ("a", "b"))
    key = bad("a", Category.AUTH, Fault.CLIENT)
    assert cron(history, a_run(NOON, bad("a"), good("b"), groups=(working,))) == []
    [change] = cron(history, a_run(NOON + 60, key, good("b"), groups=(working,)))
    assert (change.incident.target, change.category, change.fault) == ("a", Category.AUTH, Fault.CLIENT)
    [over] = cron(history, a_run(NOON + 120, good("a"), good("b"), groups=(working,)))
    assert over.kind is ChangeKind.CLOSED


def test_members_of_a_group_are_told_through_it(history: History) -> None:
    """While the group works nobody is woken; its members' incidents are kept all the same."""
    working = GroupResult("chat", Status.DEGRADED, 1, 1, ("a", "b"))
    down = GroupResult("chat", Status.FAILED, 1, 0, ("a", "b"))
    assert cron(history, a_run(NOON, bad("a"), good("b"), groups=(working,))) == []
    [change] = cron(history, a_run(NOON + 60, bad("a"), bad("b"), groups=(down,)))
    assert change.incident.target == "group:chat"
    assert {i.target for i in incidents(history, 0)} == {"a", "b", "group:chat"}


def test_how_much_earlier_we_saw_it_than_their_page(history: History) -> None:
    """The first run in which the page told of trouble counts, and only while the incident lasted."""
    green = PageReading("anthropic", "Anthropic", "https://s", PageState.OPERATIONAL, NOON)
    red = replace(green, state=PageState.PARTIAL_OUTAGE)
    for minute, page in ((0, green), (6, green), (18, red), (24, red)):
        cron(history, replace(a_run(NOON + minute * MINUTE, bad()), pages=(page,)))
    [incident] = incidents(history, 0)
    assert incident.lead_s == 18 * MINUTE
    assert "18 min later" in incident_table([incident], Look(width=140), NOON + HOUR)


def test_the_worst_probe_speaks_for_a_target(history: History) -> None:
    models = replace(good(), probe=ProbeKind.MODELS)
    [change] = cron(history, a_run(NOON, models, bad()))
    assert change.incident.category is Category.OVERLOADED


# A month


def month(history: History) -> list[tuple[str, float]]:
    """
    Every five minutes for 30 days, two targets: single failures at random (flapping), one outage
    of 42 minutes, one day without quota. Two failures confirm, two successes recover.
    """
    noise = random.Random(7)
    seen: list[tuple[str, float]] = []
    rule = AlertRule(confirm=2, recover=2)
    previous_flap = False
    for number in range(30 * 288):
        at = NOON + number * 5 * MINUTE
        since = at - NOON
        outage = 10 * DAY <= since < 10 * DAY + 42 * MINUTE
        flap = (
            not previous_flap
            and noise.random() < 0.02
            and not (10 * DAY - HOUR < since < 10 * DAY + 2 * HOUR)
        )
        previous_flap = flap
        a = bad("a") if outage or flap else good("a")
        quota = 20 * DAY <= since < 21 * DAY
        b = bad("b", Category.QUOTA_EXHAUSTED, Fault.CLIENT) if quota else good("b", ttft=0.2)
        for change in cron(history, a_run(at, a, b), rule):
            seen.append((f"{change.incident.target} {change.kind} {change.incident.category}", at - NOON))
    return seen


def test_a_month_has_two_incidents_and_four_alerts(history: History) -> None:
    """Flapping is silent; the outage and the quota day are told once each, and their ends once each."""
    seen = month(history)

    assert seen == [
        ("a opened overloaded", 10 * DAY + 5 * MINUTE),
        ("a closed overloaded", 10 * DAY + 50 * MINUTE),
        ("b opened quota_exhausted", 20 * DAY + 5 * MINUTE),
        ("b closed quota_exhausted", 21 * DAY + 5 * MINUTE),
    ]
    quota, outage = incidents(history, 0)
    assert (outage.target, outage.opened_at_utc, outage.closed_at_utc) == (
        "a",
        NOON + 10 * DAY,
        NOON + 10 * DAY + 45 * MINUTE,
    )
    assert (quota.target, quota.failures, quota.fault) == ("b", 288, Fault.CLIENT)
    whole = report(history, NOON, NOON + 30 * DAY)
    a, b = whole.targets
    assert (b.n, b.failed, b.incidents, b.causes) == (8640, 288, 1, {"quota_exhausted": 288})
    assert b.uptime == pytest.approx(1 - 288 / 8640)
    assert a.failed > 100
    assert (a.incidents, a.mean_recovery_s, a.ttft.p99_s) == (1, 45 * MINUTE, 0.3)
    assert [day.n for day in b.days] == [144, *[288] * 29, 144]


# Reading


def test_percentiles_need_their_n(history: History) -> None:
    for n in range(19):
        cron(history, a_run(NOON + n, good(ttft=0.1 + n / 100)))
    assert report(history, 0, NOON + DAY).targets[0].ttft.p95_s is None
    cron(history, a_run(NOON + 20, good(ttft=9.0)))
    assert report(history, 0, NOON + DAY).targets[0].ttft.p95_s is not None


def test_worst_hours_are_by_rate(history: History) -> None:
    for day in range(10):
        for hour in range(24):
            verdict: Result = bad() if (hour == 3 and day < 5) or (hour == 17 and day < 2) else good()
            cron(history, a_run(NOON + (day * 24 + hour - 12) * HOUR, verdict))
    assert report(history, 0, NOON + 20 * DAY).targets[0].worst_hours == ((3, 5, 10), (17, 2, 10))


def test_a_baseline_is_of_this_hour_of_the_day(history: History) -> None:
    """Nights are slow here; noon is judged by noons, also across midnight."""
    for day in range(25):
        cron(history, a_run(NOON - day * DAY - MINUTE, good(ttft=0.2)))
        cron(history, a_run(NOON - day * DAY - 12 * HOUR, good(ttft=2.0)))
    at_noon = baseline(history, "a", ProbeKind.STREAM, "ttft", NOON)
    at_midnight = baseline(history, "a", ProbeKind.STREAM, "ttft", NOON - 12 * HOUR + 30 * MINUTE)
    assert (at_noon.n, at_noon.median_s, at_noon.p95_s) == (25, 0.2, 0.2)
    assert at_midnight.median_s == 2.0


def test_a_limit_by_baseline_says_its_n(history: History) -> None:
    target = a_target(
        "http://x",
        name="a",
        thresholds=Thresholds(
            baselines=(BaselineLimit("ttft", 2.0), BaselineLimit("total", 3.0, critical=True))
        ),
    )
    early = with_baselines(target, history, NOON)
    assert (early.thresholds.ttft_s, early.thresholds.critical) == (None, {})
    assert early.notes[0] == "ttft: 2 x baseline is not judged yet: 0 of 20 results at this hour"
    for day in range(20):
        cron(history, a_run(NOON - day * DAY - MINUTE, good(ttft=0.2)))
    later = with_baselines(target, history, NOON)
    assert later.thresholds.ttft_s == pytest.approx(0.4)
    assert later.thresholds.critical == {"total": pytest.approx(2.1)}
    assert later.notes[0] == "ttft: 2 x baseline is 400 ms (median at this hour, n = 20)"


def test_a_key_that_worked_a_moment_ago_softens_auth(history: History) -> None:
    cron(history, a_run(NOON, good()))
    rejected = a_run(NOON + 12 * MINUTE, bad(category=Category.AUTH, fault=Fault.CLIENT))
    softened = with_past(rejected, history).results[0]
    assert softened.notes == ("this target's key worked 12 min ago",)
    assert "their sign-in is failing" in (softened.hint or "")
    assert softened.reason.endswith("; this target's key worked 12 min ago")
    assert (softened.confidence, softened.fault) == (Confidence.LIKELY, Fault.CLIENT)
    later = with_past(replace(rejected, started_at_utc=NOON + 2 * DAY), history).results[0]
    assert later.notes == ()


def test_its_own_p95_supports_slow(history: History) -> None:
    for n in range(30):
        cron(history, a_run(NOON - DAY + n, good(ttft=0.2)))
    slow = result("a", Status.DEGRADED, Category.SLOW, Fault.PROVIDER, timings=Timings(ttft_s=1.5))
    assert with_past(a_run(NOON, slow), history).results[0].notes == (
        "slower than its own p95 at this hour (ttft 200 ms, n = 30)",
    )


# Pauses and forgetting


def test_a_pause_outlives_the_run_and_ends_with_the_next_answer(history: History) -> None:
    limited = bad(category=Category.RATE_LIMITED, rate_limit=RateLimit(retry_after_s=600))
    cron(history, a_run(NOON, limited))
    [(key, pause)] = pauses(history, NOON + 180).items()
    assert key == ("a", ProbeKind.STREAM)
    assert (
        pause.reason == "at 12:00 UTC the server asked for a pause of 10 min (rate limited); 7 min are left"
    )
    assert (pause.category, pause.fault, pause.left_s) == (Category.RATE_LIMITED, Fault.PROVIDER, 420)
    assert pauses(history, NOON + 601) == {}
    cron(history, a_run(NOON + 200, good()))
    assert pauses(history, NOON + 201) == {}


def test_a_pause_of_a_year_is_not_believed(history: History) -> None:
    cron(history, a_run(NOON, bad(category=Category.RATE_LIMITED, rate_limit=RateLimit(retry_after_s=3e7))))
    assert pauses(history, NOON + MAX_PAUSE_S + 1) == {}


def test_a_used_up_quota_is_not_asked_again_at_once(history: History) -> None:
    """Without Retry-After too: half an hour is ours; anything else that says no time is asked again."""
    cron(history, a_run(NOON, bad(category=Category.QUOTA_EXHAUSTED, fault=Fault.CLIENT), bad("b")))
    [(key, pause)] = pauses(history, NOON + MINUTE).items()
    assert (key[0], pause.fault) == ("a", Fault.CLIENT)
    assert pause.reason == "quota exhausted at 12:00 UTC; it is asked again in 29 min"
    assert pauses(history, NOON + QUOTA_PAUSE_S + 1) == {}


def test_what_is_old_is_forgotten(history: History) -> None:
    for day in range(10):
        cron(history, a_run(NOON + day * DAY, bad() if day == 1 else good()))
    assert forget(history, before_utc=NOON + 5 * DAY) == 5
    assert len(recent(history, "a", 100)) == 5
    assert incidents(history, 0) == []
    assert targets(history) == ["a"]


def test_a_file_that_grows_too_large_loses_its_oldest(history: History) -> None:
    for n in range(60):
        cron(history, a_run(NOON + n, *(good(f"t{i}") for i in range(40))))
    size = 300_000
    for _ in range(30):
        forget(history, before_utc=0, max_bytes=size)
    kept = {past.at_utc for past in recent(history, None, 10_000)}
    assert 0 < len(kept) < 60
    assert min(kept) > NOON, "the oldest went first"
    with history.reading() as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert os.path.getsize(history.path) < 2 * size


# Shares and sums


def test_a_share_of_failures_is_a_condition_of_its_own(history: History) -> None:
    """One in four fails within 15 minutes of ten results; single failures and few results are silent."""
    rule = AlertRule(share=Share(0.2, 15 * MINUTE, 10))
    turns = []
    for minute in range(60):
        verdict = bad() if (20 <= minute < 40 and minute % 4 == 0) or minute == 5 else good()
        turns += [(minute, str(c.kind)) for c in cron(history, a_run(NOON + minute * MINUTE, verdict), rule)]
    assert turns == [(28, "opened"), (43, "closed")]
    [incident] = incidents(history, 0)
    assert incident.category is Category.OVERLOADED
    assert incident.reason == "3 of 15 results failed within 15 min; because"


def test_a_share_names_the_cause_also_where_the_last_result_was_good(history: History) -> None:
    rule = AlertRule(share=Share(0.3, HOUR, 3))
    for minute, verdict in enumerate([bad(category=Category.AUTH, fault=Fault.CLIENT), good(), good()]):
        changes = cron(history, a_run(NOON + minute * MINUTE, verdict), rule)
    assert [(c.category, c.fault) for c in changes] == [(Category.AUTH, Fault.CLIENT)]


def test_sums_by_hour_say_what_the_results_say(history: History) -> None:
    """Random verdicts over three days, reported over whole and broken hours, against a count by hand."""
    noise, kept = random.Random(3), []
    for n in range(600):
        at = NOON + n * 437.0
        verdict = bad() if noise.random() < 0.1 else good(ttft=noise.lognormvariate(-1, 1))
        kept.append((at, verdict))
        record(history, a_run(at, verdict), AlertRule(), is_bad)
    for since, until in ((NOON, NOON + 3 * DAY), (NOON + 1234, NOON + DAY + 777), (NOON + 10, NOON + 900)):
        mine = [r for at, r in kept if since <= at < until]
        [found] = report(history, since, until).targets
        times = [r.timings.ttft_s for r in mine if r.timings.ttft_s is not None]
        assert (found.n, found.failed) == (len(mine), sum(map(is_bad, mine)))
        assert found.ttft.n == len(times)
        if found.ttft.n >= 20:
            assert found.ttft.median_s == pytest.approx(quantile(times, 0.5), rel=1e-3)
            assert found.ttft.p95_s == pytest.approx(quantile(times, 0.95), rel=1e-3)


@given(st.floats(min_value=1e-4, max_value=999.0), st.floats(min_value=1e-4, max_value=999.0))
def test_a_stored_time_has_four_digits_and_keeps_its_order(one: float, other: float) -> None:
    assert seconds_of(code(one)) == pytest.approx(one, rel=6e-4)
    assert (code(one) <= code(other)) or one > other
    assert code(0.0) == 0
    assert 0 <= code(1e9) <= 0xFFFF


def test_older_results_are_summed_up_once(tmp_path: Path) -> None:
    """A database of an older shape has its sums after it was opened, and the same after it was opened again."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as old:
        old.executescript("".join(f"{step};" for step in MIGRATIONS[:3]) + "PRAGMA user_version = 3;")
        old.execute("INSERT INTO runs VALUES (1, ?, 0, 0, 'x', '0')", (NOON,))
        for n in range(50):
            old.execute("INSERT INTO results (run_id, at, target, provider, probe, status, category, reason, ttft_s, total_s) VALUES (1, ?, 'a', 'p', 'stream', 'healthy', 'ok', 'r', 0.25, 1.5)", (NOON + n * 600,))  # fmt: skip
        old.commit()
    for _ in range(2):
        with open_history(path) as history:
            [found] = report(history, NOON, NOON + DAY).targets
            assert (found.n, found.ttft.median_s, found.total.p95_s) == (50, 0.25, 1.5)


def test_sums_go_with_their_results(history: History) -> None:
    for day in range(4):
        cron(history, a_run(NOON + day * DAY, good()))
    forget(history, before_utc=NOON + 2 * DAY)
    [found] = report(history, 0, NOON + 5 * DAY).targets
    assert found.n == 2
