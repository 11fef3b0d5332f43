"""`llmprobe serve`: metrics for Prometheus, and a page for people."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmprobe.cli import options as flag

if TYPE_CHECKING:
    from llmprobe.cli.screen import Screen
    from llmprobe.config.serve import ServeSettings
    from llmprobe.monitor.job import Job

_HTTP = "Serving"


def serve(
    targets: flag.TargetsArgument = None,
    config: flag.ConfigOption = None,
    env_file: flag.EnvFileOption = None,
    listen: Annotated[
        str | None,
        typer.Option(
            "--listen",
            metavar="ADDRESS:PORT",
            help="Address and port to listen on (default 127.0.0.1:9750).",
            rich_help_panel=_HTTP,
        ),
    ] = None,
    host: Annotated[
        list[str] | None,
        typer.Option(
            "--host",
            metavar="NAME",
            help="Host name that requests may use; repeatable.",
            rich_help_panel=_HTTP,
        ),
    ] = None,
    every: Annotated[
        str | None,
        typer.Option(
            "--every",
            metavar="DURATION",
            help="Probe all targets at this interval; /metrics then has everything.",
            rich_help_panel=_HTTP,
        ),
    ] = None,
    min_interval: Annotated[
        str | None,
        typer.Option(
            "--min-interval",
            metavar="DURATION",
            help="Minimum time between two probes of a target (default 30s).",
            rich_help_panel=_HTTP,
        ),
    ] = None,
    tokens_per_hour: Annotated[
        int | None,
        typer.Option(
            "--tokens-per-hour",
            min=0,
            metavar="N",
            help="Tokens that probes may use in an hour (default 1000000; 0: no limit).",
            rich_help_panel=_HTTP,
        ),
    ] = None,
    fail_on: flag.FailOnOption = "failed",
    record: flag.RecordOption = None,
    db: flag.DbOption = None,
    debug: flag.DebugOption = False,
) -> None:
    """
    Serve metrics to Prometheus, a page to people.

    /probe?target=NAME probes as blackbox exporter does: NAME is a target, group:NAME or @tag of the
    configuration, &module=PROBE another kind of probe, &debug=true a log instead. /metrics is about
    llmprobe itself, and with --every about all targets. SIGHUP and POST /-/reload read the
    configuration again. Needs the extra serve: pip install "llmprobe-cli[serve]"

    Example: llmprobe serve --every 1m
    """
    from llmprobe.cli.durations import parse_duration_flag
    from llmprobe.cli.event_loop import in_loop
    from llmprobe.cli.job import plan_for
    from llmprobe.cli.screen import Screen
    from llmprobe.config.otlp import otlp_settings
    from llmprobe.config.serve import settings_over
    from llmprobe.monitor.job import parse_fail_on
    from llmprobe.serving.extra import require_extra
    from llmprobe.serving.making import job_of

    require_extra()
    screen = Screen()
    limits = {
        "listen": _listen_flag(listen),
        "hosts": host,
        "every_s": parse_duration_flag("--every", every),
    }
    guard = {
        "min_interval_s": parse_duration_flag("--min-interval", min_interval),
        "tokens_per_hour": tokens_per_hour,
    }
    asked: dict[str, Any] = {
        "fail_on": parse_fail_on(fail_on),
        "on_bug": screen.note if debug else None,
        "otlp": otlp_settings(None, os.environ),
    }

    def load() -> tuple[Job, ServeSettings]:
        plan = plan_for(targets or [], config, env_file, screen=screen)
        return job_of(plan, record=record, db=db, **asked), settings_over(plan.serve(), limits, guard)

    in_loop(_serve(load, screen))


def _listen_flag(text: str | None) -> Any:
    """Raises UsageError for what is no address with a port."""
    from llmprobe.config.serve import parse_listen
    from llmprobe.errors import UsageError

    if text is None:
        return None
    if (found := parse_listen(text)) is None:
        raise UsageError(f'--listen: expected ADDRESS:PORT, got "{text}"', "such as 127.0.0.1:9750")
    return found


async def _serve(load: Any, screen: Screen) -> None:
    from llmprobe.cli.serving import listening_on, serve_until_stopped
    from llmprobe.monitor.prober import Prober

    prober = Prober(load, screen.note)
    await prober.start()
    with listening_on(prober.settings.listen) as listening:
        await serve_until_stopped(prober, listening, screen)
