"""What to probe: targets of a file, of the environment, or made by a program."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import UNSET
from msgspec.structs import replace

from llmprobe.config import Plan, Selection, make_plan
from llmprobe.config.convert import require_known
from llmprobe.config.schema import DefaultsTable, Probe, TargetTable
from llmprobe.config.targets import Entry, TargetBuilder
from llmprobe.errors import UsageError
from llmprobe.model import Credential, Group, Secret, Target
from llmprobe.providers import dialects, providers
from llmprobe.redact import SCRUB

Targets = Plan | Target | str | Iterable[Target | str] | None
"""A plan of `targets_from`, targets of `target`, or names as on the command line; None means all."""


def target(
    provider: str,
    base_url: str | None = None,
    *,
    model: str | None = None,
    api_key: str | None = None,
    name: str | None = None,
    probes: Sequence[Probe] = ("stream",),
    timeout_s: float = 30.0,
    env: Mapping[str, str] | None = None,
) -> Target:
    """
    A target without a file.

    Args:
        provider: A name of `llmprobe providers`, such as "openai"; or a wire format such as "openai-chat",
            which needs `base_url`. A name that is both is the wire format where `base_url` is given.
        base_url: Instead of the provider's; with or without `/v1`, a trailing slash or the full path.
        model: Instead of the provider's default model.
        api_key: Held as a secret and sent as the provider wants it. None reads a provider's own variable;
            a wire format is then sent no key.
        name: What results call it; the provider's name or the host otherwise.
        probes: "edge", "models", "chat", "stream", "embeddings", "json" or "tools".
        timeout_s: Seconds for each attempt as a whole.
        env: Instead of the process's environment.

    Raises:
        UsageError: The name is unknown, the wire format has no such probe, or an address is missing.

    Example:
        >>> import llmprobe
        >>> llmprobe.target("openai", model="gpt-6-luna", env={}).model
        'gpt-6-luna'
    """
    is_dialect = provider in dialects() and (base_url is not None or provider not in providers())
    if not is_dialect:
        require_known("provider", provider, [*providers(), *dialects()])
    if is_dialect and base_url is None:
        raise UsageError(f'"{provider}" is a wire format: base_url is needed', "or name a provider")
    table = TargetTable(
        provider=UNSET if is_dialect else provider,
        dialect=provider if is_dialect else UNSET,
        base_url=base_url or UNSET,
        api_key=False if is_dialect or api_key is not None else UNSET,
        probes=list(probes),
        timeout=timeout_s,
    )
    entry = Entry(name or _name(provider, base_url, is_dialect), table, DefaultsTable(), model)
    built = TargetBuilder(os.environ if env is None else env, read_secrets=True).build(entry).target
    if api_key is None:
        return built
    SCRUB.add(api_key)
    return replace(built, credential=Credential(Secret(api_key), *_auth(provider, is_dialect), "argument"))


def targets_from(config: str | Path | None = None, *names: str, env: Mapping[str, str] | None = None) -> Plan:
    """
    The targets of a configuration file, or of the environment, as on the command line.

    Args:
        config: The file; None follows the order of discovery.
        names: Names, globs, `@tag` or `group:NAME`; none means all.
        env: Instead of the process's environment.

    Returns:
        A plan: iterate, index or count its targets. With them come the groups, the limits, the history and
        the alerts of the file, so that `check` of it is what the command line does.

    Raises:
        ConfigError, UsageError, SecretError: Before anything is sent.
    """
    selection = Selection(targets=names, config=Path(config) if config else None)
    return make_plan(selection, os.environ if env is None else env)


def plan_of(
    targets: Targets,
    config: str | Path | None = None,
    groups: Sequence[Group] | None = None,
    *,
    group_first: bool = False,
) -> Plan:
    """
    One plan from all that `Targets` may be.

    Args:
        groups: Of names among the targets, instead of the configuration's.
        group_first: Whether a bare name is a group's, if there is such a group.

    Raises:
        LlmprobeError: Before anything is sent.
    """
    if not isinstance(targets, Plan):
        targets = _planned(targets, config, group_first=group_first)
    return targets if groups is None else replace(targets, groups=groups)


def _planned(
    targets: Target | str | Iterable[Target | str] | None, config: str | Path | None, *, group_first: bool
) -> Plan:
    given = [targets] if isinstance(targets, Target | str) else list(targets or [])
    made = [one for one in given if isinstance(one, Target)]
    names = [one for one in given if isinstance(one, str)]
    if made and (names or config is not None):
        raise UsageError("targets of a program and names of a configuration do not mix")
    if made or (targets is not None and not given):
        return Plan.of(made)
    selection = Selection(targets=names, config=Path(config) if config else None, group_first=group_first)
    return make_plan(selection, os.environ)


def _name(provider: str, base_url: str | None, is_dialect: bool) -> str:
    host = str(base_url).split("://", 1)[-1].split("/", 1)[0].rpartition("@")[2]
    return host if is_dialect else provider


def _auth(provider: str, is_dialect: bool) -> tuple[str, str]:
    """Header and scheme; a wire format has those of the first provider that speaks it."""
    if not is_dialect:
        return providers()[provider].auth
    speaks = (p.auth for p in providers().values() if p.dialect == provider)
    return next(speaks, ("Authorization", "Bearer"))
