"""What `check` does: resolve, run, render, exit."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from llmprobe.cli.durations import parse_duration_flag
from llmprobe.cli.event_loop import in_loop
from llmprobe.cli.output import Destination, Screen, parse_destination
from llmprobe.cli.progress import Progress
from llmprobe.config import Plan, Wanted, make_plan
from llmprobe.config.checks import url_mistake
from llmprobe.config.convert import require_known
from llmprobe.config.schema import ApiKeyTable, TargetTable
from llmprobe.engine.outcome.exit_code import FAIL_ON_WORDS, FailOn
from llmprobe.engine.run import Options, run
from llmprobe.errors import LlmprobeError, UsageError
from llmprobe.model import ExitCode, ProbeKind, Result, Run, Target
from llmprobe.monitor.tracking import Tracked, Tracking
from llmprobe.providers import dialects
from llmprobe.reports import nagios, ndjson

if TYPE_CHECKING:
    from llmprobe.cli.bundling import Evidence
    from llmprobe.model.past import Change


class Flags(Struct):
    """The command line of `check`, as it was given."""

    targets: Sequence[str] = ()
    config: Path | None = None
    env_file: Path | None = None
    base_url: str | None = None
    dialect: str | None = None
    api_key_env: str | None = None
    model: str | None = None
    probes: Sequence[str] = ()
    timeout: str | None = None
    retries: int | None = None
    samples: int = 1
    warm: bool = False
    concurrency: int | None = None
    rate: float | None = None
    max_tokens_total: int | None = None
    deadline: str | None = None
    with_status: bool = False
    bundle: Path | None = None
    record: bool | None = None
    db: Path | None = None
    on_change: bool = False
    confirm: int | None = None
    recover: int | None = None
    remind: str | None = None
    exec: str | None = None
    webhook: str | None = None
    heartbeat: str | None = None
    fail_on: str = "failed"
    format: str = "table"
    outputs: Sequence[str] = field(default_factory=list)
    quiet: bool = False
    verbose: bool = False
    no_color: bool = False
    dry_run: bool = False
    debug: bool = False


def run_check(flags: Flags) -> int:
    """Run `check`; a Nagios plugin's output and exit code are Nagios' own, also for a wrong set-up."""
    if flags.format != "nagios":
        return _run_check(flags)
    try:
        return _run_check(flags)
    except LlmprobeError as exc:
        Screen().write(f"{nagios.line(nagios.UNKNOWN, exc.message)}\n")
        return nagios.UNKNOWN


def _run_check(flags: Flags) -> int:
    """
    Run `check`.

    Returns:
        The exit code.

    Raises:
        LlmprobeError: Before anything is sent.
    """
    destinations = [parse_destination(text) for text in flags.outputs]
    fail_on = parse_fail_on(flags.fail_on)
    plan = planned(flags)
    screen = Screen(no_color=flags.no_color, verbose=flags.verbose)
    for warning in plan.warnings:
        screen.note(f"warning: {warning}")
    if flags.dry_run:
        from llmprobe.cli.dry_run import show

        return show(plan, flags.format, screen)
    tracking = Tracking(_tracked(flags, plan), screen.note)
    evidence = evidence_for(flags)
    streams = flags.format == "ndjson" and not flags.quiet and not flags.on_change
    lines = ndjson.Lines(screen.write, tracking.may_amend) if streams else None
    with tracking.lock():
        done, interrupted = in_loop(
            _probe(plan, flags, fail_on, screen=screen, tracking=tracking, evidence=evidence, lines=lines)
        )
        done = tracking.with_past(done)
        if interrupted:
            done = replace(done, exit_code=ExitCode(interrupted))
        tracking.record(done, _is_bad(fail_on))
        news = tracking.news() if flags.on_change else None
        if flags.on_change and news is None and flags.format == "table":
            flags.quiet = True  # where it is not remembered what was told, each failure is told
        if lines is not None:
            lines.end(done)
        _report(done, flags, destinations, screen, news)
        tracking.printed(news or [])
        if evidence is not None and flags.bundle is not None:
            evidence.write_run(flags.bundle, done, screen)
        if tracking.alerts:
            in_loop(tracking.tell())
    if flags.format == "nagios":
        return nagios.UNKNOWN if interrupted else nagios.code_of(done)
    return interrupted or int(done.exit_code)


def planned(flags: Flags, *, group_first: bool = False) -> Plan:
    """The plan of these flags. Raises LlmprobeError; `group_first` reads a bare name as a group's."""
    wanted = Wanted(
        flags.targets,
        flags.config,
        flags.env_file,
        _overrides(flags),
        read_secrets=not flags.dry_run,
        group_first=group_first,
    )
    return make_plan(wanted, os.environ)


def only_target(plan: Plan, rule: str) -> Target:
    """The plan's only target. Raises UsageError, in the words of `rule`, where there are several."""
    if len(plan.built) != 1:
        names = ", ".join(built.target.name for built in plan.built[:20])
        raise UsageError(rule, f"name one of: {names}")
    return plan.built[0].target


def evidence_for(flags: Flags) -> Evidence | None:
    """Nothing is kept unless it is asked for. Raises UsageError for a folder that is not there."""
    if flags.bundle is None:
        return None
    if not flags.bundle.expanduser().parent.is_dir():
        raise UsageError(f'--bundle: there is no folder "{flags.bundle.parent}"')
    from llmprobe.cli.bundling import Evidence

    return Evidence()


def _tracked(flags: Flags, plan: Plan) -> Tracked:
    """Flags are stronger than the configuration."""
    alerts = plan.alerts()
    return Tracked(
        db=flags.db,
        settings=plan.memory,
        alerts=replace(
            alerts,
            confirm=flags.confirm or alerts.confirm,
            recover=flags.recover or alerts.recover,
            remind_s=parse_duration_flag("--remind", flags.remind) or alerts.remind_s,
            command=_command(flags.exec) or alerts.command,
            webhook=plan.address("--webhook", flags.webhook) or alerts.webhook,
            heartbeat=plan.address("--heartbeat", flags.heartbeat) or alerts.heartbeat,
        ),
        record=plan.memory.record if flags.record is None else flags.record,
        on_change=flags.on_change,
        source=plan.source,
        deadline_s=parse_duration_flag("--deadline", flags.deadline),
    )


def _command(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    import shlex

    try:
        return tuple(shlex.split(text))
    except ValueError as exc:
        raise UsageError(f"--exec: {str(exc).lower()}") from None


def _is_bad(fail_on: FailOn) -> Callable[[Result], bool]:
    """What opens an incident: what makes a run red. With `never`, what has failed."""
    return FailOn().counts if fail_on.never else fail_on.counts


async def _probe(
    plan: Plan,
    flags: Flags,
    fail_on: FailOn,
    *,
    screen: Screen,
    tracking: Tracking,
    evidence: Evidence | None,
    lines: ndjson.Lines | None,
) -> tuple[Run, int | None]:
    """The run, and the exit code of the signal that ended it, if one did."""
    stop = asyncio.Event()
    caught = catch_signals(stop)
    jobs = sum(len(built.target.probes) for built in plan.built)
    progress = Progress(jobs, enabled=not flags.quiet)

    def on_result(result: Result) -> None:
        progress.finished(result.target)
        if lines is not None:
            progress.clear()
            lines.add(result)

    options = Options(
        concurrency=flags.concurrency or plan.concurrency,
        per_host=plan.per_host,
        per_key=plan.per_key,
        rate_per_s=flags.rate or plan.rate_per_s,
        samples=flags.samples,
        fail_on=fail_on,
        warm=flags.warm,
        max_tokens_total=flags.max_tokens_total,
        deadline_s=parse_duration_flag("--deadline", flags.deadline),
        pauses=tracking.pauses(),
        on_exchange=evidence.keep if evidence else None,
        on_start=lambda target, _: progress.started(target.name),
        on_result=on_result,
        on_bug=screen.note if flags.debug else None,
        stop=stop,
    )
    with progress:
        targets = tracking.prepared([built.target for built in plan.built])
        done = await run(targets, plan.groups, options)
        if flags.with_status or flags.bundle is not None:
            done = await with_pages(done, targets)
    return done, caught[0] if caught else None


async def with_pages(done: Run, targets: Sequence[Target]) -> Run:
    """The run with what the providers' own pages say, read after it so that no clock is disturbed."""
    from llmprobe.statuspages import page_of, read_pages

    wanted = [page for target in targets if (page := page_of(target)) is not None]
    return replace(done, pages=tuple(await read_pages(wanted)))


def _report(
    done: Run,
    flags: Flags,
    destinations: Sequence[Destination],
    screen: Screen,
    changes: Sequence[Change] | None,
) -> None:
    """`changes` is None unless `--on-change` was asked for: then they alone decide what is printed."""
    for destination in destinations:
        screen.write_file(destination, done)
    if changes is not None:
        _report_changes(done, flags, screen, changes)
    elif flags.quiet:
        screen.show("quiet", done)
    elif flags.format != "ndjson":
        screen.show(flags.format, done)
    if flags.format == "github":
        screen.append_summary(done)


def _report_changes(done: Run, flags: Flags, screen: Screen, changes: Sequence[Change]) -> None:
    """Sentences for people; a machine format is the whole run, when there is something to tell."""
    if not changes:
        return
    if flags.format == "table":
        from llmprobe.alerts import message, notices_of

        screen.write(message(notices_of(changes), done))
    else:
        screen.show(flags.format, done)


def catch_signals(stop: asyncio.Event) -> list[int]:
    """
    The first signal asks for an early end with a report; the second ends at once.

    Returns:
        A list that will hold the exit code once a signal came.
    """
    caught: list[int] = []
    loop = asyncio.get_running_loop()

    def handle(code: ExitCode) -> None:
        if caught:
            os._exit(int(code))
        caught.append(int(code))
        print("\ninterrupted: reporting what is finished (again to quit at once)", file=sys.stderr)
        stop.set()

    for signum, code in ((signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED)):
        loop.add_signal_handler(signum, handle, code)
    return caught


def _overrides(flags: Flags) -> TargetTable:
    """Flags as the strongest layer of the configuration; each is checked here."""
    table = TargetTable()
    if flags.base_url is not None:
        if mistake := url_mistake(flags.base_url):
            raise UsageError(f"--base-url: {mistake}")
        table.base_url = flags.base_url
    if flags.dialect is not None:
        require_known("dialect", flags.dialect, list(dialects()), flag="--dialect")
        table.dialect = flags.dialect
    if flags.api_key_env is not None:
        table.api_key = ApiKeyTable(env=flags.api_key_env)
    if flags.model is not None:
        table.model = flags.model
    if flags.retries is not None:
        table.retries = flags.retries
    if flags.probes:
        table.probes = _probes(flags.probes)  # type: ignore[assignment]
    if flags.timeout is not None:
        table.timeout = parse_duration_flag("--timeout", flags.timeout)
    return table


def _probes(names: Sequence[str]) -> list[str]:
    probes = [part.strip() for name in names for part in name.split(",") if part.strip()]
    known = [str(kind) for kind in ProbeKind]
    if not probes:
        raise UsageError("--probe: expected a probe", f"known: {', '.join(known)}")
    for probe in probes:
        require_known("probe", probe, known, flag="--probe")
    return probes


def parse_fail_on(text: str) -> FailOn:
    """`failed`, `provider,auth` …: raises UsageError for an unknown word."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise UsageError("--fail-on: expected a word", f"known: {', '.join(FAIL_ON_WORDS)}")
    for word in words:
        require_known("word", word, FAIL_ON_WORDS, flag="--fail-on")
    if "never" in words and len(words) > 1:
        raise UsageError('--fail-on: "never" stands alone')
    return FailOn(frozenset(words))
