"""Who answered: the machinery in front of an API, and the ids that support asks for."""

from __future__ import annotations

from llmprobe.model import Exchange

_EDGES: tuple[tuple[str, str, str], ...] = (
    ("cf-mitigated", "", "Cloudflare"),
    ("cf-ray", "", "Cloudflare"),
    ("server", "cloudflare", "Cloudflare"),
    ("x-amz-cf-id", "", "CloudFront"),
    ("via", "cloudfront", "CloudFront"),
    ("x-served-by", "cache-", "Fastly"),
    ("x-azure-ref", "", "Azure Front Door"),
    ("x-akamai-request-id", "", "Akamai"),
    ("server", "akamaighost", "Akamai"),
    ("server", "awselb", "AWS load balancer"),
    ("x-kong-proxy-latency", "", "Kong"),
    ("server", "kong", "Kong"),
    ("server", "scaffolding on httpserver2", "Google front end"),
    ("server", "esf", "Google front end"),
    ("server", "google frontend", "Google front end"),
    ("via", "1.1 google", "Google front end"),
    ("x-vercel-id", "", "Vercel"),
    ("apim-request-id", "", "Azure API Management"),
    ("x-amzn-requestid", "", "AWS"),
    ("x-litellm-call-id", "", "LiteLLM"),
    ("x-envoy-upstream-service-time", "", "Envoy"),
    ("server", "envoy", "Envoy"),
    ("server", "elb", "load balancer"),
    ("server", "caddy", "Caddy"),
    ("server", "nginx", "nginx"),
)
"""(header, part of its value, who that is); recorded answers of providers.md, read 2026-11-22."""

_REQUEST_IDS = (
    "x-request-id", "request-id", "x-amzn-requestid", "apim-request-id", "mistral-correlation-id",
    "x-debug-trace-id", "x-ds-trace-id", "x-generation-id", "inference-id", "x-litellm-call-id",
    "x-trace-id", "cf-ray",
)  # fmt: skip
"""In order of use to a support desk (providers.md, read 2026-11-22)."""


def edge_of(exchange: Exchange) -> str | None:
    """The CDN, balancer or gateway that the headers name, or None."""
    headers = {k.lower(): v.lower() for k, v in exchange.headers}
    return next((who for name, part, who in _EDGES if name in headers and part in headers[name]), None)


def request_id_of(exchange: Exchange) -> str | None:
    """The id to quote to support, or None."""
    return next((value for name in _REQUEST_IDS if (value := exchange.header(name))), None)
