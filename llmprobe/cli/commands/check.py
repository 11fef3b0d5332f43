"""
`llmprobe check`: probe targets, print what was found, end with its exit code.

Its annotations are no text as elsewhere: Typer would evaluate forty of them four times, 3 ms of the start.
"""

from typing import TYPE_CHECKING

import typer

from llmprobe.cli import options as flag
from llmprobe.reports.formats import Format

if TYPE_CHECKING:
    from llmprobe.cli.screen import Screen
    from llmprobe.config import Plan


def check(
    targets: flag.TargetsArgument = None,
    without: flag.NotOption = None,
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
    rate: flag.RateOption = None,
    max_models: flag.MaxModelsOption = 50,
    max_tokens_total: flag.MaxTokensOption = None,
    max_cost: flag.MaxCostOption = None,
    deadline: flag.DeadlineOption = None,
    with_status: flag.WithStatusOption = False,
    bundle: flag.BundleOption = None,
    fail_on: flag.FailOnOption = "failed",
    record: flag.RecordOption = None,
    db: flag.DbOption = None,
    on_change: flag.OnChangeOption = False,
    confirm: flag.ConfirmOption = None,
    recover: flag.RecoverOption = None,
    remind: flag.RemindOption = None,
    exec: flag.ExecOption = None,
    webhook: flag.WebhookOption = None,
    webhook_format: flag.WebhookFormatOption = None,
    heartbeat: flag.HeartbeatOption = None,
    otlp: flag.OtlpOption = None,
    format: flag.FormatOption = Format.TABLE,
    output: flag.OutputOption = None,
    quiet: flag.QuietOption = False,
    verbose: flag.VerboseOption = False,
    no_color: flag.NoColorOption = False,
    dry_run: flag.DryRunOption = False,
    debug: flag.DebugOption = False,
) -> None:
    """
    Probe targets now and say what is wrong.

    Is each up, whose fault is it, where did the time go, what now?

    Example: llmprobe check anthropic openai/gpt-6-luna -v
    """
    from llmprobe.cli.durations import parse_duration_flag
    from llmprobe.cli.job import Output, alert_flags, bundle_flag, overrides, plan_for
    from llmprobe.cli.live import run_check
    from llmprobe.cli.screen import Screen, parse_destination
    from llmprobe.errors import LlmprobeError
    from llmprobe.monitor.job import Job, options_for, parse_fail_on, tracking_for

    screen = Screen(no_color=no_color, verbose=verbose)
    try:
        out = Output(format, [parse_destination(text) for text in output or []], quiet, on_change, bundle)
        chosen_fail_on = parse_fail_on(fail_on)
        table = overrides(
            base_url=base_url,
            dialect=dialect,
            api_key_env=api_key_env,
            model=model,
            probes=probe,
            timeout=timeout,
            retries=retries,
        )
        plan = plan_for(
            [*(targets or []), *(f"!{name}" for name in without or [])],
            config,
            env_file,
            table,
            screen=screen,
            read_secrets=not dry_run,
        )
        if dry_run:
            _dry_run(plan, samples, format, screen)
            return
        deadline_s = parse_duration_flag("--deadline", deadline)
        tracking = tracking_for(
            plan,
            db=db,
            record=record,
            on_change=on_change,
            deadline_s=deadline_s,
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
        bundle_flag(bundle)
        options = options_for(
            plan,
            concurrency=concurrency,
            rate_per_s=rate,
            samples=samples,
            warm=warm,
            max_tokens_total=max_tokens_total,
            max_cost_usd=max_cost,
            deadline_s=deadline_s,
            fail_on=chosen_fail_on,
            on_bug=screen.note if debug else None,
        )
        job = Job(plan, options, tracking, with_pages=with_status or bundle is not None)
        code = run_check(job, out, screen, max_models=max_models)
    except LlmprobeError as exc:
        if not format.can.owns_exit_code:
            raise
        text, code = format.refusal(exc.message)
        screen.write(text)
    raise typer.Exit(code)


def _dry_run(plan: "Plan", samples: int, format: Format, screen: "Screen") -> None:
    """Each request as it would leave, and what it can cost."""
    from llmprobe.engine.probing.preview import previews
    from llmprobe.json_text import compact, readable
    from llmprobe.monitor.models import question
    from llmprobe.reports.documents import requests as report

    found = list(previews((question(target) for target in plan), samples))
    if format.can.for_people:
        screen.write(report.text(found))
    elif format.can.streams:
        screen.write("".join(f"{compact(request)}\n" for request in report.document(found).requests))
    else:
        screen.write(readable(report.document(found)))
