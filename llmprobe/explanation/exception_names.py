"""What the class of an exception says by its name, whichever SDK or HTTP client it is of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from llmprobe.model import Failure, FailureKind, Link, Phase

_KINDS: tuple[tuple[FailureKind, str, tuple[str, ...]], ...] = (
    (
        FailureKind.PROXY,
        "ProxyError ProxyConnectionError ClientProxyConnectionError ClientHttpProxyError",
        (
            "proxy authentication required",
            "tunnel connection failed",
            "cannot connect to proxy",
            "could not resolve proxy",
        ),
    ),
    (
        FailureKind.DNS,
        "gaierror NameResolutionError ClientConnectorDNSError",
        (
            "name or service not known",
            "name resolution",
            "nodename nor servname",
            "getaddrinfo",
            "enotfound",
            "could not resolve host",
            "no such host",
        ),
    ),
    (
        FailureKind.TLS,
        "SSLError SSLCertVerificationError CertificateError ClientConnectorCertificateError "
        "ClientConnectorSSLError",
        (
            "certificate verify failed",
            "certificate_verify_failed",
            "[ssl:",
            "self signed certificate",
            "self-signed certificate",
            "ssl certificate problem",
            "ssl routines",
            "x509:",
        ),
    ),
    (
        FailureKind.CONNECT_TIMEOUT,
        "ConnectTimeout ConnectTimeoutError ConnectionTimeoutError",
        ("etimedout", "connection timed out", "i/o timeout"),
    ),
    (
        FailureKind.HEADERS_TIMEOUT,
        "ReadTimeout ReadTimeoutError APITimeoutError Timeout TimeoutError ServerTimeoutError "
        "SocketTimeoutError",
        ("read timed out", "request timed out", "operation timed out", "deadline exceeded"),
    ),
    (
        FailureKind.RESET,
        "ConnectionResetError BrokenPipeError ConnectionAbortedError RemoteProtocolError RemoteDisconnected "
        "ReadError WriteError IncompleteRead IncompleteReadError ChunkedEncodingError ClientPayloadError "
        "ServerDisconnectedError ProtocolError",
        (
            "connection reset by peer",
            "econnreset",
            "server disconnected",
            "connection aborted",
            "empty reply from server",
            "socket hang up",
        ),
    ),
    (
        FailureKind.CONNECT,
        "ConnectionRefusedError ConnectError NewConnectionError ClientConnectorError EndpointConnectionError "
        "APIConnectionError ConnectionError",
        (
            "connection refused",
            "econnrefused",
            "network is unreachable",
            "no route to host",
            "couldn't connect to server",
            "failed to connect to",
        ),
    ),
)
"""
(kind, names of exceptions, words that clients keep of one that was lost); the most specific first.

The words are those of libc, OpenSSL, curl, Go and Node.
"""

_PHASES = {
    FailureKind.DNS: Phase.RESOLVE,
    FailureKind.TLS: Phase.TLS,
    FailureKind.HEADERS_TIMEOUT: Phase.HEADERS,
    FailureKind.RESET: Phase.HEADERS,
}

_CLASSES = {
    400: "BadRequestError InvalidRequestError InvalidArgument ContextWindowExceededError "
    "INVALID_ARGUMENT FAILED_PRECONDITION",
    401: "AuthenticationError UnauthorizedError Unauthenticated UNAUTHENTICATED",
    402: "PaymentRequiredError",
    403: "PermissionDeniedError ForbiddenError PermissionDenied Forbidden PERMISSION_DENIED",
    404: "NotFoundError NotFound NOT_FOUND",
    409: "ConflictError",
    413: "RequestTooLargeError",
    422: "UnprocessableEntityError",
    429: "RateLimitError TooManyRequestsError TooManyRequests ResourceExhausted RESOURCE_EXHAUSTED",
    500: "InternalServerError INTERNAL",
    502: "BadGatewayError",
    503: "ServiceUnavailableError ServiceUnavailable UNAVAILABLE",
    504: "DeadlineExceeded DeadlineExceededError GatewayTimeout DEADLINE_EXCEEDED",
    529: "OverloadedError",
}
STATUS_OF: Mapping[str, int] = {name: status for status, names in _CLASSES.items() for name in names.split()}
"""
Classes of exceptions, and names of gRPC, that stand for a status where the error does not say it.

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
        if not names.isdisjoint(classes.split()) or any(phrase in words for phrase in phrases):
            return Failure(kind, _PHASES.get(kind, Phase.CONNECT), chain, detail=_detail(chain))
    return None


_NO_KEY = (
    "api_key client option must be set", "could not resolve authentication method",
    "missing key inputs argument", "unable to locate credentials", "default credentials were not found",
)  # fmt: skip


def misses_credential(message: str) -> bool:
    """
    Whether an SDK refused to send anything, because it was given no key.

    Source: openai 3.57, anthropic 2.13, google-genai 3.6, botocore 1.44, google-auth 2.63 (read 2026-11-24).
    """
    message = message.lower()
    return any(words in message for words in _NO_KEY)


def provider_of_module(module: str) -> str | None:
    """The provider whose own SDK has this module."""
    return _PROVIDERS.get(module.split(".", 1)[0])


def _detail(chain: tuple[Link, ...]) -> str:
    """The innermost message that says something."""
    return next((link.message for link in reversed(chain) if link.message), "")
