"""Flags, parsed once: the plan they choose, and where the output goes. Below it no code sees a flag."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from llmprobe.cli.durations import parse_duration_flag
from llmprobe.cli.screen import Destination, Screen, place_for
from llmprobe.config import Plan, Selection, make_plan
from llmprobe.config.addresses import url_mistake
from llmprobe.config.alerts import WEBHOOK_FORMATS
from llmprobe.config.convert import require_known
from llmprobe.config.schema import ApiKeyTable, TargetTable
from llmprobe.errors import UsageError
from llmprobe.model import ProbeKind, Target
from llmprobe.providers import dialects
from llmprobe.reports import Format


class Output(Struct, frozen=True):
    """
    What is printed and written.

    Attributes:
        on_change: Print only when there is something to tell.
        bundle: The archive for a provider's support.
    """

    format: Format
    files: Sequence[Destination] = ()
    quiet: bool = False
    on_change: bool = False
    bundle: Path | None = None

    @property
    def streams(self) -> bool:
        """Whether each result is printed as it arrives."""
        return self.format.can.streams and not self.quiet and not self.on_change


def plan_for(
    targets: Sequence[str],
    config: Path | None,
    env_file: Path | None,
    overrides: TargetTable | None = None,
    *,
    screen: Screen | None = None,
    read_secrets: bool = True,
    group_first: bool = False,
) -> Plan:
    """
    What these flags choose; its warnings go to `screen`.

    Raises:
        LlmprobeError: Nothing was sent.
    """
    selection = Selection(
        targets, config, env_file, overrides or TargetTable(), read_secrets, group_first=group_first
    )
    plan = make_plan(selection, os.environ)
    if screen is not None:
        for warning in plan.warnings:
            screen.note(f"warning: {warning}")
    return plan


def only_target(plan: Plan, rule: str) -> Target:
    """The plan's only target. Raises UsageError, in the words of `rule`, where there are several."""
    if len(plan) != 1:
        names = ", ".join(target.name for target in plan.targets[:20])
        raise UsageError(rule, f"name one of: {names}")
    return plan[0]


def bundle_flag(path: Path | None) -> Path | None:
    """Raises UsageError for a folder that is not there."""
    return None if path is None else place_for("--bundle", path)


def alert_flags(
    plan: Plan,
    *,
    confirm: int | None,
    recover: int | None,
    remind: str | None,
    exec: str | None,
    webhook: str | None,
    webhook_format: str | None,
    heartbeat: str | None,
    otlp: bool | None,
) -> dict[str, Any]:
    """
    The flags that are stronger than `[alerts]`, as fields of `AlertSettings`; None leaves a field as it is.

    Raises:
        UsageError: A flag makes no sense.
    """
    from llmprobe.config.otlp import otlp_settings

    return {
        "confirm": confirm,
        "recover": recover,
        "remind_s": parse_duration_flag("--remind", remind),
        "command": _command(exec),
        "webhook": plan.address("--webhook", webhook),
        "webhook_format": _webhook_format(webhook_format),
        "heartbeat": plan.address("--heartbeat", heartbeat),
        "otlp": otlp_settings(otlp, os.environ),
    }


def _command(text: str | None) -> tuple[str, ...] | None:
    """`--exec`, split as a shell would. Raises UsageError for an open quote."""
    if text is None:
        return None
    import shlex

    try:
        return tuple(shlex.split(text))
    except ValueError as exc:
        raise UsageError(f"--exec: {str(exc).lower()}") from None


def _webhook_format(name: str | None) -> str | None:
    """`--webhook-format`. Raises UsageError for an unknown name."""
    if name is not None:
        require_known("format", name, WEBHOOK_FORMATS, flag="--webhook-format")
    return name


def overrides(
    *,
    base_url: str | None = None,
    dialect: str | None = None,
    api_key_env: str | None = None,
    model: str | None = None,
    probes: Sequence[str] | None = None,
    timeout: str | None = None,
    retries: int | None = None,
) -> TargetTable:
    """Flags as the strongest layer of the configuration; each is checked here. Raises UsageError."""
    table = TargetTable()
    if base_url is not None:
        if mistake := url_mistake(base_url):
            raise UsageError(f"--base-url: {mistake}")
        table.base_url = base_url
    if dialect is not None:
        require_known("dialect", dialect, list(dialects()), flag="--dialect")
        table.dialect = dialect
    if api_key_env is not None:
        table.api_key = ApiKeyTable(env=api_key_env)
    if model is not None:
        table.model = model
    if retries is not None:
        table.retries = retries
    if probes:
        table.probes = _probes(probes)  # type: ignore[assignment]
    if timeout is not None:
        table.timeout = parse_duration_flag("--timeout", timeout)
    return table


def _probes(names: Sequence[str]) -> list[str]:
    probes = [part.strip() for name in names for part in name.split(",") if part.strip()]
    known = [str(kind) for kind in ProbeKind]
    if not probes:
        raise UsageError("--probe: expected a probe", f"known: {', '.join(known)}")
    for probe in probes:
        require_known("probe", probe, known, flag="--probe")
    return probes
