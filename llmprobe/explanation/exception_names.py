"""What the class of an exception says by its name, whichever SDK or HTTP client it is of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from llmprobe.model import Failure, FailureKind, Link, Phase

_KINDS: tuple[tuple[FailureKind, str, tuple[str, ...]], ...] = (
    (
        FailureKind.PROXY,
        "ProxyError ProxyConnectionError ClientProxyConnectionError ClientHttpProxyError",
        ("proxy authentication required", "tunnel connection failed", "cannot connect to proxy"),
    ),
    (
        FailureKind.DNS,
        "gaierror NameResolutionError ClientConnectorDNSError",
        ("name or service not known", "name resolution", "nodename nor servname", "getaddrinfo", "enotfound"),
    ),
    (
        FailureKind.TLS,
        "SSLError SSLCertVerificationError CertificateError ClientConnectorCertificateError "
        "ClientConnectorSSLError",
        ("certificate verify failed", "[ssl:", "self signed certificate", "self-signed certificate"),
    ),
    (
        FailureKind.CONNECT_TIMEOUT,
        "ConnectTimeout ConnectTimeoutError ConnectionTimeoutError",
        ("etimedout",),
    ),
    (
        FailureKind.HEADERS_TIMEOUT,
        "ReadTimeout ReadTimeoutError APITimeoutError Timeout TimeoutError ServerTimeoutError "
        "SocketTimeoutError",
        ("read timed out", "request timed out"),
    ),
    (
        FailureKind.RESET,
        "ConnectionResetError BrokenPipeError ConnectionAbortedError RemoteProtocolError RemoteDisconnected "
        "ReadError WriteError IncompleteRead IncompleteReadError ChunkedEncodingError ClientPayloadError "
        "ServerDisconnectedError ProtocolError",
        ("connection reset by peer", "econnreset", "server disconnected", "connection aborted"),
    ),
    (
        FailureKind.CONNECT,
        "ConnectionRefusedError ConnectError NewConnectionError ClientConnectorError EndpointConnectionError "
        "APIConnectionError ConnectionError",
        ("connection refused", "econnrefused", "network is unreachable", "no route to host"),
    ),
)
"""(kind, names of exceptions, words that clients keep of one that was lost); the most specific first."""

_PHASES = {
    FailureKind.DNS: Phase.RESOLVE,
    FailureKind.TLS: Phase.TLS,
    FailureKind.HEADERS_TIMEOUT: Phase.HEADERS,
    FailureKind.RESET: Phase.HEADERS,
}

_CLASSES = {
    400: "BadRequestError InvalidRequestError InvalidArgument ContextWindowExceededError",
    401: "AuthenticationError UnauthorizedError Unauthenticated",
    402: "PaymentRequiredError",
    403: "PermissionDeniedError ForbiddenError PermissionDenied Forbidden",
    404: "NotFoundError NotFound",
    409: "ConflictError",
    413: "RequestTooLargeError",
    422: "UnprocessableEntityError",
    429: "RateLimitError TooManyRequestsError TooManyRequests ResourceExhausted",
    500: "InternalServerError",
    502: "BadGatewayError",
    503: "ServiceUnavailableError ServiceUnavailable",
    504: "DeadlineExceeded DeadlineExceededError GatewayTimeout",
    529: "OverloadedError",
}
STATUS_OF: Mapping[str, int] = {name: status for status, names in _CLASSES.items() for name in names.split()}
"""
Classes that stand for a status, where the exception does not say it.

Source: openai 3.54 and anthropic 2.12 `_exceptions.py`, cohere 7.3 `errors`, google-api-core
`exceptions`, litellm 1.109 `exceptions` (read 2026-11-22).
"""

_PROVIDERS = {
    "anthropic": "anthropic", "google": "gemini", "botocore": "bedrock", "cohere": "cohere", "groq": "groq",
    "mistralai": "mistral", "together": "together", "cerebras": "cerebras", "perplexity": "perplexity",
    "fireworks": "fireworks", "ollama": "ollama", "huggingface_hub": "huggingface", "litellm": "litellm",
}  # fmt: skip
"""SDKs that speak to one provider. `openai` speaks to many, and says nothing."""


def failure_of(links: Iterable[Link]) -> Failure | None:
    """The failure of the network that a chain of exceptions tells of, outermost first, or None."""
    chain = tuple(links)
    names = {link.type.rsplit(".", 1)[-1] for link in chain}
    words = " ".join(link.message for link in chain).lower()
    for kind, classes, phrases in _KINDS:
        if not names.isdisjoint(classes.split()) or (
            any(p in words for p in phrases) and _is_of_a_connection(names)
        ):
            return Failure(kind, _PHASES.get(kind, Phase.CONNECT), chain, detail=_detail(chain))
    return None


def provider_of_module(module: str) -> str | None:
    """The provider whose own SDK has this module."""
    return _PROVIDERS.get(module.split(".", 1)[0])


def _is_of_a_connection(names: set[str]) -> bool:
    """Words alone prove nothing: an HTTP error may quote them."""
    return any(
        "Connect" in name or "SSL" in name or name in ("OSError", "MaxRetryError", "FetchError")
        for name in names
    )


def _detail(chain: tuple[Link, ...]) -> str:
    """The innermost message that says something."""
    return next((link.message for link in reversed(chain) if link.message), "")
