"""What `init` does: find keys and servers, ask each for its models, write a file that says so."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from llmprobe.cli.event_loop import in_loop
from llmprobe.cli.output import Screen, write_atomically
from llmprobe.config.files import read_env_file
from llmprobe.config.schema import DefaultsTable, TargetTable, config_schema
from llmprobe.config.select import entries_from_environment
from llmprobe.config.targets import Entry, TargetBuilder
from llmprobe.config.writing import SCHEMA_FILE, NewTarget, new_file
from llmprobe.engine.probing.probe_once import list_models
from llmprobe.errors import LlmprobeError, UsageError
from llmprobe.json_text import readable
from llmprobe.model import ModelInfo, Result, Status, Target, Timeouts
from llmprobe.providers import providers

_PATIENCE = Timeouts(total_s=8.0, connect_s=4.0)
_LOCAL_PATIENCE = Timeouts(total_s=2.0, connect_s=0.5)
_NOTHING = (
    "export a provider's key (for example ANTHROPIC_API_KEY) or put it into .env; "
    "--local looks for servers on this machine"
)


class Beginning(Struct, frozen=True):
    """The command line of `init`."""

    path: Path
    env_file: Path | None
    local: bool
    offline: bool
    show: bool
    force: bool
    no_color: bool


class Found(Struct, frozen=True):
    """A target that could be probed, and what its list of models said (None: not asked)."""

    target: Target
    result: Result | None = None
    models: Sequence[ModelInfo] = ()


def run_init(about: Beginning) -> int:
    """
    Run `init`.

    Returns:
        0 when a file was written or shown, 1 when the question was answered with no.

    Raises:
        UsageError: Nothing was found, or there is a file already and nobody to ask.
    """
    screen = Screen(no_color=about.no_color)
    if not about.show:
        _check_place(about)
    env, env_name = _environment(about)
    found = in_loop(_look(env, about))
    if not found:
        raise UsageError("found no key and no server", _NOTHING)
    for one in found:
        screen.note(_words(one))
    text = new_file([_new_target(one) for one in found], _group(found))
    if about.show:
        screen.write(text)
        return 0
    if not _agreed(about, len(found)):
        return 1
    _write(about.path, text)
    screen.note(f"wrote {about.path} and {about.path.with_name(SCHEMA_FILE)} (for your editor)")
    extra = f" --env-file {env_name}" if env_name else ""
    screen.note(f"next: llmprobe check{extra}")
    return 0


def _check_place(about: Beginning) -> None:
    if not about.path.parent.is_dir():
        raise UsageError(f'there is no folder "{about.path.parent}"')
    if about.path.exists() and not about.force and not _can_ask():
        raise UsageError(
            f'"{about.path}" is there already', "--force overwrites it, --print shows what would be written"
        )


def _agreed(about: Beginning, count: int) -> bool:
    """Questions only on a terminal; without one the flags have said all."""
    if not _can_ask() or about.force:
        return True
    verb = "overwrite" if about.path.exists() else "write"
    default = "y/N" if about.path.exists() else "Y/n"
    sys.stderr.write(f"{verb} {about.path} with {count} target{'s' if count > 1 else ''}? [{default}] ")
    sys.stderr.flush()
    answer = sys.stdin.readline().strip().lower()
    return answer in ("y", "yes") or (answer == "" and default == "Y/n")


def _can_ask() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def _environment(about: Beginning) -> tuple[Mapping[str, str], str | None]:
    """Variables with those of a .env file below them, and that file's name where it was read."""
    path = about.env_file or Path(".env")
    if about.env_file is None and not path.is_file():
        return os.environ, None
    return {**read_env_file(path), **os.environ}, str(path)


async def _look(env: Mapping[str, str], about: Beginning) -> list[Found]:
    targets = list(_hosted(env))
    found = [Found(target) for target in targets]
    if not about.offline:
        found = list(await asyncio.gather(*(_asked(target, _PATIENCE) for target in targets)))
    return [*found, *(await local_servers() if about.local else [])]


def _hosted(env: Mapping[str, str]) -> Sequence[Target]:
    """One for each provider whose key is set; one whose address is incomplete is left out."""
    builder = TargetBuilder(env, read_secrets=True)
    built = []
    for entry in entries_from_environment(env):
        try:
            built.append(builder.build(entry).target)
        except LlmprobeError as exc:
            print(f"left out {entry.name}: {exc.message}", file=sys.stderr)
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


def _words(one: Found) -> str:
    target = one.target
    key = f"key from {target.credential.origin}" if target.credential else "no key"
    if one.result is None:
        return f"found {target.display_provider} ({key})"
    if one.result.status is Status.FAILED:
        return f"found {target.display_provider} ({key}), but {one.result.category}: {one.result.reason}"
    return f"found {target.display_provider} ({key}), {len(one.models)} models"


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
    return f"{title}: {len(one.models)} models" + (f", such as {', '.join(others)}" if others else "")


def _group(found: Sequence[Found]) -> list[str]:
    """Hosted providers can stand in for each other."""
    return [one.target.name for one in found if not providers()[one.target.provider].local]


def _write(path: Path, text: str) -> None:
    """Raises UsageError; an old file is untouched then."""
    try:
        write_atomically(path, text)
        write_atomically(path.with_name(SCHEMA_FILE), readable(config_schema()))
    except OSError as exc:
        raise UsageError(f'cannot write "{path}": {exc.strerror}') from None
