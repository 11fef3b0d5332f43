"""
The shape of the database, as numbered steps.

A step is never changed after a release: a new one is added. Each runs in one
transaction with its number (`PRAGMA user_version`), so that a killed upgrade leaves
the old shape or the new one.
"""

from __future__ import annotations

import sqlite3

from llmprobe.history import rollup

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

READ = """
CREATE TABLE new_runs (id INTEGER PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE new_results (
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES new_runs (id) ON DELETE CASCADE,
    at REAL NOT NULL, target TEXT NOT NULL, provider TEXT NOT NULL, model TEXT, probe TEXT NOT NULL,
    status TEXT NOT NULL, category TEXT NOT NULL, fault TEXT, reason TEXT NOT NULL, hint TEXT, notes TEXT,
    http_status INTEGER, request_id TEXT,
    connect_s REAL, headers_s REAL, ttft_s REAL, total_s REAL, silence_s REAL,
    input_tokens INTEGER, output_tokens INTEGER
);
INSERT INTO new_runs SELECT id, at FROM runs;
INSERT INTO new_results
    SELECT id, run_id, at, target, provider, model, probe, status, category, fault, reason, NULL, NULL,
        http_status, request_id, connect_s, headers_s, ttft_s, total_s, silence_s, input_tokens, output_tokens
    FROM results;
DROP TABLE results;
DROP TABLE runs;
ALTER TABLE new_runs RENAME TO runs;
ALTER TABLE new_results RENAME TO results;
CREATE INDEX results_by_target ON results (target, at);
CREATE INDEX results_by_time ON results (at, target, probe, status, category, fault, ttft_s, total_s);
CREATE INDEX results_by_run ON results (run_id);
CREATE INDEX runs_by_time ON runs (at)
"""
"""Columns that nothing reads go; the hint and the notes are kept."""

DELIVERIES = """
CREATE TABLE new_incidents (
    id INTEGER PRIMARY KEY, target TEXT NOT NULL, provider TEXT NOT NULL, category TEXT NOT NULL, fault TEXT,
    reason TEXT NOT NULL, hint TEXT, notes TEXT, opened_at REAL NOT NULL, confirmed_at REAL NOT NULL,
    closed_at REAL, failures INTEGER NOT NULL, page_at REAL, alone INTEGER NOT NULL
);
INSERT INTO new_incidents
    SELECT id, target, provider, category, fault, reason, NULL, NULL, opened_at, confirmed_at, closed_at,
        failures, page_at, told_open_at IS NOT NULL
    FROM incidents;
CREATE TABLE sinks (
    sink TEXT PRIMARY KEY, since REAL NOT NULL, failures INTEGER NOT NULL DEFAULT 0, noted_at REAL
) WITHOUT ROWID;
CREATE TABLE deliveries (
    sink TEXT NOT NULL, incident INTEGER NOT NULL REFERENCES new_incidents (id) ON DELETE CASCADE,
    told_at REAL NOT NULL, closed INTEGER NOT NULL,
    PRIMARY KEY (sink, incident)
) WITHOUT ROWID;
CREATE INDEX deliveries_by_incident ON deliveries (incident);
INSERT INTO deliveries
    SELECT '', id, told_open_at, 0 FROM incidents WHERE told_open_at IS NOT NULL AND told_close_at IS NULL;
DROP TABLE incidents;
ALTER TABLE new_incidents RENAME TO incidents;
CREATE INDEX incidents_by_time ON incidents (opened_at);
CREATE INDEX incidents_open ON incidents (closed_at) WHERE closed_at IS NULL;
ALTER TABLE backoffs ADD COLUMN fault TEXT;
ALTER TABLE backoffs ADD COLUMN by_server INTEGER NOT NULL DEFAULT 1
"""
"""Each sink remembers what it was told; '' stands for all that there were before."""

HOURS = """
ALTER TABLE results ADD COLUMN bad INTEGER NOT NULL DEFAULT 0;
CREATE TABLE hours (
    target TEXT NOT NULL, hour INTEGER NOT NULL, status TEXT NOT NULL, category TEXT NOT NULL,
    fault TEXT NOT NULL, n INTEGER NOT NULL, ttft BLOB NOT NULL, total BLOB NOT NULL,
    only_total BLOB NOT NULL,
    PRIMARY KEY (target, hour, status, category, fault)
) WITHOUT ROWID
"""
"""Whether a result counted as failing, and sums by hour."""

HEADROOM = """
ALTER TABLE results ADD COLUMN requests_left REAL;
ALTER TABLE results ADD COLUMN tokens_left REAL
"""
"""The share (0 to 1) that was left of the rate limits."""

MIGRATIONS = (RESULTS, STATE, PAGES, READ, DELIVERIES, HOURS, HEADROOM)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to this version's shape. Raises sqlite3.Error; each step is whole or not at all."""
    if version_of(connection) >= len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        done = version_of(connection)
        for number, step in enumerate(MIGRATIONS[done:], done + 1):
            _apply(connection, step, number)
            if step is HOURS:
                rollup.add(connection, 0, 2**62)
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
