"""`history`, `incidents`, `report` and `baseline` for Python programs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from llmprobe.api.blocking import blocking
from llmprobe.model.past import Baseline, Incident, PastReport, PastResult
from llmprobe.monitor.past import Past

DAY_S = 86400.0


async def history(
    target: str | None = None,
    *,
    limit: int = 40,
    config: str | Path | None = None,
    db: str | Path | None = None,
) -> Mapping[str, Sequence[PastResult]]:
    """
    Recent results by target, the newest first. Times are seconds, instants epoch seconds.

    Args:
        target: One target; None means all that were recorded.
        limit: Results of each target.
        config: The configuration that names the history; None follows the order of discovery.
        db: The history's file itself; stronger.

    Raises:
        HistoryError, ConfigError, UsageError: It cannot be read, or the target is not in it.
    """
    return await asyncio.to_thread(lambda: _past(config, db).results(target, limit))


async def incidents(
    target: str | None = None,
    *,
    since_s: float = 30 * DAY_S,
    config: str | Path | None = None,
    db: str | Path | None = None,
) -> Sequence[Incident]:
    """
    Incidents that were open at some time in the last `since_s` seconds: from the first failure to the first
    success that held.

    Args:
        target: A target or a group; None means all.
        config, db: As in `history`.

    Raises:
        HistoryError, ConfigError, UsageError: It cannot be read, or the target is not in it.
    """
    return await asyncio.to_thread(lambda: _past(config, db).incidents(target, since_s))


async def report(
    *targets: str,
    since_s: float = 7 * DAY_S,
    config: str | Path | None = None,
    db: str | Path | None = None,
) -> PastReport:
    """
    Uptime, incidents by cause, time to recover, percentiles and worst hours of the last `since_s` seconds.

    Args:
        targets: None means all that were recorded.
        config, db: As in `history`.

    Raises:
        HistoryError, ConfigError, UsageError: It cannot be read, or a target is not in it.
    """
    return await asyncio.to_thread(lambda: _past(config, db).report(targets, since_s))


async def baseline(
    target: str | None = None, *, config: str | Path | None = None, db: str | Path | None = None
) -> Sequence[Baseline]:
    """
    What is usual for each target at this hour of the day, over the last 28 days. In seconds; a figure that
    too few results stand behind is None.

    Args:
        target: One target; None means all that were recorded.
        config, db: As in `history`.

    Raises:
        HistoryError, ConfigError, UsageError: It cannot be read, or the target is not in it.
    """
    return await asyncio.to_thread(lambda: _past(config, db).baselines(target))


history_sync = blocking(history)
incidents_sync = blocking(incidents)
report_sync = blocking(report)
baseline_sync = blocking(baseline)


def _past(config: str | Path | None, db: str | Path | None) -> Past:
    return Past(None if config is None else Path(config), None if db is None else Path(db))
