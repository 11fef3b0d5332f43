"""The catalogue: `catalog.toml` as frozen types. Facts only; nothing here sends or judges."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from llmprobe.providers.on_demand import OnDemand

DEFAULT_AUTH = "Authorization: Bearer"
REASONING_HEADROOM = 512
PLAIN_BUDGET = 16


class KeyVariable(Struct, frozen=True):
    """An environment variable that may hold a key, and how that key is sent."""

    env: str
    header: str
    scheme: str


class StatusPage(Struct, frozen=True):
    """
    The vendor's own status page; `components` are the lines (or products) that speak for the API.

    `feed` is the address that a program reads, where it is not below `url`. `own`: it is the page of whoever
    runs the endpoint, which counts as a whole where it lists no such line.
    """

    url: str
    kind: str
    components: tuple[str, ...] = ()
    feed: str | None = None
    own: bool = False


class OwnCode(Struct, frozen=True):
    """
    Error codes that a provider documents for itself, and what they mean there.

    `code` holds identifiers in snake case (or words of the message, joined the same way).
    `status` and `inner` narrow it to HTTP statuses and to statuses inside a 200, `shape` to one
    shape of error; `unless` to answers without that header, `unless_says` to messages without
    that word, `plain` to messages that name no quota, `beside` to errors that carry that code too.
    `broad` marks a code that says no more than a status; `period` is the one by which the
    provider counts quotas that name none.
    """

    code: tuple[str, ...]
    category: str
    means: str
    status: tuple[int, ...] = ()
    inner: tuple[int, ...] = ()
    shape: str | None = None
    unless: str | None = None
    unless_says: str | None = None
    plain: bool = False
    beside: str | None = None
    broad: bool = False
    period: str | None = None
    fault: str | None = None
    limit: str | None = None
    futile: bool = False
    hint: str | None = None


_TUPLES = ("code", "status", "inner")


class Provider(Struct, frozen=True):
    """One table of the catalogue; the keys are explained at the top of `catalog.toml`."""

    id: str
    title: str
    dialect: str
    base_url: str
    keys: tuple[KeyVariable, ...]
    regions: Mapping[str, str]
    region_env: str | None
    base_url_env: str | None
    requires: tuple[str, ...]
    yields_to: tuple[str, ...]
    key_prefix: tuple[str, ...]
    headers: Mapping[str, str]
    env_headers: Mapping[str, str]
    custom_headers_env: str | None
    api_version_env: str | None
    model: str | None
    embedding_model: str | None
    token_param: str
    min_tokens: int
    body: Mapping[str, Any]
    effort: tuple[tuple[str, Mapping[str, Any]], ...]
    stream_usage: bool
    path_prefix: str | None
    models_path: str | None
    health_path: str | None
    public_models: bool
    local: bool
    status: StatusPage | None
    console: str | None
    docs: str | None
    retires: Mapping[str, str]
    aliases: Mapping[str, str]
    replaced: Mapping[str, str]
    relay: bool
    upstream: tuple[str, ...]
    codes: tuple[OwnCode, ...]
    retired: str | None
    note: str | None
    evidence: str
    read: str
    source: str
    auth: tuple[str, str] = field(default=("Authorization", "Bearer"))


def split_auth(text: str) -> tuple[str, str]:
    """`"x-api-key:"` to `("x-api-key", "")`, `"Authorization: Bearer"` to both parts."""
    header, _, scheme = text.partition(":")
    return header.strip(), scheme.strip()


@cache
def _sections() -> tuple[str, dict[str, str]]:
    """What stands above the tables, and the text of each provider's table."""
    text = Path(__file__).with_name("catalog.toml").read_text(encoding="utf-8")
    top, *sections = re.split(r"^\[providers\.([\w-]+)\]$", text, flags=re.M)
    return top, dict(zip(sections[::2], sections[1::2], strict=True))


@cache
def providers() -> Mapping[str, Provider]:
    """Every provider of the catalogue by id, in the catalogue's order, retired ones included."""
    return OnDemand({name: partial(_read, name, text) for name, text in _sections()[1].items()})


def _read(name: str, text: str) -> Provider:
    return _provider(name, tomllib.loads(text))


@cache
def _reasoning_pattern() -> re.Pattern[str]:
    return re.compile("|".join(tomllib.loads(_sections()[0])["reasoning"]))


def thinks_first(model: str | None) -> bool:
    """Whether a model is known to spend tokens on thinking before it answers."""
    return bool(model and _reasoning_pattern().search(model.rsplit("/", 1)[-1].lower()))


def token_budget(provider: Provider, model: str | None) -> int:
    """The smallest token limit that proves the point for this model."""
    return REASONING_HEADROOM if thinks_first(model) else max(provider.min_tokens, PLAIN_BUDGET)


def least_effort(provider: Provider, model: str | None) -> Mapping[str, Any]:
    """What asks a model that thinks first to think the least; nothing where there is no such knob."""
    name = (model or "").rsplit("/", 1)[-1].lower()
    return next((body for pattern, body in provider.effort if re.search(pattern, name)), {})


def _provider(name: str, table: dict[str, Any]) -> Provider:
    auth = split_auth(table.get("auth", DEFAULT_AUTH))
    status = table.get("status")
    return Provider(
        id=name,
        title=table["title"],
        dialect=table["dialect"],
        base_url=table["base_url"],
        keys=tuple(_key_variable(key, auth) for key in table["keys"]),
        regions=table.get("regions", {}),
        region_env=table.get("region_env"),
        base_url_env=table.get("base_url_env"),
        requires=tuple(table.get("requires", ())),
        yields_to=tuple(table.get("yields_to", ())),
        key_prefix=tuple(table.get("key_prefix", ())),
        headers=table.get("headers", {}),
        env_headers=table.get("env_headers", {}),
        custom_headers_env=table.get("custom_headers_env"),
        api_version_env=table.get("api_version_env"),
        model=table.get("model"),
        embedding_model=table.get("embedding_model"),
        token_param=table.get("token_param", "max_tokens"),
        min_tokens=table.get("min_tokens", 1),
        body=table.get("body", {}),
        effort=tuple((row["models"], row["body"]) for row in table.get("effort", ())),
        stream_usage=table.get("stream_usage", True),
        path_prefix=table.get("path_prefix"),
        models_path=table.get("models_path"),
        health_path=table.get("health_path"),
        public_models=table.get("public_models", False),
        local=table.get("local", False),
        status=_status_page(status) if status else None,
        console=table.get("console"),
        docs=table.get("docs"),
        retires={model: str(day) for model, day in table.get("retires", {}).items()},
        aliases=table.get("aliases", {}),
        replaced=table.get("replaced", {}),
        relay=table.get("relay", False),
        upstream=tuple(table.get("upstream", ())),
        codes=tuple(_own_code(code) for code in table.get("codes", ())),
        retired=table.get("retired"),
        note=table.get("note"),
        evidence=table["evidence"],
        read=str(table["read"]),
        source=table["source"],
        auth=auth,
    )


def _own_code(table: Mapping[str, Any]) -> OwnCode:
    given: dict[str, Any] = {key: tuple(value) if key in _TUPLES else value for key, value in table.items()}
    return OwnCode(**given)


def _status_page(table: Mapping[str, Any]) -> StatusPage:
    return StatusPage(table["url"], table["kind"], tuple(table.get("components", ())), table.get("feed"))


def _key_variable(key: str | dict[str, str], auth: tuple[str, str]) -> KeyVariable:
    if isinstance(key, str):
        return KeyVariable(key, *auth)
    return KeyVariable(key["env"], *split_auth(key["auth"]))
