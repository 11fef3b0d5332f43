"""`llmprobe watch`: probe targets again and again, and tell what changes."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from llmprobe.cli import options as flag
from llmprobe.cli.options import OUTPUT, PROBING

if TYPE_CHECKING:
    from llmprobe.cli.screen import Screen
    from llmprobe.monitor.job import Job
    from llmprobe.monitor.schedule import Rhythm
    from llmprobe.monitor.tracking import Note


_LEAST_EVERY_S = 0.1


class WatchFormat(StrEnum):
    """What standard output gets."""

    TABLE = "table"
    NDJSON = "ndjson"


def watch(
    targets: flag.TargetsArgument = None,
    every: Annotated[
        str,
        typer.Option(
            "--every",
            metavar="DURATION",
            help="Interval between two probes of a target; shorter after a failure.",
            rich_help_panel=PROBING,
        ),
    ] = "30s",
    for_: Annotated[
        str | None,
        typer.Option("--for", metavar="DURATION", help="Stop after this long.", rich_help_panel=PROBING),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option(
            "--count", min=1, metavar="N", help="Stop after N probes of each target.", rich_help_panel=PROBING
        ),
    ] = None,
    tokens_per_hour: Annotated[
        int | None,
        typer.Option(
            "--tokens-per-hour",
            min=1,
            metavar="N",
            help="Tokens that probes may use in an hour; a small budget makes them rarer.",
            rich_help_panel=PROBING,
        ),
    ] = None,
    config: flag.ConfigOption = None,
    env_file: flag.EnvFileOption = None,
    base_url: flag.BaseUrlOption = None,
    dialect: flag.DialectOption = None,
    api_key_env: flag.ApiKeyEnvOption = None,
    model: flag.ModelOption = None,
    probe: flag.ProbeOption = None,
    timeout: flag.TimeoutOption = None,
    retries: flag.RetriesOption = None,
    samples: flag.SamplesOption = 1,
    warm: flag.WarmOption = False,
    concurrency: flag.ConcurrencyOption = None,
    max_models: flag.MaxModelsOption = 50,
    fail_on: flag.FailOnOption = "failed",
    record: flag.RecordOption = None,
    db: flag.DbOption = None,
    confirm: flag.ConfirmOption = None,
    recover: flag.RecoverOption = None,
    remind: flag.RemindOption = None,
    exec: flag.ExecOption = None,
    webhook: flag.WebhookOption = None,
    webhook_format: flag.WebhookFormatOption = None,
    heartbeat: flag.HeartbeatOption = None,
    otlp: flag.OtlpOption = None,
    format: Annotated[
        WatchFormat,
        typer.Option(
            "-f",
            "--format",
            help="table: a screen, in a pipe a line for each change; ndjson: each result.",
            rich_help_panel=OUTPUT,
        ),
    ] = WatchFormat.TABLE,
    quiet: Annotated[
        bool,
        typer.Option(
            "-q", "--quiet", help="Print only changes: no screen, no summary.", rich_help_panel=OUTPUT
        ),
    ] = False,
    no_color: flag.NoColorOption = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show what an hour would cost; send nothing.", rich_help_panel=OUTPUT),
    ] = False,
    debug: flag.DebugOption = False,
) -> None:
    """
    Probe again and again, and tell what changes.

    Each target keeps its own place in the interval. A failure is looked at again quickly; a target that
    asks for a pause gets it. History, --confirm and alerts are those of check. SIGHUP reads the
    configuration again. Ends with the code of the worst round.

    Example: llmprobe watch --every 30s --for 1h
    """
    import asyncio

    from llmprobe.cli.durations import parse_duration_flag
    from llmprobe.cli.event_loop import in_loop
    from llmprobe.cli.job import alert_flags, overrides, plan_for
    from llmprobe.cli.screen import Screen
    from llmprobe.monitor.job import Job, options_for, parse_fail_on, tracking_for
    from llmprobe.monitor.schedule import Rhythm

    screen = Screen(no_color=no_color)
    rhythm = Rhythm(_every_flag(every), tokens_per_hour=tokens_per_hour)
    for_s = parse_duration_flag("--for", for_)
    table = overrides(
        base_url=base_url,
        dialect=dialect,
        api_key_env=api_key_env,
        model=model,
        probes=probe,
        timeout=timeout,
        retries=retries,
    )

    def job(note: "Note", stop: asyncio.Event | None = None) -> Job:
        plan = plan_for(targets or [], config, env_file, table, read_secrets=not dry_run)
        for warning in plan.warnings:
            note(f"warning: {warning}")
        options = options_for(
            plan,
            concurrency=concurrency,
            samples=samples,
            warm=warm,
            fail_on=parse_fail_on(fail_on),
            on_bug=note if debug else None,
            stop=stop,
        )
        if dry_run:
            return Job(plan, options)
        tracking = tracking_for(
            plan,
            db=db,
            record=record,
            **alert_flags(
                plan,
                confirm=confirm,
                recover=recover,
                remind=remind,
                exec=exec,
                webhook=webhook,
                webhook_format=webhook_format,
                heartbeat=heartbeat,
                otlp=otlp,
            ),
        )
        return Job(plan, options, tracking)

    async def planned(stop: asyncio.Event, note: "Note") -> Job:
        from llmprobe.monitor.watch import all_listed

        return await all_listed(job(note, stop), note, most=max_models)

    if dry_run:
        _dry_run(job(screen.note), rhythm, format, screen)
        return
    from llmprobe.cli.watching import Watching, run_watch

    asked = Watching(planned, rhythm, for_s, count, format is WatchFormat.NDJSON, quiet)
    raise typer.Exit(in_loop(run_watch(asked, screen)))


def _every_flag(text: str) -> float:
    """Raises UsageError for less than what any server would bear."""
    from llmprobe.cli.durations import parse_duration_flag
    from llmprobe.errors import UsageError

    seconds = parse_duration_flag("--every", text)
    if seconds < _LEAST_EVERY_S:
        raise UsageError(f'--every: expected 100ms or more, got "{text}"')
    return seconds


def _dry_run(job: "Job", rhythm: "Rhythm", format: WatchFormat, screen: "Screen") -> None:
    """What an hour can cost, in requests and in tokens."""
    from llmprobe.json_text import compact
    from llmprobe.monitor.items import costs_of
    from llmprobe.reports.documents import hour

    costs, budget = costs_of(job, rhythm), rhythm.tokens_per_hour
    if format is WatchFormat.NDJSON:
        screen.write(f"{compact(hour.document(costs, budget))}\n")
    else:
        screen.write(hour.text(costs, budget, screen.look))
