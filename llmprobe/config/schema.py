"""The shape of `llmprobe.toml`: one field for each key, with the words that the JSON Schema shows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

Duration = Annotated[
    str | int | float,
    Meta(
        description='A duration such as "30s", "1m30s" or "250ms"; a bare number is seconds.',
        examples=["30s"],
    ),
]
Probe = Literal["edge", "models", "chat", "stream", "embeddings", "json", "tools"]
Text = Annotated[str, Meta(min_length=1)]
Whole = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1)]
Fraction = Annotated[float, Meta(ge=0, le=1)]


class _Table(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    pass


class ApiKeyTable(_Table):
    """Where a credential is read from: exactly one of these."""

    env: Annotated[str, Meta(description="Name of an environment variable.")] | UnsetType = UNSET
    file: Annotated[str, Meta(description="Path of a file that holds the key alone.")] | UnsetType = UNSET
    command: (
        Annotated[
            list[str], Meta(description="Program and arguments that print the key (no shell).", min_length=1)
        ]
        | UnsetType
    ) = UNSET
    keyring: (
        Annotated[str, Meta(description='"SERVICE/USER" in the system keyring; needs the extra `keyring`.')]
        | UnsetType
    ) = UNSET


class ThresholdsTable(_Table):
    """Beyond these a working target counts as degraded."""

    ttft: Duration | UnsetType = UNSET
    total: Duration | UnsetType = UNSET
    headers: Duration | UnsetType = UNSET
    connect: Duration | UnsetType = UNSET
    silence: Duration | UnsetType = UNSET
    cert_days: Annotated[float, Meta(ge=0, description="Days before the certificate ends.")] | UnsetType = (
        UNSET
    )
    headroom: (
        Annotated[float, Meta(ge=0, le=1, description="Fraction of a rate-limit window that must be left.")]
        | UnsetType
    ) = UNSET


class ExpectTable(_Table):
    """What the answer must be like."""

    contains: Text | UnsetType = UNSET
    regex: Text | UnsetType = UNSET
    pointer: Annotated[str, Meta(description="JSON pointer into an answer that is JSON.")] | UnsetType = UNSET
    equals: Annotated[Any, Meta(description="The value that `pointer` must lead to.")] = UNSET
    dimension: Annotated[int, Meta(ge=1, description="Length of an embedding.")] | UnsetType = UNSET
    challenge: (
        Annotated[bool, Meta(description="Whether the answer must repeat the random word of the prompt.")]
        | UnsetType
    ) = UNSET


class _Limits(_Table):
    timeout: Duration | UnsetType = UNSET
    connect_timeout: Duration | UnsetType = UNSET
    headers_timeout: Duration | UnsetType = UNSET
    first_token_timeout: Duration | UnsetType = UNSET
    stall_timeout: Duration | UnsetType = UNSET
    retries: Annotated[int, Meta(ge=0, le=10)] | UnsetType = UNSET
    probes: Annotated[list[Probe], Meta(min_length=1)] | UnsetType = UNSET
    thresholds: ThresholdsTable | UnsetType = UNSET
    headers: Annotated[dict[str, str], Meta(description="Extra request headers.")] | UnsetType = UNSET
    proxy: (
        Annotated[str, Meta(description='Proxy URL; "" means none. Overrides the environment.')] | UnsetType
    ) = UNSET
    ca_bundle: Annotated[str, Meta(description="CA file; overrides the environment.")] | UnsetType = UNSET
    tls_verify: Annotated[bool, Meta(description="false: believe any certificate.")] | UnsetType = UNSET


class DefaultsTable(_Limits):
    """Values for every target that does not say otherwise."""

    concurrency: Annotated[int, Meta(ge=1, description="Probes at once; default 32.")] | UnsetType = UNSET
    per_host: (
        Annotated[int, Meta(ge=1, description="Probes at once for one host; default 8.")] | UnsetType
    ) = UNSET
    tags: list[str] | UnsetType = UNSET


class TargetTable(_Limits):
    """One target, or one for each of `models`."""

    provider: (
        Annotated[
            str,
            Meta(description="A provider of the catalogue (`llmprobe providers`).", examples=["anthropic"]),
        ]
        | UnsetType
    ) = UNSET
    dialect: (
        Annotated[
            str, Meta(description="The wire format, where no provider implies it.", examples=["openai-chat"])
        ]
        | UnsetType
    ) = UNSET
    base_url: (
        Annotated[str, Meta(description="With or without /v1, a trailing slash or the full path.")]
        | UnsetType
    ) = UNSET
    region: Annotated[str, Meta(description="One of the provider's regions.")] | UnsetType = UNSET
    path_prefix: (
        Annotated[str, Meta(description='Put before each path where base_url has no version; "" for none.')]
        | UnsetType
    ) = UNSET
    model: Text | UnsetType = UNSET
    models: Annotated[list[Text], Meta(min_length=1, description="One target for each.")] | UnsetType = UNSET
    api_key: (
        Annotated[
            bool | str | ApiKeyTable,
            Meta(description="{ env = … }, { file = … }, { command = […] }, { keyring = … }, or false."),
        ]
        | UnsetType
    ) = UNSET
    auth: (
        Annotated[
            str,
            Meta(
                description="Header and scheme of the key.", examples=["Authorization: Bearer", "x-api-key:"]
            ),
        ]
        | UnsetType
    ) = UNSET
    api_version: Annotated[str, Meta(description="Azure: use the deployments layout.")] | UnsetType = UNSET
    token_param: Text | UnsetType = UNSET
    max_tokens: Annotated[int, Meta(ge=1, description="Token limit of a completion.")] | UnsetType = UNSET
    body: Annotated[dict[str, Any], Meta(description="Added to each completion's body.")] | UnsetType = UNSET
    stream_usage: bool | UnsetType = UNSET
    health_path: str | UnsetType = UNSET
    expect: ExpectTable | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET


class GroupTable(_Table):
    """Targets of which `need` must be healthy."""

    members: Annotated[list[Text], Meta(min_length=1, description="Names or globs of targets, or @tag.")]
    need: Positive = 1


class ConfigFile(_Table):
    """llmprobe.toml"""

    defaults: DefaultsTable | UnsetType = UNSET
    targets: dict[str, TargetTable] = {}
    groups: dict[str, GroupTable] = {}


def config_schema() -> dict[str, Any]:
    """The JSON Schema of the file, for editors and `llmprobe schema config`."""
    schema = msgspec.json.schema(ConfigFile)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "llmprobe.toml"
    return schema
