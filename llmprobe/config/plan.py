"""Everything that a run needs to know, decided from flags, file and environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from llmprobe.config.alerts import AlertSettings, address_flag, alert_settings
from llmprobe.config.files import dotenv, find_config, with_env_file
from llmprobe.config.history import (
    HistorySettings,
    history_settings,
)
from llmprobe.config.known_secrets import remember_references
from llmprobe.config.load import Loaded, load
from llmprobe.config.schema import DefaultsTable, ServeTable, TargetTable
from llmprobe.config.select import entries_from_environment, entries_of, groups_of, is_negative, select
from llmprobe.config.serve import ServeSettings, serve_settings
from llmprobe.config.targets import Built, Entry, TargetBuilder, given
from llmprobe.errors import ConfigError, Mistake, UsageError
from llmprobe.model import Group, Secret, Target

DEFAULT_PER_HOST = 16
_HOW_TO_BEGIN = (
    "export a provider's key (for example ANTHROPIC_API_KEY), write a llmprobe.toml, "
    "or see it work first: llmprobe demo"
)


class Selection(Struct, frozen=True):
    """What the command line asks for."""

    targets: Sequence[str] = ()
    config: Path | None = None
    env_file: Path | None = None
    overrides: TargetTable = field(default_factory=TargetTable)
    read_secrets: bool = True
    group_first: bool = False


class Plan(Struct, frozen=True):
    """
    Targets ready to be probed, their groups and limits, and what should be said before. Iterates its targets.

    `alerts` reads the addresses of those that are told: only a run that may tell needs them. `address`
    reads one of a flag, from the same environment.
    """

    built: Sequence[Built]
    groups: Sequence[Group]
    concurrency: int | None
    per_host: int
    per_key: int | None
    rate_per_s: float | None
    warnings: Sequence[str]
    source: str
    history: HistorySettings
    serve: Callable[[], ServeSettings]
    alerts: Callable[[], AlertSettings]
    address: Callable[[str, str | None], Secret | None]

    @classmethod
    def of(cls, targets: Sequence[Target], groups: Sequence[Group] = ()) -> Plan:
        """A plan of targets that a program made: no file, no history, no alerts."""
        return cls(
            built=[_made(target) for target in targets],
            groups=groups,
            concurrency=None,
            per_host=DEFAULT_PER_HOST,
            per_key=None,
            rate_per_s=None,
            warnings=(),
            source="program",
            history=HistorySettings(),
            serve=lambda: serve_settings(ServeTable()),
            alerts=AlertSettings,
            address=lambda flag, text: address_flag(flag, text, {}),
        )

    @property
    def targets(self) -> list[Target]:
        return [built.target for built in self.built]

    def __iter__(self) -> Iterator[Target]:
        return iter(self.targets)

    def __len__(self) -> int:
        return len(self.built)

    def __getitem__(self, place: int) -> Target:
        return self.built[place].target


def make_plan(wanted: Selection, environ: Mapping[str, str]) -> Plan:
    """
    Resolve flags, configuration and environment.

    Raises:
        ConfigError, UsageError, SecretError, MissingExtraError: Nothing has been sent.
    """
    env = with_env_file(wanted.env_file, environ)
    path = find_config(wanted.config, env)
    loaded = load(path) if path else Loaded()
    remember_references(loaded.alerts, env)
    entries = entries_of(loaded)
    groups = groups_of(loaded, entries)
    if wanted.group_first:
        wanted = replace(wanted, targets=[_group_first(name, groups) for name in wanted.targets])
    chosen, source = _choose(wanted, loaded, entries, groups, env)
    builder = TargetBuilder(env, read_secrets=wanted.read_secrets, overrides=wanted.overrides)
    built = _all_built(builder, chosen)
    names = {b.target.name for b in built}
    return Plan(
        built=built,
        groups=[g for g in groups if names.issuperset(g.members)],
        concurrency=given(loaded.defaults.concurrency, None),
        per_host=given(loaded.defaults.per_host, DEFAULT_PER_HOST),
        per_key=given(loaded.defaults.per_key, None),
        rate_per_s=given(loaded.defaults.rate, None),
        warnings=[*loaded.warnings, *(w for b in built for w in b.warnings), *_in_dotenv(built, wanted)],
        source=source,
        history=history_settings(loaded.history),
        serve=lambda: serve_settings(loaded.serve),
        alerts=lambda: alert_settings(loaded.alerts, env),
        address=lambda flag, text: address_flag(flag, text, env),
    )


def _made(target: Target) -> Built:
    """A target of a program."""

    def of_model(model: str) -> Built:
        return _made(replace(target, name=f"{target.name}/{model}", model=model))

    return Built(target, lambda _: "program", of_model)


def _all_built(builder: TargetBuilder, entries: Sequence[Entry]) -> list[Built]:
    """Raises what is wrong with one, or ConfigError for what is wrong with several."""
    built, wrong = [], list[UsageError]()
    for entry in entries:
        try:
            built.append(builder.build(entry))
        except UsageError as exc:
            wrong.append(exc)
    if len(wrong) > 1:
        parts = [(exc.message.partition(": "), exc.hint) for exc in wrong]
        raise ConfigError([Mistake(where, what, hint) for (where, _, what), hint in parts])
    if wrong:
        raise wrong[0]
    return built


def _in_dotenv(built: Sequence[Built], wanted: Selection) -> list[str]:
    """A hint where `./.env`, which is read only when it is named, holds a key that is missing."""
    missing = {name for b in built for name in b.target.missing_keys}
    if not missing or wanted.env_file is not None:
        return []
    there = sorted(missing & dotenv().keys())
    return [f"./.env sets {', '.join(there)}; it is read with --env-file .env"] if there else []


def _choose(
    wanted: Selection, loaded: Loaded, entries: list[Entry], groups: list[Group], env: Mapping[str, str]
) -> tuple[list[Entry], str]:
    if isinstance(wanted.overrides.base_url, str) and not wanted.targets:
        return [_ad_hoc(wanted.overrides)], "command line"
    if loaded.path is not None:
        chosen = select(entries, groups, wanted.targets)
        if not chosen:
            raise UsageError(f'"{loaded.path}" has no targets', _HOW_TO_BEGIN)
        return chosen, str(loaded.path)
    if not is_negative(wanted.targets):
        return select([], [], wanted.targets), "command line"
    found = select(entries_from_environment(env), [], wanted.targets)
    if not found:
        in_dotenv = wanted.env_file is None and entries_from_environment(dotenv())
        raise UsageError(
            "nothing to probe: no configuration, and no provider's key in the environment",
            "./.env holds keys: it is read with --env-file .env" if in_dotenv else _HOW_TO_BEGIN,
        )
    return found, "environment"


def _group_first(name: str, groups: Sequence[Group]) -> str:
    return f"group:{name}" if any(group.name == name for group in groups) else name


def _ad_hoc(overrides: TargetTable) -> Entry:
    """`--base-url … --dialect …` without any file: named after its host."""
    host = str(overrides.base_url).split("://", 1)[-1].split("/", 1)[0]
    return Entry(host, TargetTable(), DefaultsTable(), None, lambda _: "command line")
