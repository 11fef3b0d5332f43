"""What an older version, or another program, left behind: modes, rows with keys in them, rows that are none."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from llmprobe.history import open_history
from llmprobe.history.queries import incidents, recent
from llmprobe.redact import SCRUB
from tests.support import Served, llmprobe

KEY = "sk-canary-7f3a9c2b5e8d1f60"
SAID = f"bad key {KEY}\x1b]52;c;ZXZpbA==\x07\n::error::x\u202e"
CHECK = ("check", "-m", "sim-1", "--api-key-env", "OLD_KEY", "--record", "-q")


def a_history(url: str, path: Path) -> None:
    """One failed result, with its incident."""
    done = llmprobe(*CHECK, "--base-url", url, "--db", str(path), "--on-change", env={"OLD_KEY": KEY})
    assert done.returncode == 4, done.stderr


def spoil(path: Path, column: str, value: object, tables: tuple[str, ...] = ("results", "incidents")) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        for table in tables:
            if column in {row[1] for row in db.execute(f"PRAGMA table_info({table})")}:
                db.execute(f"UPDATE {table} SET {column} = ?", (value,))


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}


@pytest.mark.parametrize("command", [("history",), (*CHECK, "--on-change")], ids=["read", "written"])
def test_a_state_folder_that_was_open_to_all_is_closed(
    sim: Served, tmp_path: Path, command: tuple[str, ...]
) -> None:
    state = tmp_path / "state" / "llmprobe"
    a_history(sim.at("auth"), state / "history.db")
    with closing(sqlite3.connect(state / "history.db")) as held:  # its side files stay while it is open
        held.execute("BEGIN IMMEDIATE")
        held.execute("ROLLBACK")
        for path in (state, *state.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)
        address = ("--base-url", sim.at("auth")) if command[0] == "check" else ()
        llmprobe(*command, *address, env={"XDG_STATE_HOME": str(tmp_path / "state"), "OLD_KEY": KEY})
        found = modes(state)
    folders = {"llmprobe", "locks"} if command[0] == "check" else {"llmprobe"}
    assert {name for name, mode in found.items() if mode == 0o700} == folders
    assert {"history.db", "history.db-wal", "history.db-shm"} <= {n for n, m in found.items() if m == 0o600}


@pytest.mark.parametrize("name", ["reports", "llmprobe"])
def test_a_folder_with_other_things_in_it_keeps_its_mode(sim: Served, tmp_path: Path, name: str) -> None:
    """`--db` may name a folder that is shared for a reason."""
    folder = tmp_path / name
    folder.mkdir()
    (folder / "index.html").touch()
    folder.chmod(0o755)
    a_history(sim.at("auth"), folder / "h.db")
    assert modes(folder)[name] == 0o755
    assert modes(folder)["h.db"] == 0o600


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_another_owner_s_history_keeps_its_mode(sim: Served, tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    a_history(sim.at("auth"), path)
    os.chown(path, 12345, 12345)
    path.chmod(0o644)
    assert llmprobe("history", "--db", str(path)).returncode == 0
    assert modes(tmp_path)["h.db"] == 0o644


@pytest.mark.parametrize("column", ["reason", "hint", "notes", "request_id", "model"])
def test_what_an_older_version_wrote_is_cleaned_when_it_is_read(
    sim: Served, tmp_path: Path, column: str
) -> None:
    path = tmp_path / "h.db"
    a_history(sim.at("auth"), path)
    spoil(path, column, SAID)
    SCRUB.add(KEY)
    with open_history(path, create=False) as history:
        rows = [getattr(row, column, None) for row in (*recent(history, None, 9), *incidents(history, 0))]
    texts = [text for text in rows if text is not None]
    assert texts
    assert {KEY, "\x1b", "\u202e"} & set("".join(texts)) == set()
    assert all(KEY not in text for text in texts)
    assert all(("\n" in text) is (column == "notes") for text in texts)


@pytest.mark.parametrize("form", ["table", "json"])
@pytest.mark.parametrize("words", [("history",), ("history", "a"), ("incidents",), ("report",)])
def test_no_command_shows_what_an_older_version_wrote_as_it_came(
    sim: Served, tmp_path: Path, words: tuple[str, ...], form: str
) -> None:
    """With the configuration at hand the key is known; without it no character is obeyed all the same."""
    path = tmp_path / "h.db"
    a_history(sim.at("auth"), path)
    for column in ("reason", "hint", "notes", "request_id"):
        spoil(path, column, SAID)
    done = llmprobe(*words, "--db", str(path), "-f", form)
    assert done.returncode in (0, 2), done.stderr
    assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout + done.stderr)
    if form == "json" and done.returncode == 0:
        json.loads(done.stdout)


@pytest.mark.parametrize("words", [("history",), ("incidents",), ("report",), ("report", "-f", "html")])
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("category", "no such"), ("status", "no such"), ("probe", "x"), ("fault", "mine"), ("at", "noon"),
        ("total_s", "long"), ("http_status", "OK"), ("reason", b"\xff\xfe"), ("opened_at", "x"),
        ("target", b"\xff"),
    ],
)  # fmt: skip
def test_a_value_that_no_version_wrote_is_told_as_damage(
    sim: Served, tmp_path: Path, words: tuple[str, ...], column: str, value: object
) -> None:
    path = tmp_path / "h.db"
    a_history(sim.at("auth"), path)
    spoil(path, column, value)
    done = llmprobe(*words, "--db", str(path))
    assert done.returncode in (0, 2), done.stderr
    assert done.returncode == 0 or "is damaged" in done.stderr
    again = llmprobe(*CHECK, "--base-url", sim.at("auth"), "--db", str(path), env={"OLD_KEY": KEY})
    assert again.returncode == 4, "the probes' own results come all the same"


def test_text_that_is_not_valid_in_an_old_row_is_read(sim: Served, tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    a_history(sim.at("auth"), path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE results SET reason = CAST(x'6261ff64' AS TEXT)")
    assert "ba\ufffdd" in llmprobe("history", "--db", str(path), "-f", "json").stdout
