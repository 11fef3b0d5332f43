"""Find keys in the environment and servers on this machine, and ask each for its models."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from llmprobe.config.schema import DefaultsTable, TargetTable
from llmprobe.config.select import entries_from_environment
from llmprobe.config.targets import Entry, TargetBuilder
from llmprobe.config.writing import NewTarget, new_file
from llmprobe.counts import counted
from llmprobe.engine.probing.probe_once import list_models
from llmprobe.errors import LlmprobeError
from llmprobe.model import ModelInfo, Result, Status, Target, Timeouts
from llmprobe.monitor.tracking import Note
from llmprobe.providers import providers

_PATIENCE = Timeouts(total_s=8.0, connect_s=4.0)
_LOCAL_PATIENCE = Timeouts(total_s=2.0, connect_s=0.5)


class Found(Struct, frozen=True):
    """A target that could be probed, and what its list of models said (None: not asked)."""

    target: Target
    result: Result | None = None
    models: Sequence[ModelInfo] = ()


async def discover(
    env: Mapping[str, str], note: Note, *, local: bool = False, offline: bool = False
) -> list[Found]:
    """
    Targets for which there is a key or a server.

    Args:
        env: Where keys are looked for.
        note: Hears of providers that are left out, and why.
        local: Look for servers on the usual ports of this machine, too.
        offline: Ask no provider for its models.
    """
    targets = list(_hosted(env, note))
    found = [Found(target) for target in targets]
    if not offline:
        found = list(await asyncio.gather(*(_asked(target, _PATIENCE) for target in targets)))
    return [*found, *(await local_servers() if local else [])]


def first_configuration(found: Sequence[Found]) -> str:
    """The text of a configuration file with these targets."""
    return new_file([_new_target(one) for one in found], _group(found))


def _hosted(env: Mapping[str, str], note: Note) -> Sequence[Target]:
    """One for each provider whose key is set; one whose address is incomplete is left out."""
    builder = TargetBuilder(env, read_secrets=True)
    built = []
    for entry in entries_from_environment(env):
        try:
            built.append(builder.build(entry).target)
        except LlmprobeError as exc:
            note(f"left out {entry.name}: {exc.message}")
    return built


async def local_servers(addresses: Mapping[str, str] | None = None) -> list[Found]:
    """
    Servers that answer on their usual ports with a list of models.

    Args:
        addresses: Provider to base URL; None means the catalogue's. Of several that share an
            address the first one that is known is taken.
    """
    usual = {p.id: p.base_url for p in providers().values() if p.local and p.base_url and p.id != "simulator"}
    wanted = usual if addresses is None else addresses
    builder = TargetBuilder({}, read_secrets=False)
    targets = []
    for provider, url in wanted.items():
        table = TargetTable(provider=provider, base_url=url, proxy="", api_key=False)
        targets.append(builder.build(Entry(provider, table, DefaultsTable())).target)
    found = await asyncio.gather(*(_asked(target, _LOCAL_PATIENCE) for target in targets))
    return [one for one in found if one.result and one.result.status in (Status.HEALTHY, Status.DEGRADED)]


async def _asked(target: Target, patience: Timeouts) -> Found:
    result, models = await list_models(replace(target, timeouts=patience))
    return Found(target, result, models)


def describe(one: Found) -> str:
    """What was found and what its list of models said, in a line."""
    target = one.target
    key = f"key from {target.credential.origin}" if target.credential else "no key"
    if one.result is None:
        return f"found {target.display_provider} ({key})"
    if one.result.status is Status.FAILED:
        return f"found {target.display_provider} ({key}), but {one.result.category}: {one.result.reason}"
    return f"found {target.display_provider} ({key}), {counted(len(one.models), 'model')}"


def _new_target(one: Found) -> NewTarget:
    """The provider and a model; whatever the catalogue knows already is left to it."""
    target = one.target
    provider = providers()[target.provider]
    table: dict[str, object] = {"provider": target.provider}
    if provider.local:
        table["base_url"] = target.base_url
    if (model := _model(one)) is not None:
        table["model"] = model
    return NewTarget(target.name, table, _comment(one))


def _model(one: Found) -> str | None:
    """The catalogue's default where the key can use it (or nobody was asked), else the first of the list."""
    names = [info.id.removeprefix("models/") for info in one.models]
    default = one.target.model
    if default is not None and (not names or default in names):
        return default
    return names[0] if names else default


def _comment(one: Found) -> str:
    title = one.target.display_provider
    if one.result is None:
        return f"{title}: not asked"
    if one.result.status is Status.FAILED:
        return f"{title} answered: {one.result.reason}"
    others = [info.id for info in one.models if info.id != one.target.model][:3]
    return f"{title}: {counted(len(one.models), 'model')}" + (
        f", such as {', '.join(others)}" if others else ""
    )


def _group(found: Sequence[Found]) -> list[str]:
    """Hosted providers can stand in for each other."""
    return [one.target.name for one in found if not providers()[one.target.provider].local]
