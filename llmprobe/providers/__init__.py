"""Providers as data, and the wire formats they speak. No sockets, no clocks, no verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from importlib import import_module
from pathlib import Path

from llmprobe.providers.catalog import OwnCode, Provider, least_effort, providers, thinks_first, token_budget
from llmprobe.providers.interface import Ask, Dialect
from llmprobe.providers.on_demand import OnDemand
from llmprobe.providers.reader import Reader

__all__ = [
    "Ask",
    "Dialect",
    "OwnCode",
    "Provider",
    "Reader",
    "dialects",
    "least_effort",
    "providers",
    "thinks_first",
    "token_budget",
]


@cache
def dialects() -> Mapping[str, Dialect]:
    """Every dialect by name, from the files of `wire/`: for the engine, the configuration and the docs."""
    files = Path(__file__).with_name("wire").glob("[!_]*.py")
    names = sorted(file.stem.replace("_", "-") for file in files)
    return OnDemand({name: partial(_dialect, name) for name in names})


def _dialect(name: str) -> Dialect:
    made: Dialect = import_module(f"{__name__}.wire.{name.replace('-', '_')}").DIALECT
    return made
