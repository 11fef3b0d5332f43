"""`check`, `wait`, `pick`, `diagnose`, `models` and `status` for Python programs."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from llmprobe.api.blocking import blocking
from llmprobe.api.targets import Targets, plan_of
from llmprobe.config import Plan
from llmprobe.config.alerts import AlertSettings
from llmprobe.config.history import history_path
from llmprobe.config.otlp import otlp_settings
from llmprobe.errors import UsageError
from llmprobe.model import Group, ModelInfo, Result, Run
from llmprobe.model.choice import Picked
from llmprobe.model.diagnosis import Diagnosis, Rung
from llmprobe.model.page import PageReading
from llmprobe.monitor.job import Job, options_for, parse_fail_on, tracking_for
from llmprobe.redact import SCRUB

ConfigPath = str | Path | None


async def check(
    targets: Targets = None,
    *,
    config: ConfigPath = None,
    groups: Sequence[Group] | None = None,
    samples: int = 1,
    warm: bool = False,
    concurrency: int | None = None,
    rate_per_s: float | None = None,
    max_tokens_total: int | None = None,
    max_cost_usd: float | None = None,
    deadline_s: float | None = None,
    fail_on: str = "failed",
    with_status: bool = False,
    record: bool | None = None,
    db: ConfigPath = None,
    max_models: int = 50,
    alerts: AlertSettings | None = None,
    otlp: bool = False,
    on_result: Callable[[Result], None] | None = None,
    on_note: Callable[[str], None] | None = None,
    stop: asyncio.Event | None = None,
) -> Run:
    """
    Probe targets and conclude: what `llmprobe check` does, with the same result for the same configuration.

    Args:
        targets: From `target()` or `targets_from()`, or names of the configuration; None means all of it.
            The names of targets must be unique.
        config: The configuration file, where names are given; None follows the order of discovery.
        groups: Targets of which the program needs some, instead of the configuration's groups.
        samples: How often each probe is repeated; more than one gives statistics.
        warm: Measure on an open connection instead of a new one.
        concurrency: Probes at once; None: as configured, else as many as this machine carries (at most 256).
        rate_per_s: Attempts that begin in a second, at most.
        max_tokens_total: Token budget of the run; probes that exceed it are skipped (`budget`).
        max_cost_usd: The same in USD at list prices; what has no known price is not counted.
        deadline_s: Seconds for the whole run; unfinished probes are reported as skipped (`deadline`).
        fail_on: What makes the exit code other than 0: "failed", "degraded", "never", or categories,
            families and faults such as "provider,auth".
        with_status: Read the providers' status pages, too (`run.pages`).
        record: Write the results to the history; None: as configured.
        db: The history's file, instead of the configured one.
        max_models: Models that patterns such as `models = ["*"]` may mean, all together.
        alerts: Whom to tell of changes, instead of the configured sinks; `AlertSettings()` tells no one.
        otlp: Export the run's figures by OTLP (extra otel), as OpenTelemetry's standard variables say where.
        on_result: Called in the event loop with each result as it arrives.
        on_note: Called with a sentence for each trouble beside the probes, such as a webhook that
            cannot be reached; None: the logger "llmprobe" gets it as a warning.
        stop: Ends the run early; what is finished is reported, the rest is skipped (`cancelled`).

    Returns:
        The run. What a remote side does wrong is a result in it, never an exception.

    Raises:
        ConfigError, UsageError, SecretError: Before any probe is sent.
        BusyError: A run of the same configuration that alerts is still going on.

    Example:
        >>> import llmprobe
        >>> async def main():
        ...     run = await llmprobe.check(llmprobe.targets_from("llmprobe.toml"), samples=3)
        ...     return run.conclusion
    """
    from llmprobe.monitor.check import check as check_job
    from llmprobe.monitor.sweep import swept

    plan = plan_of(targets, config, groups)
    options = options_for(
        plan,
        samples=samples,
        warm=warm,
        concurrency=concurrency,
        rate_per_s=rate_per_s,
        max_tokens_total=max_tokens_total,
        max_cost_usd=max_cost_usd,
        deadline_s=deadline_s,
        fail_on=parse_fail_on(fail_on, "fail_on"),
        on_result=on_result,
        stop=stop,
    )
    tracking = tracking_for(
        plan,
        db=_path(db),
        record=record,
        alerts=alerts,
        deadline_s=deadline_s,
        otlp=otlp_settings(True, os.environ) if otlp else None,
    )
    note = on_note or _log
    job = await swept(Job(plan, options, tracking, with_status), note, most=max_models)
    return await check_job(job, note)


async def wait(
    targets: Targets = None,
    *,
    config: ConfigPath = None,
    groups: Sequence[Group] | None = None,
    for_s: float = 600.0,
    every_s: float = 15.0,
    fail_on: str = "failed",
    on_pause: Callable[[Run, float, float], None] | None = None,
    stop: asyncio.Event | None = None,
) -> Run:
    """
    Wait until targets are healthy.

    Args:
        targets, config, groups, fail_on, stop: As in `check`.
        for_s: Seconds to wait at most.
        every_s: Longest pause between two runs, in seconds; the first pauses are shorter.
        on_pause: Called about once a second with the last verdict, the seconds until the next run and
            the seconds left.

    Returns:
        The last verdict on all targets. Its exit code is 0 once they are healthy; it comes early where
        waiting cures nothing, such as a rejected key.

    Raises:
        ConfigError, UsageError, SecretError: Before anything is sent.
    """
    from llmprobe.monitor.wait import wait as until_healthy

    plan = plan_of(targets, config, groups)
    options = options_for(plan, fail_on=parse_fail_on(fail_on, "fail_on"), stop=stop)
    return await until_healthy(plan, options, for_s=for_s, every_s=every_s, on_pause=on_pause)


async def pick(
    group: Targets,
    *,
    config: ConfigPath = None,
    db: ConfigPath = None,
    on_note: Callable[[str], None] | None = None,
) -> Picked:
    """
    Choose the member of a group to use now: healthy, steady in the last hour, then fastest.

    Args:
        group: A group of the configuration, or what `check` takes as targets.
        config, on_note: As in `check`.
        db: The history that the last hour is taken from, instead of the configured one.

    Returns:
        `target` is the member to use, None where none works; `ranked` are the members that work, the best
        first, each with its reason; `run` is what was measured.

    Raises:
        ConfigError, UsageError, SecretError: Before anything is sent.
    """
    from llmprobe.monitor.pick import pick as choose

    plan = plan_of(group, config, group_first=True)
    return await choose(
        plan, options_for(plan), history_path(_path(db), plan.history, os.environ), on_note or _log
    )


async def diagnose(
    target: Targets,
    *,
    config: ConfigPath = None,
    with_status: bool = False,
    on_rung: Callable[[Rung], None] | None = None,
    stop: asyncio.Event | None = None,
) -> Diagnosis:
    """
    Climb from this machine to the model, cheap rungs first, and stop where it breaks.

    Args:
        target: One target, as in `check`.
        with_status: Read the provider's status page, too (`pages`).
        on_rung: Called with each rung as it is done.
        stop: Ends the climbing; what was found until then is concluded from.

    Returns:
        Rungs, where it broke, whose side that is, what next, and what was not tested; never an exception
        for what a remote side does.

    Raises:
        ConfigError, UsageError, SecretError: Before anything is sent; not exactly one target is chosen.
    """
    from llmprobe.monitor.diagnose import diagnose as climb

    plan = _single(plan_of(target, config), "diagnose")
    named = [plan[0].name, *([] if config is None else ["--config", str(config)])]
    return await climb(
        plan,
        with_status=with_status,
        on_rung=on_rung,
        own=lambda words: f"llmprobe {words} {shlex.join(named)}",
        stop=stop,
    )


async def models(target: Targets, *, config: ConfigPath = None) -> tuple[Result, Sequence[ModelInfo]]:
    """
    The models that a target's key can use.

    Returns:
        The verdict on the question, and the models by the provider's own list: `id`, and `retires_on`
        (an ISO date) where an end is announced. No models where the list did not come.

    Raises:
        ConfigError, UsageError, SecretError: Before anything is sent; not exactly one target is chosen.
    """
    from llmprobe.monitor.models import models as list_models

    return await list_models(_single(plan_of(target, config), "models")[0])


async def status(*names: str, config: ConfigPath = None) -> list[PageReading]:
    """
    Read the vendors' own status pages.

    Args:
        names: Providers, or targets of the configuration; none means those of the configuration, else all.
        config: The configuration file; None follows the order of discovery.

    Returns:
        A reading of each page; one that cannot be read says so in `problem`. Instants are epoch seconds.

    Raises:
        UsageError: A name is neither a provider with a page nor a target.
    """
    from llmprobe.monitor.pages import status as read

    return await read(names, _path(config))


check_sync = blocking(check)
wait_sync = blocking(wait)
pick_sync = blocking(pick)
diagnose_sync = blocking(diagnose)
models_sync = blocking(models)
status_sync = blocking(status)


def _single(plan: Plan, what: str) -> Plan:
    if len(plan) != 1:
        names = ", ".join(target.name for target in plan.targets[:20])
        raise UsageError(f"{what} takes one target, and there are {len(plan)}: {names}")
    return plan


def _path(path: ConfigPath) -> Path | None:
    return None if path is None else Path(path)


def _log(text: str) -> None:
    import logging

    logging.getLogger("llmprobe").warning("%s", SCRUB(text))
