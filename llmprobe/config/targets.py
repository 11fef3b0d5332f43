"""Tables, catalogue and environment brought together: from one entry to one `Target`."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from msgspec import UNSET, Struct, UnsetType, field
from msgspec.structs import replace

from llmprobe.config.addresses import proxy_variable_mistake, url_mistake
from llmprobe.config.checks import header_mistake
from llmprobe.config.keys import owner_of
from llmprobe.config.known_secrets import remember_proxies, remember_target
from llmprobe.config.quoting import quoted
from llmprobe.config.schema import (
    ApiKeyTable,
    DaysTable,
    DefaultsTable,
    ExpectTable,
    LimitTable,
    RateTable,
    TargetTable,
    ThresholdsTable,
)
from llmprobe.config.secrets import describe, read_key
from llmprobe.config.thresholds import parse_baseline_factor, parse_quantile_limit
from llmprobe.config.warnings import address_warnings
from llmprobe.errors import MissingExtraError, UsageError
from llmprobe.model import (
    BaselineLimit,
    Credential,
    Expect,
    Links,
    ProbeKind,
    QuantileLimit,
    Secret,
    Target,
    Thresholds,
    Timeouts,
    Wire,
)
from llmprobe.model.target import CERT_CRITICAL_DAYS, CERT_DAYS
from llmprobe.model.timed import TIMED, TOKENS_PER_SECOND
from llmprobe.providers import Dialect, Provider, dialects, least_effort, providers, token_budget
from llmprobe.providers.catalog import split_auth
from llmprobe.providers.urls import normalise_base
from llmprobe.redact import SHORTEST

_EMBEDDING = re.compile(r"embed|(^|[-/])(bge|e5|gte|nomic)-")
_PLACEHOLDER = r"\{([A-Z_|]+)\}"
Given = TypeVar("Given")
_TABLE = "table"
_NO_THRESHOLDS, _NO_EXPECTATION = Thresholds(), Expect()
"""Shared: a thousand targets have mostly none."""


class Entry(Struct, frozen=True):
    """
    A target by name, before its credential is read: enough to select it.

    `place` tells where a key of it stands.
    """

    name: str
    table: TargetTable
    defaults: DefaultsTable
    model: str | None = None
    place: Callable[[str], str] = lambda _: "configuration"

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(given(self.table.tags, given(self.defaults.tags, [])))


class Built(Struct):
    """
    A target, where its values came from, and what should be said about it.

    `of_model` makes the same target for another model, named after both.
    """

    target: Target
    origin: Callable[[str], str]
    of_model: Callable[[str], Built]
    warnings: list[str] = field(default_factory=list)


def given(value: Given | UnsetType, default: Given) -> Given:
    return default if isinstance(value, UnsetType) else value


def embeds(model: str) -> bool:
    """Whether a model's name says that it makes embeddings, and no text."""
    return _EMBEDDING.search(model.lower()) is not None


class TargetBuilder:
    """
    Builds targets in one environment.

    Args:
        env: Variables, those of `--env-file` included.
        read_secrets: False shows where keys would come from without reading them.
        overrides: Flags of the command line, stronger than any file.
    """

    def __init__(
        self, env: Mapping[str, str], *, read_secrets: bool, overrides: TargetTable | None = None
    ) -> None:
        remember_proxies(env)
        self._env = env
        self._read = read_secrets
        self._overrides = overrides or TargetTable()

    def build(self, entry: Entry) -> Built:
        """Raises SecretError or UsageError when the target cannot be made whole."""
        values = _Values(entry, self._overrides)
        provider = _provider(values, entry)
        dialect = dialects()[values.get("dialect", provider.dialect)]
        probes = self._probes(values, provider, entry, dialect)
        pasted = dialect.pasted(self._url(values, provider))
        model = values.get("model", entry.model) or pasted.model or _default_model(provider, probes)
        if model is None and values.origin("probes") == "default":
            probes = (ProbeKind.MODELS,)
        credential, missing = self._credential(values, provider, entry.name)
        base_url = _base_url(pasted.base_url, values, provider, dialect)
        target = Target(
            name=entry.name,
            provider=provider.id,
            dialect=dialect.name,
            base_url=base_url,
            model=model,
            title=_title(provider, base_url),
            probes=probes,
            credential=credential,
            missing_keys=missing,
            wire=self._wire(values, provider, model, pasted.api_version),
            headers=_header_map(values.get("headers", {})),
            timeouts=timeouts_of(values),
            thresholds=_thresholds(values),
            expect=_expect(values.get("expect", None)),
            retries=values.get("retries", 1),
            tags=entry.tags,
            links=_links(provider.id),
            retires_on=provider.retires.get(model or ""),
            retired=provider.retired,
            proxy=values.get("proxy", None),
            ca_bundle=values.get("ca_bundle", None),
            verify_tls=values.get("tls_verify", True),
            http2=_http2(values.get("http2", False)),
            status_page=values.get("status_page", None),
        )
        if target.proxy is None and (mistake := proxy_variable_mistake(base_url, self._env)):
            raise UsageError(f'target "{entry.name}": {mistake}')
        warnings = [
            *_key_warnings(target, provider),
            *address_warnings(target, str(values.get("base_url", base_url))),
            *_short_warnings(target, remember_target(target)),
        ]
        return Built(target, values.origin, partial(self._of_model, entry, target), warnings)

    def _of_model(self, entry: Entry, made: Target, model: str) -> Built:
        """The same entry with another model; the key is the one that was read before."""
        overrides = replace(self._overrides, model=UNSET)
        builder = TargetBuilder(self._env, read_secrets=False, overrides=overrides)
        name = f"{entry.name.removesuffix(f'/{entry.model}')}/{model}"
        built = builder.build(replace(entry, name=name, table=replace(entry.table, model=UNSET), model=model))
        known = replace(built.target, credential=made.credential, missing_keys=made.missing_keys)
        return replace(built, target=known, warnings=[])

    def _probes(
        self, values: _Values, provider: Provider, entry: Entry, dialect: Dialect
    ) -> tuple[ProbeKind, ...]:
        model = values.get("model", entry.model) or provider.model or ""
        default = ["embeddings"] if embeds(model) else ["stream"]
        probes = tuple(ProbeKind(p) for p in dict.fromkeys(values.get("probes", default)))
        for probe in probes:
            if probe not in dialect.probes:
                raise UsageError(f'target "{entry.name}": the dialect {dialect.name} has no probe "{probe}"')
        return probes

    def _url(self, values: _Values, provider: Provider) -> str:
        """The address as it was written. Raises UsageError where it is not one."""
        url: str | None = values.get("base_url", None)
        region = values.get("region", None)
        if url is None and region is not None:
            url = self._filled(provider.regions[region], provider, values)
        if url is None and provider.base_url_env and self._env.get(provider.base_url_env):
            url = self._env[provider.base_url_env]
            values.noted["base_url"] = f"env {provider.base_url_env}"
        if url is None:
            named = self._env.get(provider.region_env or "", "")
            url = self._filled(provider.regions.get(named, provider.base_url), provider, values)
            values.noted["base_url"] = "catalogue"
        if mistake := url_mistake(url):
            raise UsageError(f'target "{values.name}": {values.origin("base_url")}: {mistake}')
        return url

    def _filled(self, url: str, provider: Provider, values: _Values) -> str:
        """`{AWS_REGION|AWS_DEFAULT_REGION}` from the environment."""

        def value(match: re.Match[str]) -> str:
            for name in match[1].split("|"):
                if self._env.get(name):
                    return self._env[name].rstrip("/")
            wanted = " or ".join(match[1].split("|"))
            raise UsageError(
                f'target "{values.name}": {wanted} is not set, so {provider.title} has no address',
                "export it, or set base_url",
            )

        return re.sub(_PLACEHOLDER, value, url)

    def _credential(
        self, values: _Values, provider: Provider, name: str
    ) -> tuple[Credential | None, tuple[str, ...]]:
        """The key, and the variables that were looked for in vain."""
        configured = values.get("api_key", None)
        if configured is False:
            return None, ()
        header, scheme = provider.auth
        if (auth := values.get("auth", None)) is not None:
            header, scheme = split_auth(auth)
        if isinstance(configured, ApiKeyTable | str):
            if not self._read:
                return Credential(Secret(""), header, scheme, describe(configured)), ()
            found = read_key(configured, self._env, f'target "{name}"')
            if found is None:
                return None, (describe(configured).removeprefix("env "),)
            return Credential(found[0], header, scheme, found[1]), ()
        return self._from_environment(provider, name, values.get("auth", None) is not None, (header, scheme))

    def _from_environment(
        self, provider: Provider, name: str, own_auth: bool, auth: tuple[str, str]
    ) -> tuple[Credential | None, tuple[str, ...]]:
        for key in provider.keys:
            found = read_key(ApiKeyTable(env=key.env), self._env, f'target "{name}"')
            if found is not None:
                header, scheme = auth if own_auth else (key.header, key.scheme)
                return Credential(found[0], header, scheme, found[1]), ()
        wanted = tuple(key.env for key in provider.keys)
        return None, () if provider.local else wanted

    def _wire(
        self, values: _Values, provider: Provider, model: str | None, pasted_version: str | None
    ) -> Wire:
        headers = dict(provider.headers)
        headers |= {h: self._env[v] for v, h in provider.env_headers.items() if self._env.get(v)}
        if provider.custom_headers_env:
            headers |= _header_lines(self._env.get(provider.custom_headers_env, ""))
        if mistake := header_mistake(headers):
            raise UsageError(f'target "{values.name}": {mistake}')
        version = pasted_version or self._env.get(provider.api_version_env or "") or None
        return Wire(
            token_param=values.get("token_param", provider.token_param),
            max_tokens=values.get("max_tokens", token_budget(provider, model)),
            stream_usage=values.get("stream_usage", provider.stream_usage),
            headers=headers,
            body={**provider.body, **values.get("body", {})},
            effort=least_effort(provider, model),
            health_path=values.get("health_path", provider.health_path),
            models_path=provider.models_path,
            api_version=values.get("api_version", version),
        )


def _base_url(url: str, values: _Values, provider: Provider, dialect: Dialect) -> str:
    prefix = values.get("path_prefix", provider.path_prefix)
    return normalise_base(
        url, prefix=dialect.prefix if prefix is None else prefix, endpoints=dialect.endpoints
    )


class _Values:
    """One target's values: flags, then its table, then `[defaults]`; and where each came from."""

    def __init__(self, entry: Entry, overrides: TargetTable) -> None:
        self.name = entry.name
        self.noted: dict[str, str] = {}
        self._place = entry.place
        layers = ((overrides, "flag"), (entry.table, _TABLE), (entry.defaults, "[defaults]"))
        self._layers = [layer for layer in layers if layer[0] != type(layer[0])()]

    def get(self, key: str, default: Any) -> Any:
        for table, _ in self._layers:
            value = getattr(table, key, UNSET)
            if value is not UNSET:
                return value
        return default

    def origin(self, key: str) -> str:
        """Where a value came from: for who asks, which few runs do."""
        if key in self.noted:
            return self.noted[key]
        told = (origin for table, origin in self._layers if getattr(table, key, UNSET) is not UNSET)
        origin = next(told, "default")
        return self._place(key) if origin == _TABLE else origin


def _provider(values: _Values, entry: Entry) -> Provider:
    name = values.get("provider", "openai-compatible")
    provider = providers().get(name)
    if provider is None:
        raise UsageError(
            f'target "{entry.name}": unknown provider {quoted(name)}', "`llmprobe providers` lists them"
        )
    return provider


@cache
def _links(provider: str) -> Links:
    about = providers()[provider]
    return Links(about.console, about.docs, about.status.url if about.status else None)


def _default_model(provider: Provider, probes: tuple[ProbeKind, ...]) -> str | None:
    return provider.embedding_model if probes == (ProbeKind.EMBEDDINGS,) else provider.model


def _title(provider: Provider, base_url: str) -> str:
    """A generic provider is best named by its host."""
    return urlsplit(base_url).netloc if not provider.base_url else provider.title


def timeouts_of(values: _Values) -> Timeouts:
    """A phase's default never outlasts the total; a stall is told from half the total on."""
    total = values.get("timeout", 30.0)
    return Timeouts(
        total_s=total,
        connect_s=values.get("connect_timeout", min(10.0, total)),
        headers_s=values.get("headers_timeout", None),
        first_token_s=values.get("first_token_timeout", None),
        stall_s=values.get("stall_timeout", min(15.0, total / 2)),
    )


def _thresholds(values: _Values) -> Thresholds:
    """Durations bound each sample; `p95 < 2s` bounds them together; `2x baseline` waits for the history."""
    table = values.get("thresholds", None)
    if table is None:
        return _NO_THRESHOLDS
    limits: dict[str, float] = {}
    critical: dict[str, float] = {}
    quantiles: list[QuantileLimit] = []
    baselines: list[BaselineLimit] = []
    for metric, value, is_critical in _each_limit(table):
        if isinstance(value, float):
            (critical if is_critical else limits)[metric] = value
        elif factor := parse_baseline_factor(value):
            baselines.append(BaselineLimit(metric, factor, is_critical))
        elif parsed := parse_quantile_limit(value):
            quantiles.append(QuantileLimit(metric, *parsed))
    rate, least = _pair(given(table.tokens_per_second, None))
    critical |= {} if least is None else {TOKENS_PER_SECOND: least}
    cert_days, cert_critical_days = _certificate_days(given(table.cert_days, None))
    return Thresholds(
        **{f"{metric}_s": value for metric, value in limits.items()},
        tokens_per_second=rate,
        cert_days=cert_days,
        cert_critical_days=cert_critical_days,
        headroom=given(table.headroom, None),
        quantiles=tuple(quantiles),
        critical=critical,
        baselines=tuple(baselines),
    )


def _pair(value: float | RateTable | DaysTable | None) -> tuple[float | None, float | None]:
    """(warn, crit) of a single figure or of a pair."""
    if isinstance(value, RateTable | DaysTable):
        return given(value.warn, None), given(value.crit, None)
    return value, None


def _certificate_days(value: float | DaysTable | None) -> tuple[float | None, float | None]:
    """Each has a default; where only the first is given, it is never earlier than the second. 0 is never."""
    warn, crit = _pair(value)
    if crit is None:
        crit = min(CERT_CRITICAL_DAYS, CERT_CRITICAL_DAYS if warn is None else warn)
    return (CERT_DAYS if warn is None else warn) or None, crit or None


def _each_limit(table: ThresholdsTable) -> Iterator[tuple[str, float | str, bool]]:
    """(metric, seconds or words, whether beyond it is a failure)."""
    for metric in TIMED:
        value = given(getattr(table, metric), None)
        if isinstance(value, LimitTable):
            for part, is_critical in ((value.warn, False), (value.crit, True)):
                if not isinstance(part, UnsetType):
                    yield metric, part, is_critical
        elif value is not None:
            yield metric, value, False


def _expect(table: ExpectTable | None) -> Expect:
    if table is None:
        return _NO_EXPECTATION
    return Expect(
        contains=given(table.contains, None),
        regex=given(table.regex, None),
        pointer=given(table.pointer, None),
        equals=given(table.equals, None),
        schema=_schema(given(table.schema, None)),
        dimension=given(table.dimension, None),
        challenge=given(table.challenge, False),
    )


def _schema(schema: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Raises MissingExtraError where nothing could check against it."""
    if schema is not None and importlib.util.find_spec("jsonschema") is None:
        raise MissingExtraError("checking an answer against a schema", "schema")
    return schema


def _http2(wanted: bool) -> bool:
    """Raises MissingExtraError where the protocol's package is not there."""
    if wanted and importlib.util.find_spec("h2") is None:
        raise MissingExtraError("HTTP/2", "http2")
    return wanted


def _header_lines(text: str) -> dict[str, str]:
    """One `Name: value` a line (OPENAI_CUSTOM_HEADERS and its like; SDK sources, read 2026-11-22)."""
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _header_map(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _key_warnings(target: Target, provider: Provider) -> list[str]:
    """Another vendor's key in this vendor's place is told before it is sent."""
    if target.credential is None:
        return []
    owner = owner_of(target.credential.secret.reveal())
    if owner is None or owner == provider.id or provider.local or not provider.key_prefix:
        return []
    title = providers()[owner].title
    return [f'target "{target.name}": the key from {target.credential.origin} looks like one of {title}']


def _short_warnings(target: Target, short: list[str]) -> list[str]:
    """What is too short to be told from other words is not masked: that is said, once."""
    return [
        f'target "{target.name}": {what} has fewer than {SHORTEST} characters, so it is not masked '
        "where a server repeats it"
        for what in short
    ]
