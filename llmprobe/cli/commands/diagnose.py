"""`llmprobe diagnose`: climb from this machine to the model, and show each rung as it is done."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from llmprobe.cli.options import (
    OUTPUT,
    ApiKeyEnvOption,
    BaseUrlOption,
    BundleOption,
    ConfigOption,
    DebugOption,
    DialectOption,
    EnvFileOption,
    ModelOption,
    NoColorOption,
    TargetOption,
    TimeoutOption,
)

if TYPE_CHECKING:
    from llmprobe.cli.screen import Screen
    from llmprobe.model import Target
    from llmprobe.model.diagnosis import Diagnosis, Rung


class DiagnosisFormat(StrEnum):
    """Formats of a diagnosis."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


def diagnose(
    target: TargetOption = None,
    config: ConfigOption = None,
    env_file: EnvFileOption = None,
    base_url: BaseUrlOption = None,
    dialect: DialectOption = None,
    api_key_env: ApiKeyEnvOption = None,
    model: ModelOption = None,
    timeout: TimeoutOption = None,
    with_status: Annotated[
        bool,
        typer.Option(
            "--status/--no-status", help="Read the provider's own page, too.", rich_help_panel=OUTPUT
        ),
    ] = True,
    bundle: BundleOption = None,
    format: Annotated[
        DiagnosisFormat,
        typer.Option("-f", "--format", help="table, json or markdown.", rich_help_panel=OUTPUT),
    ] = DiagnosisFormat.TABLE,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Details of each rung.", rich_help_panel=OUTPUT)
    ] = False,
    no_color: NoColorOption = False,
    debug: DebugOption = False,  # noqa: ARG001 - read from the command line where errors are caught
) -> None:
    """
    Climb from this machine to the model, rung by rung, and say where it breaks and what to do.

    Example: llmprobe diagnose anthropic
    """
    from msgspec.structs import replace

    from llmprobe.cli.event_loop import Signals, in_loop
    from llmprobe.cli.job import bundle_flag, only_target, overrides, plan_for
    from llmprobe.cli.screen import Screen
    from llmprobe.monitor.diagnose import diagnose as climb
    from llmprobe.reports.bundle import Bundle

    plan = plan_for(
        [target] if target else [],
        config,
        env_file,
        overrides(base_url=base_url, dialect=dialect, api_key_env=api_key_env, model=model, timeout=timeout),
    )
    chosen = only_target(plan, "diagnose looks at one target at a time")
    screen = Screen(no_color=no_color, verbose=verbose)
    archive = bundle_flag(bundle)
    kept = Bundle()
    shown = _Ladder(screen, chosen) if format is DiagnosisFormat.TABLE else None

    async def climbing() -> Diagnosis:
        with Signals() as signals:
            done = await climb(
                plan,
                with_status=with_status,
                on_rung=shown.rung if shown else None,
                on_exchange=kept.keep if archive else None,
                stop=signals.stop,
            )
            return replace(done, exit_code=signals.code or done.exit_code)

    done = in_loop(climbing())
    if shown:
        shown.end(done)
    else:
        screen.write(_rendered(done, format))
    if archive is not None:
        screen.write_bundle(archive, kept.of_diagnosis(done))
    raise typer.Exit(int(done.exit_code))


def _rendered(done: Diagnosis, format: DiagnosisFormat) -> str:
    from llmprobe.reports import diagnosis as report

    return report.render_json(done) if format is DiagnosisFormat.JSON else report.render_markdown(done)


class _Ladder:
    """The ladder on a terminal: finished rungs stay, the one that is climbed is shown on standard error."""

    def __init__(self, screen: Screen, target: Target) -> None:
        from llmprobe.reports.diagnosis import render_head

        self._screen = screen
        head = render_head(target.display_provider, target.model, target.base_url, screen.look)
        screen.write(head)
        self._draw("climbing …")

    def rung(self, rung: Rung) -> None:
        from llmprobe.model.diagnosis import RungState
        from llmprobe.reports.diagnosis import render_rung

        self._draw("")
        self._screen.write(render_rung(rung, self._screen.look))
        if rung.state is not RungState.BROKEN:
            self._draw("climbing …")

    def end(self, done: Diagnosis) -> None:
        from llmprobe.reports.diagnosis import render_end

        self._draw("")
        self._screen.write(render_end(done, self._screen.look))

    def _draw(self, text: str) -> None:
        if self._screen.is_live:
            self._screen.draw(text)
