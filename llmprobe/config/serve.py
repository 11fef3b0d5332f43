"""Settings of `llmprobe serve`: where it listens, and what its cost guard allows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from llmprobe.config.schema import ServeTable
from llmprobe.config.targets import given

LISTEN = "127.0.0.1:9750"
MIN_INTERVAL_S = 30.0
TOKENS_PER_HOUR = 1_000_000
_ADDRESS = r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[\w.-]*)):(?P<port>\d{1,5})"


class GuardSettings(Struct, frozen=True):
    """
    What the cost guard allows.

    Attributes:
        min_interval_s: Seconds between the beginnings of two probes of one target, unless a schedule asks.
        tokens_per_hour: Tokens of all targets together in any sixty minutes; None for no limit.
    """

    min_interval_s: float = MIN_INTERVAL_S
    tokens_per_hour: int | None = TOKENS_PER_HOUR


class Listen(Struct, frozen=True):
    """Where to listen: an address or a name of this machine, and a port (0 takes a free one)."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether this machine alone can reach it."""
        if self.host == "localhost":
            return True
        from ipaddress import ip_address

        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


class ServeSettings(Struct, frozen=True):
    """
    The table `[serve]` with its defaults.

    Attributes:
        hosts: Names by which it may be called, beside those of the address that it listens on.
        every_s: How often it probes by itself, in seconds; None: only when it is asked.
    """

    listen: Listen
    guard: GuardSettings = field(default_factory=GuardSettings)
    hosts: Sequence[str] = ()
    every_s: float | None = None


def serve_settings(table: ServeTable) -> ServeSettings:
    """The table with its defaults; its address was checked with the file."""
    every: Any = given(table.every, None)
    interval: Any = given(table.min_interval, MIN_INTERVAL_S)
    listen = parse_listen(given(table.listen, LISTEN))
    assert listen is not None
    tokens = given(table.tokens_per_hour, TOKENS_PER_HOUR)
    guard = GuardSettings(interval, tokens or None)
    return ServeSettings(listen, guard, tuple(given(table.hosts, [])), every)


def settings_over(
    settings: ServeSettings, asked: Mapping[str, Any], guard: Mapping[str, Any]
) -> ServeSettings:
    """With what is asked for more strongly; None leaves what is there, 0 tokens mean no limit."""
    stronger = {name: value for name, value in guard.items() if value is not None}
    if "tokens_per_hour" in stronger:
        stronger["tokens_per_hour"] = stronger["tokens_per_hour"] or None
    rest = {name: value for name, value in asked.items() if value is not None}
    return replace(settings, guard=replace(settings.guard, **stronger), **rest)


def parse_listen(text: str) -> Listen | None:
    """`127.0.0.1:9750`, `[::1]:9750`, `:9750`; None for anything else."""
    found = re.fullmatch(_ADDRESS, text.strip())
    if found is None or int(found["port"]) > 65535:
        return None
    return Listen(found["v6"] or found["host"] or "0.0.0.0", int(found["port"]))  # noqa: S104 - asked for
