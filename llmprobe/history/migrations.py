"""
The shape of the database, as numbered steps.

A step is never changed after a release: a new one is added. Each runs in one
transaction with its number (`PRAGMA user_version`), so that a killed upgrade leaves
the old shape or the new one.
"""

from __future__ import annotations

import sqlite3

RESULTS = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, duration_s REAL NOT NULL, exit_code INTEGER NOT NULL,
    conclusion TEXT NOT NULL, version TEXT NOT NULL
);
CREATE TABLE results (
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, at REAL NOT NULL,
    target TEXT NOT NULL, provider TEXT NOT NULL, model TEXT, probe TEXT NOT NULL,
    status TEXT NOT NULL, category TEXT NOT NULL, fault TEXT, phase TEXT, reason TEXT NOT NULL, rule TEXT,
    http_status INTEGER, request_id TEXT,
    dns_s REAL, connect_s REAL, tls_s REAL, headers_s REAL, ttft_s REAL, total_s REAL, silence_s REAL,
    input_tokens INTEGER, output_tokens INTEGER, tokens_per_s REAL, clock TEXT
);
CREATE INDEX results_by_target ON results (target, at);
CREATE INDEX results_by_time ON results (at, target, probe, status, category, fault, ttft_s, total_s);
CREATE INDEX results_by_run ON results (run_id);
CREATE INDEX runs_by_time ON runs (at);
"""

STATE = """
CREATE TABLE states (
    target TEXT PRIMARY KEY, failing INTEGER NOT NULL, streak INTEGER NOT NULL, streak_since REAL,
    incident INTEGER
) WITHOUT ROWID;
CREATE TABLE incidents (
    id INTEGER PRIMARY KEY, target TEXT NOT NULL, provider TEXT NOT NULL, category TEXT NOT NULL, fault TEXT,
    reason TEXT NOT NULL, opened_at REAL NOT NULL, confirmed_at REAL NOT NULL, closed_at REAL,
    failures INTEGER NOT NULL, told_open_at REAL, told_close_at REAL
);
CREATE INDEX incidents_by_time ON incidents (opened_at);
CREATE INDEX incidents_open ON incidents (closed_at) WHERE closed_at IS NULL;
CREATE TABLE backoffs (
    target TEXT NOT NULL, probe TEXT NOT NULL, asked_at REAL NOT NULL, until REAL NOT NULL,
    category TEXT NOT NULL,
    PRIMARY KEY (target, probe)
) WITHOUT ROWID;
"""

PAGES = """
ALTER TABLE incidents ADD COLUMN page_at REAL;
"""

MIGRATIONS = (RESULTS, STATE, PAGES)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to this version's shape. Raises sqlite3.Error; each step is whole or not at all."""
    if version_of(connection) >= len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        done = version_of(connection)
        for number, step in enumerate(MIGRATIONS[done:], done + 1):
            _apply(connection, step, number)
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def version_of(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _apply(connection: sqlite3.Connection, step: str, number: int) -> None:
    """Statement by statement: `executescript` would end the transaction."""
    for statement in step.split(";"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {number}")
