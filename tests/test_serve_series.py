"""History, hysteresis and alerts of `llmprobe serve`: those of `check`, for results that come one at a time."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.hooks import hook_server
from tests.serve_support import serving, toml
from tests.support import Served, llmprobe


def tables(tmp_path: Path, more: str = "") -> str:
    return f'[history]\nrecord = true\npath = "{tmp_path / "history.db"}"\n{more}'


def until(holds: Callable[[], bool]) -> None:
    """Wait for what comes soon."""
    for _ in range(100):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it never came")


def rows(tmp_path: Path, query: str) -> list[Any]:
    path = tmp_path / "history.db"
    if not path.exists():
        return []
    db = sqlite3.connect(path)
    try:
        return db.execute(query).fetchall()
    except sqlite3.OperationalError:  # it is being made
        return []
    finally:
        db.close()


def test_each_probe_is_recorded_once_and_a_cached_answer_never(sim: Served, tmp_path: Path) -> None:
    names = {f"t{number}": "ok" for number in range(8)}
    with (
        serving(toml(tmp_path / "c.toml", sim.url, names, tables(tmp_path))) as served,
        ThreadPoolExecutor(8) as pool,
    ):
        for _ in range(3):
            list(pool.map(lambda name: served.get(f"/probe?target={name}"), names))
    assert sorted(rows(tmp_path, "SELECT target, count(*) FROM results GROUP BY target")) == [
        (n, 1) for n in names
    ]


def test_what_came_before_the_end_is_written_down(sim: Served, tmp_path: Path) -> None:
    with serving(toml(tmp_path / "c.toml", sim.url, {"good": "ok"}, tables(tmp_path))) as served:
        served.get("/probe?target=good")
    assert rows(tmp_path, "SELECT target, status FROM results") == [("good", "healthy")]


def test_an_outage_is_told_when_it_is_confirmed_and_when_it_is_over(sim: Served, tmp_path: Path) -> None:
    with hook_server() as hook:
        alerts = f'[alerts]\nconfirm = 2\nwebhook = "{hook.url}/hook"\n'
        config = toml(tmp_path / "c.toml", sim.url, {"flaky": "flaky:2:overloaded"}, tables(tmp_path, alerts))
        with serving(config, min_interval_s=0.001) as served:
            served.get("/probe?target=flaky")
            until(lambda: len(rows(tmp_path, "SELECT 1 FROM results")) == 1)
            assert hook.calls == []
            served.get("/probe?target=flaky")
            until(lambda: len(hook.calls) == 1)
            served.get("/probe?target=flaky")
            until(lambda: len(hook.calls) == 2)
            served.get("/probe?target=flaky")
        assert [call["change"] for _, _, call in hook.calls] == ["opened", "closed"]
    assert len(rows(tmp_path, "SELECT 1 FROM incidents WHERE closed_at IS NOT NULL")) == 1


def test_a_group_that_works_excuses_a_member_that_is_scraped_alone(sim: Served, tmp_path: Path) -> None:
    group = '[groups.chat]\nmembers = ["good", "busy"]\n'
    with hook_server() as hook:
        alerts = f'[alerts]\nwebhook = "{hook.url}/hook"\n'
        config = toml(
            tmp_path / "c.toml",
            sim.url,
            {"good": "ok", "busy": "overloaded"},
            tables(tmp_path, alerts + group),
        )
        with serving(config, min_interval_s=0.001) as served:
            for name in ("busy", "good", "busy"):
                served.get(f"/probe?target={name}")
                time.sleep(1.2)
        assert hook.calls == []
    assert rows(tmp_path, "SELECT target FROM incidents WHERE alone") == []


def test_a_check_of_the_same_configuration_runs_beside_it(sim: Served, tmp_path: Path) -> None:
    """The lock is held while something is written and told, and not for a life."""
    with hook_server() as hook:
        alerts = f'[alerts]\nwebhook = "{hook.url}/hook"\n'
        config = toml(tmp_path / "c.toml", sim.url, {"good": "ok"}, tables(tmp_path, alerts))
        with serving(config) as served:
            served.get("/probe?target=good")
            until(lambda: len(rows(tmp_path, "SELECT 1 FROM results")) == 1)
            done = llmprobe("check", "-c", str(config))
            assert done.returncode == 0, done.stderr
    assert len(rows(tmp_path, "SELECT 1 FROM results")) == 2


def test_an_hour_s_history_that_cannot_be_written_costs_no_answer(sim: Served, tmp_path: Path) -> None:
    (tmp_path / "history.db").write_text("this is no database")
    with serving(toml(tmp_path / "c.toml", sim.url, {"good": "ok"}, tables(tmp_path))) as served:
        assert served.metrics("/probe?target=good")["probe_success"][0][1] == 1
        until(lambda: bool(served.notes))
        assert served.metrics("/metrics")["llmprobe_targets"][0][1] == 1


def test_a_share_of_failures_is_a_condition_here_as_in_check(sim: Served, tmp_path: Path) -> None:
    """Two of three results are too few to tell; with the fourth the share is what was asked for."""
    with hook_server() as hook:
        more = f'[alerts]\nwebhook = "{hook.url}"\nfail_share = "50% of 10m, min 4"\n'
        path = toml(tmp_path / "c.toml", sim.url, {"a": "overloaded"}, tables(tmp_path, more))
        good = path.read_text().replace("~overloaded", "~ok")
        bad = path.read_text()
        with serving(path, min_interval_s=0.001) as served:
            for number, text in enumerate((bad, good, bad, bad), 1):
                assert not hook.calls
                path.write_text(text)
                assert served.post("/-/reload").status_code == 200
                served.get("/probe?target=a")
                until(lambda: rows(tmp_path, "SELECT count(*) FROM results") == [(number,)])  # noqa: B023
            until(lambda: len(hook.calls) == 1)
    assert "3 of 4 results failed within 10 min" in hook.calls[0][2]["reason"]
