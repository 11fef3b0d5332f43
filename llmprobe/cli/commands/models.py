"""`llmprobe models`: the models that a key can use."""

from __future__ import annotations

from typing import Annotated

import typer

from llmprobe.cli.options import (
    ApiKeyEnvOption,
    BaseUrlOption,
    ConfigOption,
    DebugOption,
    DialectOption,
    EnvFileOption,
    ListFormatOption,
    NoColorOption,
    TableOrJson,
    TimeoutOption,
    complete_target,
)


def models(
    target: Annotated[
        str | None,
        typer.Argument(
            help="A provider, or a target of the configuration.",
            show_default=False,
            autocompletion=complete_target,
        ),
    ] = None,
    config: ConfigOption = None,
    env_file: EnvFileOption = None,
    base_url: BaseUrlOption = None,
    dialect: DialectOption = None,
    api_key_env: ApiKeyEnvOption = None,
    timeout: TimeoutOption = None,
    format: ListFormatOption = TableOrJson.TABLE,
    no_color: NoColorOption = False,
    debug: DebugOption = False,  # noqa: ARG001 - read from the command line where errors are caught
) -> None:
    """
    List the models that a key can use.

    With the day on which each one ends.

    Example: llmprobe models anthropic
    """
    from llmprobe.cli.event_loop import in_loop
    from llmprobe.cli.job import only_target, overrides, plan_for
    from llmprobe.cli.screen import Screen
    from llmprobe.engine.outcome.exit_code import FailOn, exit_code
    from llmprobe.model import Status
    from llmprobe.monitor.models import models as list_models
    from llmprobe.reports.documents import models as report

    screen = Screen(no_color=no_color)
    table = overrides(base_url=base_url, dialect=dialect, api_key_env=api_key_env, timeout=timeout)
    plan = plan_for([target] if target else [], config, env_file, table, screen=screen)
    chosen = only_target(plan, "models asks one provider at a time")
    result, found = in_loop(list_models(chosen))
    if result.status is Status.FAILED or not found:
        screen.note(f"{result.category}: {result.reason}")
        if result.hint:
            screen.note(f"hint: {result.hint}")
        raise typer.Exit(int(exit_code([result], [], FailOn())) or 1)
    screen.answer(
        as_json=format is TableOrJson.JSON,
        document=lambda: report.document(chosen, found),
        text=lambda look: report.text(chosen, found, look),
    )
