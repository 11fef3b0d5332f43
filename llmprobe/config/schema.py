"""The tables and keys of `llmprobe.toml`, with the descriptions that the JSON Schema shows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

DURATION = "duration"
_FORMS = 'A duration such as "30s" or "250ms", or a number of seconds.'
_OR_BASELINE = ', or "2x baseline" of its own history'
_FORMS_OF_LIMIT = f'{_OR_BASELINE}, or "p95 < 2s" over the samples of a run, or {{ warn = …, crit = … }}'

_FORMS_WITHOUT_PAST = ', or "p95 < 2s" over the samples of a run, or { warn = …, crit = … }'


def _duration(about: str) -> Meta:
    """Marks a duration: a file gives text or a number, `convert` makes seconds of it."""
    return Meta(description=f"{about}. {_FORMS}", examples=["30s"], extra={DURATION: True})


Seconds = str | int | float
Probe = Literal["edge", "models", "chat", "stream", "embeddings", "json", "tools"]
Text = Annotated[str, Meta(min_length=1)]


class _Table(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    pass


class ApiKeyTable(_Table):
    """Where a credential is read from: set exactly one key."""

    env: Annotated[str, Meta(description="Name of an environment variable.")] | UnsetType = UNSET
    file: Annotated[str, Meta(description="Path of a file that holds the key alone.")] | UnsetType = UNSET
    command: (
        Annotated[
            list[str],
            Meta(description="Program and arguments that print the key; no shell is used.", min_length=1),
        ]
        | UnsetType
    ) = UNSET
    keyring: (
        Annotated[str, Meta(description='"SERVICE/USER" in the system keyring; needs the extra `keyring`.')]
        | UnsetType
    ) = UNSET


class LimitTable(_Table):
    """Two limits for one figure: a result beyond `warn` is degraded, one beyond `crit` has failed."""

    warn: Annotated[Seconds, _duration("A result beyond it is degraded" + _OR_BASELINE)] | UnsetType = UNSET
    crit: Annotated[Seconds, _duration("A result beyond it has failed" + _OR_BASELINE)] | UnsetType = UNSET


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
    """Limits beyond which a working target counts as degraded."""

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
        Annotated[
            float, Meta(ge=0, le=1, description="Share of a rate-limit window that must be left (0 to 1).")
        ]
        | UnsetType
    ) = UNSET


class ExpectTable(_Table):
    """Requirements for the answer; otherwise the target is degraded (`expectation`)."""

    contains: (
        Annotated[str, Meta(min_length=1, description="Text that the answer must contain.")] | UnsetType
    ) = UNSET
    regex: (
        Annotated[
            str, Meta(min_length=1, description="Python regular expression that the answer must match.")
        ]
        | UnsetType
    ) = UNSET
    pointer: Annotated[str, Meta(description="JSON pointer into a JSON answer.")] | UnsetType = UNSET
    equals: Annotated[Any, Meta(description="Value that must be at `pointer`.")] = UNSET
    schema: (
        Annotated[
            dict[str, Any], Meta(description="JSON Schema for a JSON answer; needs the extra `schema`.")
        ]
        | UnsetType
    ) = UNSET
    dimension: Annotated[int, Meta(ge=1, description="Number of values in the embedding.")] | UnsetType = (
        UNSET
    )
    challenge: (
        Annotated[bool, Meta(description="Require the answer to repeat a random word from the prompt.")]
        | UnsetType
    ) = UNSET


Timeout = Annotated[Seconds, _duration("Time limit for each attempt (default 30s)")]
ConnectTimeout = Annotated[Seconds, _duration("Time limit for DNS, TCP and TLS together (default 10s)")]
HeadersTimeout = Annotated[Seconds, _duration("Time limit for the headers (default: `timeout`)")]
FirstTokenTimeout = Annotated[
    Seconds, _duration("Time limit for the first token, from the start of the attempt (default: `timeout`)")
]
StallTimeout = Annotated[
    Seconds, _duration("Longest silence between two tokens; heartbeats do not count (default 15s)")
]


class _Limits(_Table):
    timeout: Timeout | UnsetType = UNSET
    connect_timeout: ConnectTimeout | UnsetType = UNSET
    headers_timeout: HeadersTimeout | UnsetType = UNSET
    first_token_timeout: FirstTokenTimeout | UnsetType = UNSET
    stall_timeout: StallTimeout | UnsetType = UNSET
    retries: (
        Annotated[int, Meta(ge=0, le=10, description="Retries after a transient failure (default 1).")]
        | UnsetType
    ) = UNSET
    probes: (
        Annotated[
            list[Probe],
            Meta(
                min_length=1,
                description="Kinds of check (default stream, or embeddings for an embedding model).",
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
    headers: Annotated[dict[str, str], Meta(description="Request headers to add.")] | UnsetType = UNSET
    proxy: (
        Annotated[str, Meta(description='Proxy URL, or "" for none. Overrides the environment.')] | UnsetType
    ) = UNSET
    ca_bundle: (
        Annotated[str, Meta(description="File with CA certificates. Overrides the environment.")] | UnsetType
    ) = UNSET
    http2: Annotated[bool, Meta(description="Offer HTTP/2. Needs the extra `http2`.")] | UnsetType = UNSET
    tls_verify: Annotated[bool, Meta(description="Set to false to accept any certificate.")] | UnsetType = (
        UNSET
    )


class DefaultsTable(_Limits):
    """Values for every target that does not set its own."""

    concurrency: (
        Annotated[
            int,
            Meta(
                ge=1, description="Number of probes at once (default: what this machine carries, up to 256)."
            ),
        ]
        | UnsetType
    ) = UNSET
    per_host: (
        Annotated[int, Meta(ge=1, description="Number of probes at once for one host (default 16).")]
        | UnsetType
    ) = UNSET
    per_key: (
        Annotated[int, Meta(ge=1, description="Number of probes at once with one key (default: no limit).")]
        | UnsetType
    ) = UNSET
    rate: (
        Annotated[float, Meta(gt=0, description="Highest number of attempts to start in one second.")]
        | UnsetType
    ) = UNSET
    tags: (
        Annotated[list[str], Meta(description="Tags, for selections such as `llmprobe check @TAG`.")]
        | UnsetType
    ) = UNSET


class TargetTable(_Limits):
    """One target, or one for each entry of `models`."""

    provider: (
        Annotated[
            str,
            Meta(
                description="A provider from the catalogue (see `llmprobe providers`).",
                examples=["anthropic"],
            ),
        ]
        | UnsetType
    ) = UNSET
    dialect: (
        Annotated[str, Meta(description="Wire format, if no provider implies it.", examples=["openai-chat"])]
        | UnsetType
    ) = UNSET
    base_url: (
        Annotated[
            str,
            Meta(description="Address of the API, with or without /v1, a trailing slash or the full path."),
        ]
        | UnsetType
    ) = UNSET
    region: Annotated[str, Meta(description="One of the provider's regions.")] | UnsetType = UNSET
    path_prefix: (
        Annotated[str, Meta(description='Path to insert if base_url has no version; "" for none.')]
        | UnsetType
    ) = UNSET
    model: Annotated[str, Meta(min_length=1, description="Model to ask.")] | UnsetType = UNSET
    models: (
        Annotated[list[Text], Meta(min_length=1, description="Models to ask: one target for each.")]
        | UnsetType
    ) = UNSET
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
                description="Header and scheme that carry the key.",
                examples=["Authorization: Bearer", "x-api-key:"],
            ),
        ]
        | UnsetType
    ) = UNSET
    api_version: (
        Annotated[str, Meta(description="API version of Azure; selects the layout with deployments.")]
        | UnsetType
    ) = UNSET
    token_param: (
        Annotated[str, Meta(min_length=1, description="Name of the token limit in the request body.")]
        | UnsetType
    ) = UNSET
    max_tokens: Annotated[int, Meta(ge=1, description="Token limit for each completion.")] | UnsetType = UNSET
    body: (
        Annotated[dict[str, Any], Meta(description="Members to add to the body of each completion.")]
        | UnsetType
    ) = UNSET
    stream_usage: Annotated[bool, Meta(description="Ask a stream for its token counts.")] | UnsetType = UNSET
    status_page: (
        Annotated[str, Meta(description="Address of the status page of this endpoint's operator.")]
        | UnsetType
    ) = UNSET
    health_path: Annotated[str, Meta(description="Path that the edge probe requests.")] | UnsetType = UNSET
    expect: (
        Annotated[
            ExpectTable,
            Meta(description="contains, regex, pointer with equals, schema, dimension, challenge."),
        ]
        | UnsetType
    ) = UNSET
    tags: (
        Annotated[list[str], Meta(description="Tags, for selections such as `llmprobe check @TAG`.")]
        | UnsetType
    ) = UNSET


class GroupTable(_Table):
    """Targets that can stand in for each other; `need` of them must be healthy."""

    members: Annotated[list[Text], Meta(min_length=1, description="Names or globs of targets, or @tag.")]
    need: Annotated[int, Meta(ge=1, description="Number of members that must work.")] = 1


class HistoryTable(_Table):
    """Whether runs are recorded, where, and for how long."""

    record: (
        Annotated[bool, Meta(description="Record each run, as `--record` does (default false).")] | UnsetType
    ) = UNSET
    path: (
        Annotated[
            str,
            Meta(
                min_length=1, description="File of the database, as `--db` (default: in your state folder)."
            ),
        ]
        | UnsetType
    ) = UNSET
    keep: Annotated[Seconds, _duration("Age at which runs are deleted (default 90d)")] | UnsetType = UNSET
    max_mb: (
        Annotated[
            int, Meta(ge=1, description="Size in MB at which the oldest runs are deleted (default 1024).")
        ]
        | UnsetType
    ) = UNSET


Address = Annotated[
    str | ApiKeyTable, Meta(description="A URL, or a source such as { env = … }. The address is a secret.")
]


class MuteTable(_Table):
    """A maintenance window without alerts: two moments, or a time of day, on some days or all."""

    start: Annotated[
        str, Meta(description='Start: a moment ("2026-12-01T22:00Z") or a time of day ("22:00").')
    ]
    end: Annotated[
        str, Meta(description="End, in the same form. A time of day before `start` means the next day.")
    ]
    targets: (
        Annotated[
            list[Text], Meta(min_length=1, description="Names or globs of targets, or @tag (default: all).")
        ]
        | UnsetType
    ) = UNSET
    days: (
        Annotated[
            list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]],
            Meta(
                min_length=1,
                description="Days on which a window with a time of day starts (default: every day).",
            ),
        ]
        | UnsetType
    ) = UNSET
    timezone: (
        Annotated[str, Meta(min_length=1, description='Time zone, such as "Europe/Berlin" (default UTC).')]
        | UnsetType
    ) = UNSET
    reason: Annotated[str, Meta(description="Reason, shown beside the results.")] | UnsetType = UNSET


class GatusTable(_Table):
    """External endpoints of Gatus: one for each target, named GROUP_TARGET."""

    url: Address
    token: Annotated[
        str | ApiKeyTable, Meta(description="Bearer token of the endpoints, or a source such as { env = … }.")
    ]
    group: Annotated[str, Meta(description="Group of the endpoints (default llmprobe).")] | UnsetType = UNSET


class AlertsTable(_Table):
    """When to alert, and where to send the alerts. Addresses can be sources such as { env = … }."""

    confirm: (
        Annotated[
            int, Meta(ge=1, description="Alert after this number of consecutive failed runs (default 1).")
        ]
        | UnsetType
    ) = UNSET
    recover: (
        Annotated[
            int,
            Meta(
                ge=1,
                description="Report the recovery after this number of consecutive good runs (default 1).",
            ),
        ]
        | UnsetType
    ) = UNSET
    remind: (
        Annotated[Seconds, _duration("Repeat the alert after this long while the failure lasts")] | UnsetType
    ) = UNSET
    exec: (
        Annotated[
            list[Text],
            Meta(
                min_length=1,
                description="Program to run on a change, with JSON on its standard input; no shell is used.",
            ),
        ]
        | UnsetType
    ) = UNSET
    pass_env: (
        Annotated[
            list[Text],
            Meta(description="Variables to pass to `exec` although they look like credentials."),
        ]
        | UnsetType
    ) = UNSET
    webhook: Address | UnsetType = UNSET
    webhook_format: (
        Annotated[
            Literal["llmprobe", "alertmanager"],
            Meta(description="Document to send to the webhook: ours, or Alertmanager's (version 4)."),
        ]
        | UnsetType
    ) = UNSET
    heartbeat: Address | UnsetType = UNSET
    alertmanager: (
        Annotated[
            list[str | ApiKeyTable],
            Meta(min_length=1, description="Addresses of Alertmanagers; alerts go to each of them (API v2)."),
        ]
        | UnsetType
    ) = UNSET
    alertmanager_token: (
        Annotated[
            str | ApiKeyTable,
            Meta(description="Bearer token of the Alertmanagers, or a source such as { env = … }."),
        ]
        | UnsetType
    ) = UNSET
    every: (
        Annotated[
            Seconds,
            _duration("Interval between runs (default 5m); Alertmanager keeps an alert 2.5 times as long"),
        ]
        | UnsetType
    ) = UNSET
    apprise: (
        Annotated[
            list[str | ApiKeyTable],
            Meta(
                min_length=1, description="Addresses of apprise, such as slack://…; needs the extra `notify`."
            ),
        ]
        | UnsetType
    ) = UNSET
    gatus: (
        Annotated[
            GatusTable, Meta(description="Gatus server that gets each result on its external endpoints.")
        ]
        | UnsetType
    ) = UNSET
    fail_share: (
        Annotated[
            str,
            Meta(description='Alert on the share of failures in a window, such as "20% of 15m, min 10".'),
        ]
        | UnsetType
    ) = UNSET
    mute: (
        Annotated[
            list[MuteTable],
            Meta(description="Maintenance windows in which no alert is sent for some targets."),
        ]
        | UnsetType
    ) = UNSET


class ServeTable(_Table):
    """Where `llmprobe serve` listens, and what its probes may cost."""

    listen: (
        Annotated[
            str, Meta(min_length=2, description="Address and port to listen on (default 127.0.0.1:9750).")
        ]
        | UnsetType
    ) = UNSET
    hosts: (
        Annotated[
            list[Text],
            Meta(min_length=1, description="Host names that requests may use; others are refused."),
        ]
        | UnsetType
    ) = UNSET
    every: (
        Annotated[Seconds, _duration("Interval at which it probes by itself (default: never)")] | UnsetType
    ) = UNSET
    min_interval: (
        Annotated[
            Seconds,
            _duration("Minimum time between two probes of a target (default 30s)"),
        ]
        | UnsetType
    ) = UNSET
    tokens_per_hour: (
        Annotated[
            int,
            Meta(
                ge=0, description="Tokens that probes may use in an hour (default 1000000); 0 for no limit."
            ),
        ]
        | UnsetType
    ) = UNSET


class ConfigFile(_Table):
    """llmprobe.toml"""

    defaults: (
        Annotated[DefaultsTable, Meta(description="Values for every target that does not set its own.")]
        | UnsetType
    ) = UNSET
    history: (
        Annotated[HistoryTable, Meta(description="Whether runs are recorded, where, and for how long.")]
        | UnsetType
    ) = UNSET
    alerts: (
        Annotated[AlertsTable, Meta(description="When to alert, and where to send the alerts.")] | UnsetType
    ) = UNSET
    serve: (
        Annotated[
            ServeTable, Meta(description="Where `llmprobe serve` listens, and what its probes may cost.")
        ]
        | UnsetType
    ) = UNSET
    targets: Annotated[dict[str, TargetTable], Meta(description="Targets to probe, by name.")] = {}
    groups: Annotated[
        dict[str, GroupTable],
        Meta(description="Groups of targets that can stand in for each other, by name."),
    ] = {}


def config_schema() -> dict[str, Any]:
    """The JSON Schema of the file, for editors and `llmprobe schema config`."""
    from llmprobe.config.schema_notes import annotated

    schema = annotated(msgspec.json.schema(ConfigFile))
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "llmprobe.toml"
    return schema
