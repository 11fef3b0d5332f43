"""The rules in force, as sentences: when an incident opens and closes, and what counts as slow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

import msgspec
from msgspec import UNSET, UnsetType

from llmprobe.config.load import Loaded
from llmprobe.config.schema import AlertsTable, DaysTable, LimitTable, RateTable, ThresholdsTable
from llmprobe.config.targets import given


def rules(loaded: Loaded, targets: Sequence[str]) -> list[str]:
    """What the configuration says now of these targets; earlier runs may have had other rules."""
    return [_incidents(loaded.alerts), *_thresholds(loaded, targets)]


def _incidents(alerts: AlertsTable) -> str:
    confirm, recover = given(alerts.confirm, 1), given(alerts.recover, 1)
    share: str | None = given(alerts.fail_share, None)
    fails = f"{share} fail" if share else _runs(confirm, "failed")
    return f"An outage begins after {fails} and ends after {_runs(recover, 'good')}."


def _runs(count: int, word: str) -> str:
    return f"one {word} run" if count == 1 else f"{count} {word} runs in a row"


def _thresholds(loaded: Loaded, targets: Sequence[str]) -> Iterator[str]:
    """Those of everybody, then those of each target that has its own."""
    if told := _limits(loaded.defaults.thresholds):
        yield f"A target is degraded beyond {told}."
    for name, table in loaded.targets.items():
        mine = [target for target in targets if fnmatchcase(target, name) or target.startswith(f"{name}/")]
        if mine and (told := _limits(table.thresholds)):
            yield f"{name} is degraded beyond {told}."


def _limits(table: ThresholdsTable | UnsetType) -> str:
    """`ttft 2 s, total 10 s (failed beyond 30 s)`."""
    found = {} if isinstance(table, UnsetType) else msgspec.structs.asdict(table)
    return ", ".join(_limit(name, value) for name, value in found.items() if value is not UNSET)


def _limit(name: str, value: object) -> str:
    if isinstance(value, LimitTable):
        warn, crit = (given(v, None) for v in (value.warn, value.crit))
        failed = f" (failed beyond {_words(crit)})" if crit is not None else ""
        return f"{name} {'–' if warn is None else _words(warn)}{failed}"
    if isinstance(value, RateTable | DaysTable):
        warn, crit = (given(v, None) for v in (value.warn, value.crit))
        failed = f" (failed at {crit:g})" if crit is not None else ""
        return f"{name} {'–' if warn is None else f'{warn:g}'}{failed}"
    if name == "tokens_per_second":
        return f"fewer than {value:g} tokens a second"
    if name == "cert_days":
        return f"{value:g} days before the certificate ends"
    if name == "headroom":
        return f"{value:.0%} of a rate limit left".replace("%", " %")
    return f"{name} {_words(value)}"


def _words(value: object) -> str:
    return f"{value:g} s" if isinstance(value, int | float) else str(value)
