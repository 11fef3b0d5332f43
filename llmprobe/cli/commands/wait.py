"""`llmprobe wait`: wait until targets are healthy."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from llmprobe.cli.options import (
    OUTPUT,
    PROBING,
    ApiKeyEnvOption,
    BaseUrlOption,
    ConfigOption,
    DebugOption,
    DialectOption,
    EnvFileOption,
    FailOnOption,
    FormatOption,
    ModelOption,
    NoColorOption,
    ProbeOption,
    TargetsArgument,
    TimeoutOption,
)
from llmprobe.durations import format_duration
from llmprobe.reports.formats import Format

if TYPE_CHECKING:
    from llmprobe.cli.screen import Screen
    from llmprobe.model import Run


def wait(
    targets: TargetsArgument = None,
    for_: Annotated[
        str,
        typer.Option("--for", metavar="DURATION", help="Wait at most this long.", rich_help_panel=PROBING),
    ] = "10m",
    every: Annotated[
        str,
        typer.Option(
            "--every",
            metavar="DURATION",
            help="Longest pause between two runs; the first pauses are shorter.",
            rich_help_panel=PROBING,
        ),
    ] = "15s",
    config: ConfigOption = None,
    env_file: EnvFileOption = None,
    base_url: BaseUrlOption = None,
    dialect: DialectOption = None,
    api_key_env: ApiKeyEnvOption = None,
    model: ModelOption = None,
    probe: ProbeOption = None,
    timeout: TimeoutOption = None,
    fail_on: FailOnOption = "failed",
    format: FormatOption = Format.TABLE,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="No progress, no report.", rich_help_panel=OUTPUT)
    ] = False,
    no_color: NoColorOption = False,
    debug: DebugOption = False,
) -> None:
    """
    Wait until targets are healthy.

    Exits 0, or with the last verdict's code: at the deadline, and as soon as what is wrong cannot be
    cured by waiting (a rejected key, for example).

    Example: llmprobe wait --base-url http://127.0.0.1:8000 -m m --for 5m && start-my-program
    """
    from msgspec.structs import replace

    from llmprobe.cli.durations import parse_duration_flag
    from llmprobe.cli.event_loop import Signals, in_loop
    from llmprobe.cli.job import overrides, plan_for
    from llmprobe.cli.screen import Screen
    from llmprobe.monitor.job import options_for, parse_fail_on
    from llmprobe.monitor.wait import wait as until_healthy

    screen = Screen(no_color=no_color)
    for_s, every_s = parse_duration_flag("--for", for_), parse_duration_flag("--every", every)
    counted = parse_fail_on(fail_on)
    table = overrides(
        base_url=base_url,
        dialect=dialect,
        api_key_env=api_key_env,
        model=model,
        probes=probe,
        timeout=timeout,
    )
    plan = plan_for(targets or [], config, env_file, table, screen=screen)
    options = options_for(plan, fail_on=counted, on_bug=screen.note if debug else None)
    shown = _Shown(screen, for_s, quiet=quiet)

    async def waiting() -> tuple[Run, int | None]:
        with Signals() as signals:
            stoppable = replace(options, stop=signals.stop)
            done = await until_healthy(plan, stoppable, for_s=for_s, every_s=every_s, on_pause=shown.pause)
            return replace(done, exit_code=signals.code or done.exit_code), signals.code

    done, interrupted = in_loop(waiting())
    shown.end(done, ended_early=interrupted is None)
    if not quiet:
        screen.show(format, done)
    raise typer.Exit(format.exit_code(done, interrupted))


class _Shown:
    """On a terminal one line that is drawn again; elsewhere a line when the situation changes."""

    def __init__(self, screen: Screen, for_s: float, *, quiet: bool) -> None:
        self._screen = screen
        self._for_s = for_s
        self._quiet = quiet
        self._live = screen.is_live and not quiet
        self._said = ""
        self._began = time.monotonic()
        if self._live:
            screen.draw("probing …")

    def pause(self, done: Run, next_s: float, left_s: float) -> None:
        if self._live:
            waited, all_of_it = format_duration(self._for_s - left_s), format_duration(self._for_s)
            self._screen.draw(f"{waited} of {all_of_it}, next run in {next_s:.0f} s: {done.conclusion}")
        elif not self._quiet and done.conclusion != self._said:
            self._said = done.conclusion
            self._screen.note(f"waiting: {done.conclusion}")

    def end(self, done: Run, *, ended_early: bool) -> None:
        """Why nothing is waited for any more, where that is not plain."""
        if self._live:
            self._screen.draw("")
        if self._quiet or not ended_early or done.exit_code == 0:
            return
        if time.monotonic() - self._began < self._for_s:
            self._screen.note("stopped waiting: what is wrong does not pass by itself")
        else:
            self._screen.note(f"stopped waiting after {format_duration(self._for_s)}")
