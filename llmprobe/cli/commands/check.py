"""
`llmprobe check`: the signature only; the work is in `checking`.

Its annotations are no text as elsewhere: Typer would evaluate forty of them four times, 3 ms of the start.
"""

from typing import Annotated

import typer

from llmprobe.cli.options import (
    MEMORY,
    OUTPUT,
    PROBING,
    ApiKeyEnvOption,
    BaseUrlOption,
    BundleOption,
    ConfigOption,
    DbOption,
    DebugOption,
    DialectOption,
    EnvFileOption,
    FailOnOption,
    Format,
    FormatOption,
    ModelOption,
    NoColorOption,
    ProbeOption,
    TargetsArgument,
    TimeoutOption,
)


def check(
    targets: TargetsArgument = None,
    config: ConfigOption = None,
    env_file: EnvFileOption = None,
    base_url: BaseUrlOption = None,
    dialect: DialectOption = None,
    api_key_env: ApiKeyEnvOption = None,
    model: ModelOption = None,
    probe: ProbeOption = None,
    timeout: TimeoutOption = None,
    retries: Annotated[
        int | None,
        typer.Option(
            "--retries", min=0, max=10, help="After transient failures; default 1.", rich_help_panel=PROBING
        ),
    ] = None,
    samples: Annotated[
        int,
        typer.Option(
            "--samples",
            "-n",
            min=1,
            help="Repeat each probe, and report statistics.",
            rich_help_panel=PROBING,
        ),
    ] = 1,
    warm: Annotated[
        bool,
        typer.Option(
            "--warm", help="Measure on an open connection instead of a new one.", rich_help_panel=PROBING
        ),
    ] = False,
    concurrency: Annotated[
        int | None,
        typer.Option("--concurrency", min=1, help="Probes at once; default 32.", rich_help_panel=PROBING),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            "--rate", min=0.001, help="Attempts begun in a second, at most.", rich_help_panel=PROBING
        ),
    ] = None,
    max_tokens_total: Annotated[
        int | None,
        typer.Option(
            "--max-tokens-total",
            min=1,
            metavar="N",
            help="Tokens that the run may use; what they cannot carry is skipped.",
            rich_help_panel=PROBING,
        ),
    ] = None,
    deadline: Annotated[
        str | None,
        typer.Option(
            "--deadline",
            metavar="DURATION",
            help="Of the entire run; what is unfinished then is skipped.",
            rich_help_panel=PROBING,
        ),
    ] = None,
    with_status: Annotated[
        bool,
        typer.Option(
            "--with-status",
            help="Read the providers' own status pages, too; they never overrule what was measured.",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
    bundle: BundleOption = None,
    fail_on: FailOnOption = "failed",
    record: Annotated[
        bool | None,
        typer.Option(
            "--record/--no-record", help="Write the results to the history.", rich_help_panel=MEMORY
        ),
    ] = None,
    db: DbOption = None,
    on_change: Annotated[
        bool,
        typer.Option(
            "--on-change",
            help="Print only when a target fails, works again, or a reminder is due.",
            rich_help_panel=MEMORY,
        ),
    ] = False,
    confirm: Annotated[
        int | None,
        typer.Option(
            "--confirm",
            min=1,
            help="Failed runs in a row before it is told; default 1.",
            rich_help_panel=MEMORY,
        ),
    ] = None,
    recover: Annotated[
        int | None,
        typer.Option(
            "--recover",
            min=1,
            help="Good runs in a row before the end is told; default 1.",
            rich_help_panel=MEMORY,
        ),
    ] = None,
    remind: Annotated[
        str | None,
        typer.Option(
            "--remind",
            metavar="DURATION",
            help="Tell a failure that lasts again after this time.",
            rich_help_panel=MEMORY,
        ),
    ] = None,
    exec: Annotated[
        str | None,
        typer.Option(
            "--exec",
            metavar="COMMAND",
            help="On a change run this (no shell), with the verdict as JSON on its standard input.",
            rich_help_panel=MEMORY,
        ),
    ] = None,
    webhook: Annotated[
        str | None,
        typer.Option(
            "--webhook",
            metavar="URL",
            help="On a change post the verdict as JSON: a URL, or env:NAME.",
            rich_help_panel=MEMORY,
        ),
    ] = None,
    heartbeat: Annotated[
        str | None,
        typer.Option(
            "--heartbeat",
            metavar="URL",
            help="Call this URL after each run, URL/fail when it is red: a URL, or env:NAME.",
            rich_help_panel=MEMORY,
        ),
    ] = None,
    format: FormatOption = Format.TABLE,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FORMAT:PATH",
            help="Also write a file; repeatable.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    quiet: Annotated[
        bool,
        typer.Option(
            "-q",
            "--quiet",
            help="One line for each failure, nothing when all is well.",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option("-v", "--verbose", help="Waterfall and facts of each probe.", rich_help_panel=OUTPUT),
    ] = False,
    no_color: NoColorOption = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be sent; send nothing.", rich_help_panel=OUTPUT)
    ] = False,
    debug: DebugOption = False,
) -> None:
    """
    Probe targets: is each up, whose fault is it, where did the time go, what now?

    Example: llmprobe check anthropic openai/gpt-6-luna -v
    """
    from llmprobe.cli.job import Flags, run_check

    flags = Flags(
        targets=targets or [],
        config=config,
        env_file=env_file,
        base_url=base_url,
        dialect=dialect,
        api_key_env=api_key_env,
        model=model,
        probes=probe or [],
        timeout=timeout,
        retries=retries,
        samples=samples,
        warm=warm,
        concurrency=concurrency,
        rate=rate,
        max_tokens_total=max_tokens_total,
        deadline=deadline,
        record=record,
        db=db,
        on_change=on_change,
        confirm=confirm,
        recover=recover,
        remind=remind,
        exec=exec,
        webhook=webhook,
        heartbeat=heartbeat,
        with_status=with_status,
        bundle=bundle,
        fail_on=fail_on,
        format=str(format),
        outputs=output or [],
        quiet=quiet,
        verbose=verbose,
        no_color=no_color,
        dry_run=dry_run,
        debug=debug,
    )
    raise typer.Exit(run_check(flags))
