"""`llmprobe diagnose`: climb from this machine to the model, and show each rung as it is done."""

from __future__ import annotations

import shlex
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
    completing,
)

if TYPE_CHECKING:
    from llmprobe.model.diagnosis import Diagnosis
    from llmprobe.reports import Look


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
            "--status/--no-status", help="Read the provider's status page, too.", rich_help_panel=OUTPUT
        ),
    ] = True,
    bundle: BundleOption = None,
    format: Annotated[
        DiagnosisFormat,
        typer.Option(
            "-f",
            "--format",
            help="table, json or markdown.",
            autocompletion=completing("diagnosis formats"),
            rich_help_panel=OUTPUT,
        ),
    ] = DiagnosisFormat.TABLE,
    fix: Annotated[
        bool,
        typer.Option(
            "--fix", help="Show what a repair would change, without changing it.", rich_help_panel=OUTPUT
        ),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Details of each rung.", rich_help_panel=OUTPUT)
    ] = False,
    no_color: NoColorOption = False,
    debug: DebugOption = False,  # noqa: ARG001 - read from the command line where errors are caught
) -> None:
    """
    Find where one target breaks, step by step.

    Climbs from this machine to the model, rung by rung, and says where it breaks and what to do.

    Example: llmprobe diagnose anthropic
    """
    from msgspec.structs import replace

    from llmprobe.cli.called import as_called
    from llmprobe.cli.event_loop import Signals, in_loop
    from llmprobe.cli.job import bundle_flag, only_target, overrides, plan_for
    from llmprobe.cli.ladder import Ladder
    from llmprobe.cli.screen import Screen
    from llmprobe.config.files import state_folder
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
    ladder = Ladder(screen, chosen, prints=format is DiagnosisFormat.TABLE)

    def own(words: str) -> str:
        """The same target and flags with another command of ours; `models` takes no model."""
        named = {
            "--config": config, "--env-file": env_file, "--base-url": base_url, "--dialect": dialect,
            "--api-key-env": api_key_env, "--model": None if words == "models" else model,
        }  # fmt: skip
        flags = [part for flag, value in named.items() if value is not None for part in (flag, str(value))]
        return f"{as_called()} {words} {shlex.join([*([target] if target else []), *flags])}".rstrip()

    async def climbing() -> Diagnosis:
        with Signals() as signals:
            async with ladder:
                done = await climb(
                    plan,
                    with_status=with_status,
                    on_rung=ladder.rung,
                    on_step=ladder.step,
                    on_exchange=kept.keep if archive else None,
                    own=own,
                    memory=state_folder() / "diagnoses.json",
                    stop=signals.stop,
                )
            return replace(done, exit_code=signals.code or done.exit_code)

    done = in_loop(climbing())
    screen.write(_rendered(done, format, screen.look, with_repairs=fix))
    if archive is not None:
        screen.write_bundle(archive, kept.of_diagnosis(done))
    raise typer.Exit(int(done.exit_code))


def _rendered(done: Diagnosis, format: DiagnosisFormat, look: Look, *, with_repairs: bool) -> str:
    """The end of the table, whose rungs were printed as they were passed; else the whole document."""
    from llmprobe.reports import diagnosis as report

    if format is DiagnosisFormat.JSON:
        return report.render_json(done)
    if format is DiagnosisFormat.MARKDOWN:
        return report.render_markdown(done, with_repairs=with_repairs)
    return report.render_end(done, look, with_repairs=with_repairs)
