"""Whether runs are exported by OTLP, as the flag and OpenTelemetry's standard variables say."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from msgspec import Struct

from llmprobe.config.known_secrets import remember
from llmprobe.foreign import clean
from llmprobe.model import Secret

PROTOCOL = "http/protobuf"
_DEFAULT_ENDPOINT = "http://localhost:4318"
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_HEADERS = ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")


class Otlp(Struct, frozen=True):
    """
    An export that is wanted. The SDK reads the address and all the rest from the environment by itself.

    `asked` says that it was asked for by name; else a variable names an endpoint, perhaps for others.
    """

    endpoint: Secret
    asked: bool = False
    protocol: str = PROTOCOL


def otlp_settings(asked: bool | None, env: Mapping[str, str]) -> Otlp | None:
    """
    The export, where it is wanted: as asked (`--otlp`, `--no-otlp`), else where a variable names an endpoint.

    `OTEL_SDK_DISABLED=true` forbids it, as everywhere; so does `OTEL_METRICS_EXPORTER` without `otlp`,
    unless it is asked for. What the variables hold is remembered as secret in any case.
    """
    endpoint = _first(_ENDPOINTS, env)
    remember(endpoint or "")
    for name in _HEADERS:
        for pair in env.get(name, "").split(","):
            remember(unquote(pair.partition("=")[2]))
    if asked is False or env.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    exporters = [name.strip() for name in env.get("OTEL_METRICS_EXPORTER", "otlp").split(",")]
    if not asked and (endpoint is None or "otlp" not in exporters):
        return None
    protocol = clean(_first(_PROTOCOLS, env) or PROTOCOL, 20)
    return Otlp(Secret(endpoint or _DEFAULT_ENDPOINT), bool(asked), protocol)


def _first(names: tuple[str, ...], env: Mapping[str, str]) -> str | None:
    return next((env[name] for name in names if env.get(name)), None)
