"""The shape of `llmprobe.toml`: one field for each key, with the words that the JSON Schema shows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

DURATION = "duration"
_FORMS = 'such as "30s", "1m30s" or "250ms"; a bare number is seconds'
_OR_BASELINE = ', or "2x baseline" of its own history'
_FORMS_OF_LIMIT = f'{_OR_BASELINE}, or "p95 < 2s" over the samples of a run, or {{ warn = …, crit = … }}'

_FORMS_WITHOUT_PAST = ', or "p95 < 2s" over the samples of a run, or { warn = …, crit = … }'


def _duration(about: str) -> Meta:
    """Marks a duration: a file gives text or a number, `convert` makes seconds of it."""
    return Meta(description=f"{about}: {_FORMS}.", examples=["30s"], extra={DURATION: True})


Seconds = str | int | float
Probe = Literal["edge", "models", "chat", "stream", "embeddings", "json", "tools"]
Text = Annotated[str, Meta(min_length=1)]


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


class LimitTable(_Table):
    """Two limits for one figure: beyond `warn` it is degraded, beyond `crit` it has failed."""

    warn: Annotated[Seconds, _duration("Beyond this: degraded" + _OR_BASELINE)] | UnsetType = UNSET
    crit: Annotated[Seconds, _duration("Beyond this: failed" + _OR_BASELINE)] | UnsetType = UNSET


class RateTable(_Table):
    """Two limits for a rate: below `warn` it is degraded, below `crit` it has failed."""

    warn: Annotated[float, Meta(gt=0, description="Below this: degraded.")] | UnsetType = UNSET
    crit: Annotated[float, Meta(gt=0, description="Below this: failed.")] | UnsetType = UNSET


class DaysTable(_Table):
    """Two limits in days: from `warn` on it is degraded, from `crit` on it has failed."""

    warn: (
        Annotated[float, Meta(ge=0, description="Days before the end: degraded; default 14.")] | UnsetType
    ) = UNSET
    crit: Annotated[float, Meta(ge=0, description="Days left: failed; default 3.")] | UnsetType = UNSET


def _timing(about: str, *, has_past: bool = False) -> Meta:
    return _duration(about + (_FORMS_OF_LIMIT if has_past else _FORMS_WITHOUT_PAST))


Timing = Seconds | LimitTable


class ThresholdsTable(_Table):
    """Beyond these a working target counts as degraded."""

    ttft: Annotated[Timing, _timing("First token", has_past=True)] | UnsetType = UNSET
    total: Annotated[Timing, _timing("Whole answer", has_past=True)] | UnsetType = UNSET
    headers: Annotated[Timing, _timing("Headers", has_past=True)] | UnsetType = UNSET
    connect: Annotated[Timing, _timing("TCP connect", has_past=True)] | UnsetType = UNSET
    silence: Annotated[Timing, _timing("Longest silence between tokens", has_past=True)] | UnsetType = UNSET
    dns: Annotated[Timing, _timing("Resolving the name")] | UnsetType = UNSET
    tls: Annotated[Timing, _timing("TLS handshake")] | UnsetType = UNSET
    send: Annotated[Timing, _timing("Sending the request")] | UnsetType = UNSET
    first_event: Annotated[Timing, _timing("First event of the stream")] | UnsetType = UNSET
    first_reasoning: Annotated[Timing, _timing("First piece of reasoning")] | UnsetType = UNSET
    first_text: Annotated[Timing, _timing("First piece of text")] | UnsetType = UNSET
    itl_p50: Annotated[Timing, _timing("Median of the gaps between tokens")] | UnsetType = UNSET
    itl_p95: Annotated[Timing, _timing("p95 of the gaps between tokens")] | UnsetType = UNSET
    tokens_per_second: (
        Annotated[
            float | RateTable,
            Meta(description="The least rate after the first token, or { warn = …, crit = … }."),
        ]
        | UnsetType
    ) = UNSET
    cert_days: (
        Annotated[
            float | DaysTable,
            Meta(
                description="Days before the certificate ends, or { warn = …, crit = … }; default 14 and 3, "
                "0 for never."
            ),
        ]
        | UnsetType
    ) = UNSET
    headroom: (
        Annotated[float, Meta(ge=0, le=1, description="Fraction of a rate-limit window that must be left.")]
        | UnsetType
    ) = UNSET


class ExpectTable(_Table):
    """What the answer must be like."""

    contains: (
        Annotated[str, Meta(min_length=1, description="Text that the answer must contain.")] | UnsetType
    ) = UNSET
    regex: (
        Annotated[
            str, Meta(min_length=1, description="Python regular expression that the answer must match.")
        ]
        | UnsetType
    ) = UNSET
    pointer: Annotated[str, Meta(description="JSON pointer into an answer that is JSON.")] | UnsetType = UNSET
    equals: Annotated[Any, Meta(description="The value that `pointer` must lead to.")] = UNSET
    schema: (
        Annotated[dict[str, Any], Meta(description="JSON Schema of an answer that is JSON.")] | UnsetType
    ) = UNSET
    dimension: Annotated[int, Meta(ge=1, description="Length of an embedding.")] | UnsetType = UNSET
    challenge: (
        Annotated[bool, Meta(description="Whether the answer must repeat the random word of the prompt.")]
        | UnsetType
    ) = UNSET


Timeout = Annotated[Seconds, _duration("Deadline of a whole attempt, default 30s")]
ConnectTimeout = Annotated[Seconds, _duration("Deadline of DNS, TCP and TLS together, default 10s")]
HeadersTimeout = Annotated[Seconds, _duration("Longest wait for the headers, default the whole timeout")]
FirstTokenTimeout = Annotated[
    Seconds, _duration("Longest wait for the first token, default the whole timeout")
]
StallTimeout = Annotated[
    Seconds, _duration("Longest silence between tokens (heartbeats do not count), default 15s")
]


class _Limits(_Table):
    timeout: Timeout | UnsetType = UNSET
    connect_timeout: ConnectTimeout | UnsetType = UNSET
    headers_timeout: HeadersTimeout | UnsetType = UNSET
    first_token_timeout: FirstTokenTimeout | UnsetType = UNSET
    stall_timeout: StallTimeout | UnsetType = UNSET
    retries: (
        Annotated[int, Meta(ge=0, le=10, description="After transient failures; default 1.")] | UnsetType
    ) = UNSET
    probes: (
        Annotated[
            list[Probe],
            Meta(
                min_length=1,
                description="What to check; default stream, or embeddings for an embedding model.",
            ),
        ]
        | UnsetType
    ) = UNSET
    thresholds: (
        Annotated[
            ThresholdsTable,
            Meta(
                description="Any timing by its name, tokens_per_second, cert_days, headroom; else degraded."
            ),
        ]
        | UnsetType
    ) = UNSET
    headers: Annotated[dict[str, str], Meta(description="Extra request headers.")] | UnsetType = UNSET
    proxy: (
        Annotated[str, Meta(description='Proxy URL; "" means none. Overrides the environment.')] | UnsetType
    ) = UNSET
    ca_bundle: Annotated[str, Meta(description="CA file; overrides the environment.")] | UnsetType = UNSET
    http2: Annotated[bool, Meta(description="Offer HTTP/2; needs the extra `http2`.")] | UnsetType = UNSET
    tls_verify: Annotated[bool, Meta(description="false: believe any certificate.")] | UnsetType = UNSET


class DefaultsTable(_Limits):
    """Values for every target that does not say otherwise."""

    concurrency: (
        Annotated[
            int,
            Meta(ge=1, description="Probes at once; default: as many as this machine carries, 256 at most."),
        ]
        | UnsetType
    ) = UNSET
    per_host: (
        Annotated[int, Meta(ge=1, description="Probes at once for one host; default 16.")] | UnsetType
    ) = UNSET
    per_key: (
        Annotated[int, Meta(ge=1, description="Probes at once with one key; default no limit.")] | UnsetType
    ) = UNSET
    rate: Annotated[float, Meta(gt=0, description="Attempts begun in a second, at most.")] | UnsetType = UNSET
    tags: Annotated[list[str], Meta(description="For `llmprobe check @TAG`.")] | UnsetType = UNSET


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
    model: Annotated[str, Meta(min_length=1, description="The model to ask.")] | UnsetType = UNSET
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
    token_param: (
        Annotated[str, Meta(min_length=1, description="Name of the token limit in the request.")] | UnsetType
    ) = UNSET
    max_tokens: Annotated[int, Meta(ge=1, description="Token limit of a completion.")] | UnsetType = UNSET
    body: Annotated[dict[str, Any], Meta(description="Added to each completion's body.")] | UnsetType = UNSET
    stream_usage: (
        Annotated[bool, Meta(description="Whether a stream asks for its token counts.")] | UnsetType
    ) = UNSET
    status_page: (
        Annotated[str, Meta(description="Statuspage-compatible page of whoever runs this endpoint.")]
        | UnsetType
    ) = UNSET
    health_path: Annotated[str, Meta(description="What the edge probe asks for.")] | UnsetType = UNSET
    expect: (
        Annotated[
            ExpectTable,
            Meta(description="contains, regex, pointer with equals, schema, dimension, challenge."),
        ]
        | UnsetType
    ) = UNSET
    tags: Annotated[list[str], Meta(description="For `llmprobe check @TAG`.")] | UnsetType = UNSET


class GroupTable(_Table):
    """Targets of which `need` must be healthy."""

    members: Annotated[list[Text], Meta(min_length=1, description="Names or globs of targets, or @tag.")]
    need: Annotated[int, Meta(ge=1, description="How many of them must work.")] = 1


class HistoryTable(_Table):
    """What is remembered of runs, and for how long."""

    record: Annotated[bool, Meta(description="Record each run; default false (`--record`).")] | UnsetType = (
        UNSET
    )
    path: (
        Annotated[str, Meta(min_length=1, description="The database; default in your state folder (`--db`).")]
        | UnsetType
    ) = UNSET
    keep: Annotated[Seconds, _duration("Age at which runs are forgotten, default 90d")] | UnsetType = UNSET
    max_mb: (
        Annotated[int, Meta(ge=1, description="Size at which the oldest runs are forgotten; default 1024.")]
        | UnsetType
    ) = UNSET


Address = Annotated[
    str | ApiKeyTable, Meta(description="A URL, or { env = … } and the like: such addresses are secrets.")
]


class MuteTable(_Table):
    """A time in which nothing is told: two moments, or a time of the day, perhaps on some days."""

    start: Annotated[
        str, Meta(description='When it begins: "2026-12-01T22:00Z", or a time of the day, "22:00".')
    ]
    end: Annotated[
        str, Meta(description="When it ends, in the same form; a time of the day may be tomorrow's.")
    ]
    targets: (
        Annotated[
            list[Text], Meta(min_length=1, description="Names or globs of targets, or @tag; default all.")
        ]
        | UnsetType
    ) = UNSET
    days: (
        Annotated[
            list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]],
            Meta(min_length=1, description="Days on which a time of the day begins; default every day."),
        ]
        | UnsetType
    ) = UNSET
    timezone: (
        Annotated[str, Meta(min_length=1, description='Of the times, such as "Europe/Berlin"; default UTC.')]
        | UnsetType
    ) = UNSET
    reason: Annotated[str, Meta(description="Why; it is told beside the results.")] | UnsetType = UNSET


class GatusTable(_Table):
    """External endpoints of a Gatus: each target is one, called GROUP_TARGET."""

    url: Address
    token: Annotated[
        str | ApiKeyTable, Meta(description="The endpoints' bearer token: { env = … } and the like.")
    ]
    group: Annotated[str, Meta(description="The endpoints' group; default llmprobe.")] | UnsetType = UNSET


class AlertsTable(_Table):
    """When a change is told, and to whom. Each address may be a secret: { env = … }."""

    confirm: (
        Annotated[int, Meta(ge=1, description="Failed runs in a row before it is told; default 1.")]
        | UnsetType
    ) = UNSET
    recover: (
        Annotated[int, Meta(ge=1, description="Good runs in a row before the end is told; default 1.")]
        | UnsetType
    ) = UNSET
    remind: Annotated[Seconds, _duration("How often a failure that lasts is told again")] | UnsetType = UNSET
    exec: (
        Annotated[
            list[Text],
            Meta(min_length=1, description="Program to run on a change (no shell); JSON on its stdin."),
        ]
        | UnsetType
    ) = UNSET
    pass_env: (
        Annotated[
            list[Text],
            Meta(description="Variables that `exec` gets although they look like credentials."),
        ]
        | UnsetType
    ) = UNSET
    webhook: Address | UnsetType = UNSET
    webhook_format: (
        Annotated[
            Literal["llmprobe", "alertmanager"],
            Meta(description="What the webhook is sent: our document, or Alertmanager's (version 4)."),
        ]
        | UnsetType
    ) = UNSET
    heartbeat: Address | UnsetType = UNSET
    alertmanager: (
        Annotated[
            list[str | ApiKeyTable],
            Meta(min_length=1, description="Addresses of Alertmanagers: all are told (API v2)."),
        ]
        | UnsetType
    ) = UNSET
    alertmanager_token: (
        Annotated[str | ApiKeyTable, Meta(description="Their bearer token: { env = … } and the like.")]
        | UnsetType
    ) = UNSET
    every: (
        Annotated[
            Seconds,
            _duration("How far runs are apart, default 5m; Alertmanager holds an alert 2.5 times as long"),
        ]
        | UnsetType
    ) = UNSET
    apprise: (
        Annotated[
            list[str | ApiKeyTable],
            Meta(min_length=1, description="Addresses of apprise (slack://…); needs the extra `notify`."),
        ]
        | UnsetType
    ) = UNSET
    gatus: (
        Annotated[GatusTable, Meta(description="A Gatus whose external endpoints get each result.")]
        | UnsetType
    ) = UNSET
    fail_share: (
        Annotated[
            str,
            Meta(description='Instead of single runs: the share that fails, such as "20% of 15m, min 10".'),
        ]
        | UnsetType
    ) = UNSET
    mute: (
        Annotated[list[MuteTable], Meta(description="Times in which nothing is told of some targets.")]
        | UnsetType
    ) = UNSET


class ServeTable(_Table):
    """How `llmprobe serve` listens, and what its probes may cost."""

    listen: (
        Annotated[str, Meta(min_length=2, description="Address and port; default 127.0.0.1:9750.")]
        | UnsetType
    ) = UNSET
    hosts: (
        Annotated[
            list[Text], Meta(min_length=1, description="Names by which it may be called; others are refused.")
        ]
        | UnsetType
    ) = UNSET
    every: Annotated[Seconds, _duration("How often it probes by itself; default never")] | UnsetType = UNSET
    min_interval: (
        Annotated[
            Seconds,
            _duration("A request that comes sooner after the last probe gets its result, default 30s"),
        ]
        | UnsetType
    ) = UNSET
    tokens_per_hour: (
        Annotated[
            int,
            Meta(ge=0, description="What probes may cost in an hour; 0: no limit; default 1000000."),
        ]
        | UnsetType
    ) = UNSET


class ConfigFile(_Table):
    """llmprobe.toml"""

    defaults: (
        Annotated[DefaultsTable, Meta(description="Values for every target that does not say otherwise.")]
        | UnsetType
    ) = UNSET
    history: (
        Annotated[HistoryTable, Meta(description="What is remembered of runs, and for how long.")] | UnsetType
    ) = UNSET
    alerts: Annotated[AlertsTable, Meta(description="When a change is told, and to whom.")] | UnsetType = (
        UNSET
    )
    serve: (
        Annotated[ServeTable, Meta(description="How `llmprobe serve` listens, and what its probes may cost.")]
        | UnsetType
    ) = UNSET
    targets: Annotated[dict[str, TargetTable], Meta(description="What is probed, by name.")] = {}
    groups: Annotated[
        dict[str, GroupTable], Meta(description="Targets that stand in for each other, by name.")
    ] = {}


def config_schema() -> dict[str, Any]:
    """The JSON Schema of the file, for editors and `llmprobe schema config`."""
    from llmprobe.config.schema_notes import annotated

    schema = annotated(msgspec.json.schema(ConfigFile))
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "llmprobe.toml"
    return schema
