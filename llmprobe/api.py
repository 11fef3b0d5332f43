"""What a Python program can do: the same as the command line, and the same `Run` comes back."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from llmprobe.config import Selection, make_plan
from llmprobe.config.keys import key_words
from llmprobe.config.schema import DefaultsTable, Probe, TargetTable
from llmprobe.config.targets import Entry, TargetBuilder
from llmprobe.engine.run import Options, run
from llmprobe.model import Credential, Run, Secret, Target
from llmprobe.redact import SCRUB

if TYPE_CHECKING:
    from llmprobe.model.diagnosis import Diagnosis


async def check(targets: Sequence[Target], *, concurrency: int = 32, samples: int = 1) -> Run:
    """
    Probe targets and conclude.

    Args:
        targets: From `target()` or `targets_from()`; their names must be unique.
        concurrency: Probes at once.
        samples: How often each probe is repeated.

    Returns:
        The run; a remote failure is a result in it, never an exception.

    Example:
        >>> import asyncio, llmprobe
        >>> async def main():
        ...     run = await llmprobe.check(llmprobe.targets_from("llmprobe.toml"))
        ...     return run.conclusion
    """
    return await run(targets, options=Options(concurrency=concurrency, samples=samples))


async def diagnose(target: Target) -> Diagnosis:
    """
    Climb from this machine to the model, cheap rungs first, and stop where it breaks.

    Returns:
        Rungs, where it broke, whose side, what next, what was not tested; never an exception
        for what a remote side does.
    """
    from llmprobe.engine.ladder.climb import diagnose as climb
    from llmprobe.model.diagnosis import Rung, RungName, RungState

    words, is_right = key_words(target)
    state = RungState.HOLDS if is_right else RungState.DOUBTFUL
    return await climb(target, Rung(RungName.CONFIGURATION, state, "read the target", words), os.environ)


def check_sync(targets: Sequence[Target], *, concurrency: int = 32, samples: int = 1) -> Run:
    """`check` for programs without an event loop. Raises RuntimeError inside a running loop."""
    return asyncio.run(check(targets, concurrency=concurrency, samples=samples))


def target(
    dialect: str,
    base_url: str,
    *,
    model: str | None = None,
    api_key: str | None = None,
    name: str | None = None,
    probes: Sequence[Probe] = ("stream",),
    timeout_s: float = 30.0,
) -> Target:
    """
    A target without a file.

    Args:
        dialect: A name of `llmprobe providers --dialects`.
        base_url: With or without `/v1`, a trailing slash or the full path.
        api_key: Held as a secret; sent as the dialect's provider would want it.

    Raises:
        UsageError: The dialect is unknown or has no such probe.
    """
    table = TargetTable(
        base_url=base_url, dialect=dialect, api_key=False, probes=list(probes), timeout=timeout_s
    )
    entry = Entry(name or base_url.split("://", 1)[-1].split("/", 1)[0], table, DefaultsTable(), model)
    built = TargetBuilder({}, read_secrets=True).build(entry).target
    if api_key is None:
        return built
    SCRUB.add(api_key)
    header, scheme = _KEY_HEADERS.get(dialect, ("Authorization", "Bearer"))
    return replace(built, credential=Credential(Secret(api_key), header, scheme, "argument"))


def targets_from(
    config: str | Path | None = None, *names: str, env: Mapping[str, str] | None = None
) -> list[Target]:
    """
    Targets of a configuration file, or of the environment as on the command line.

    Args:
        config: The file; None follows the order of discovery.
        names: Names, globs, `@tag` or `group:NAME`; none means all.
        env: Instead of the process's environment.

    Raises:
        ConfigError, UsageError, SecretError: Before anything is sent.
    """
    wanted = Selection(targets=names, config=Path(config) if config else None)
    plan = make_plan(wanted, os.environ if env is None else env)
    return [built.target for built in plan.built]


_KEY_HEADERS = {
    "anthropic-messages": ("x-api-key", ""),
    "gemini": ("x-goog-api-key", ""),
    "azure-openai": ("api-key", ""),
}
