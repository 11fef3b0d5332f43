"""What each category means: the one place for its family, its side, its words and its hint."""

from __future__ import annotations

from msgspec import Struct

from llmprobe.model import Category, Family, Fault, Status, Verdict


class About(Struct, frozen=True):
    """
    One line of the category table.

    `fault` is the usual side (a rule may know better), `transient` whether a
    second try may cure it.
    """

    family: Family
    fault: Fault | None
    meaning: str
    hint: str
    transient: bool = False


_P, _C, _N, _U = Fault.PROVIDER, Fault.CLIENT, Fault.NETWORK, Fault.UNKNOWN

ABOUT: dict[Category, About] = {
    Category.OK: About(Family.OK, None, "The answer came, complete and as asked.", ""),
    Category.SLOW: About(
        Family.DEGRADED, _P,
        "It works, but slower than the target's thresholds allow.",
        "compare with its usual figures; fail over if your users notice",
    ),
    Category.LOW_HEADROOM: About(
        Family.DEGRADED, _C,
        "It works, but a rate-limit window is nearly used up.",
        "slow down, or ask the provider for a higher limit",
    ),
    Category.CERT_EXPIRING: About(
        Family.DEGRADED, _P,
        "It works, but the server's certificate ends soon.",
        "tell whoever runs this endpoint to renew the certificate",
    ),
    Category.BUFFERED: About(
        Family.DEGRADED, _U,
        "A stream was asked for and the answer arrived in one piece.",
        "look for a proxy or gateway on the way that buffers responses",
    ),
    Category.MODEL_MISMATCH: About(
        Family.DEGRADED, _P,
        "The answer names another model than the one asked for.",
        "check the provider's list of aliases and retirements, then name the model you want",
    ),
    Category.RETIRING: About(
        Family.DEGRADED, _C,
        "It works, but the provider has announced the end of this model.",
        "move to a newer model before that day",
    ),
    Category.EXPECTATION: About(
        Family.DEGRADED, _P,
        "An answer came, but it is not what the target's `expect` demands.",
        "look at the answer with -v; change `expect` if the demand was too strict",
    ),
    Category.TIMEOUT_CONNECT: About(
        Family.TIMEOUT, _N,
        "No connection (TCP and TLS) within the connect timeout.",
        "check your network, firewall and proxy; try another network",
        True,
    ),
    Category.TIMEOUT_HEADERS: About(
        Family.TIMEOUT, _P,
        "The request was sent and nothing came back.",
        "fail over or wait; raise `headers_timeout` if this model is slow to start",
    ),
    Category.TIMEOUT_FIRST_TOKEN: About(
        Family.TIMEOUT, _P,
        "Headers came, perhaps heartbeats, but no token.",
        "fail over or wait; raise `first_token_timeout` if this model is slow to start",
    ),
    Category.STREAM_STALLED: About(
        Family.TIMEOUT, _P,
        "Tokens came, then silence (heartbeats do not count).",
        "fail over or wait; raise `stall_timeout` if this model pauses to think",
    ),
    Category.TIMEOUT_TOTAL: About(
        Family.TIMEOUT, _P,
        "The answer was still unfinished when the whole timeout ended.",
        "raise `timeout`, or ask for fewer tokens",
    ),
    Category.DNS: About(
        Family.NETWORK, _N,
        "The host's name could not be turned into an address.",
        "check the host's spelling, your DNS server and your VPN",
        True,
    ),
    Category.CONNECT: About(
        Family.NETWORK, _N,
        "The connection was refused, or there is no route.",
        "check host and port, firewall and VPN; a local server may not be running",
        True,
    ),
    Category.RESET: About(
        Family.NETWORK, _N,
        "The connection broke before an answer came.",
        "try again; if it stays, look for a firewall or proxy that cuts connections",
        True,
    ),
    Category.TLS: About(
        Family.NETWORK, _N,
        "No trusted, encrypted connection could be agreed.",
        "check the clock, the CA bundle (SSL_CERT_FILE) and any TLS-inspecting proxy",
    ),
    Category.PROXY: About(
        Family.NETWORK, _N,
        "The proxy refused, asked for credentials, or could not be reached.",
        "check the proxy in force (proxy in the configuration, else HTTPS_PROXY), its user and its password",
    ),
    Category.RATE_LIMITED: About(
        Family.LIMIT, _C,
        "Too many requests or tokens for now; waiting cures it.",
        "slow down and honour Retry-After; ask for a higher limit if it happens often",
        True,
    ),
    Category.QUOTA_EXHAUSTED: About(
        Family.LIMIT, _C,
        "Credits, budget, or a daily or monthly cap are used up; waiting minutes does not help.",
        "add credit, raise the spend limit, or wait for the new period",
    ),
    Category.OVERLOADED: About(
        Family.PROVIDER, _P,
        "The provider has no capacity for the request right now.",
        "wait and retry with back-off, or fail over to another model or provider",
        True,
    ),
    Category.LOADING: About(
        Family.PROVIDER, _P,
        "The model is being loaded into memory.",
        "wait until it is loaded; keep it warm if this happens often",
        True,
    ),
    Category.SERVER_ERROR: About(
        Family.PROVIDER, _P,
        "The API itself failed with an error of its own.",
        "retry with back-off or fail over; report the request id if it stays",
        True,
    ),
    Category.GATEWAY: About(
        Family.PROVIDER, _P,
        "Something in front of the API (CDN, load balancer, router) answered in its place.",
        "retry with back-off or fail over; the API behind it did not get to speak",
        True,
    ),
    Category.STREAM_ERROR: About(
        Family.PROVIDER, _P,
        "The stream began well and then carried an error.",
        "retry or fail over; make sure that your client reads error events",
        True,
    ),
    Category.TRUNCATED: About(
        Family.PROVIDER, _P,
        "The stream ended without the end that its format demands.",
        "retry or fail over; treat what your client received as incomplete",
        True,
    ),
    Category.INVALID_RESPONSE: About(
        Family.PROVIDER, _P,
        "What came back is not what this API's format allows.",
        "check that the base URL and the dialect belong together",
    ),
    Category.EMPTY_RESPONSE: About(
        Family.PROVIDER, _P,
        "A complete answer came, with nothing in it.",
        "retry or fail over; report the request id if it stays",
        True,
    ),
    Category.AUTH: About(
        Family.REQUEST, _C,
        "The provider does not accept this credential.",
        "check that the key is complete, current and of this provider",
    ),
    Category.PERMISSION: About(
        Family.REQUEST, _C,
        "The credential is valid but may not do this.",
        "check the key's scopes, the project's access to the model, and IP rules",
    ),
    Category.REGION_BLOCKED: About(
        Family.REQUEST, _C,
        "The provider does not serve the place that the request came from.",
        "use a region that the provider serves; check your VPN's exit",
    ),
    Category.MODEL_NOT_FOUND: About(
        Family.REQUEST, _C,
        "The model does not exist, is retired, or this key may not see it.",
        "see what the key can use: `llmprobe models TARGET`",
    ),
    Category.WRONG_ENDPOINT: About(
        Family.REQUEST, _C,
        "The URL is not (this part of) that API.",
        "check base_url and dialect",
    ),
    Category.BAD_REQUEST: About(
        Family.REQUEST, _C,
        "The provider refuses the request as it is.",
        "look at the provider's words; `--dry-run` shows what is sent",
    ),
    Category.CONTENT_FILTERED: About(
        Family.REQUEST, _C,
        "A filter of the provider stopped the prompt or the answer.",
        "check the content filter's settings; the API itself works",
    ),
    Category.MISSING_CREDENTIAL: About(
        Family.OURS, _C,
        "No credential was found; nothing was sent.",
        "export the key's variable, or set api_key in the configuration",
    ),
    Category.CANCELLED: About(
        Family.OURS, None,
        "Interrupted before it was finished.",
        "run it again",
    ),
    Category.DEADLINE: About(
        Family.OURS, None,
        "Not run: the run's deadline had come.",
        "raise the deadline",
    ),
    Category.BUDGET: About(
        Family.OURS, None,
        "Not run: the run's token budget was used up.",
        "raise the budget",
    ),
    Category.BACKOFF: About(
        Family.OURS, None,
        "Not run: the server asked for a pause that has not ended.",
        "wait until the pause is over",
    ),
    Category.INTERNAL: About(
        Family.OURS, None,
        "llmprobe itself failed; this says nothing about the provider.",
        "run again with --debug and report the traceback",
    ),
}  # fmt: skip
"""Every category once; a test compares this table with the enum and with `examples/categories.md`."""

_SKIPPED = {Category.CANCELLED, Category.DEADLINE, Category.BUDGET, Category.BACKOFF}


def verdict_status(verdict: Verdict) -> Status:
    """As `status_of`; beyond a critical threshold what works counts as failed."""
    return Status.FAILED if verdict.critical else status_of(verdict.category)


def status_of(category: Category) -> Status:
    """How a result of this category reads at a glance."""
    if category in _SKIPPED:
        return Status.SKIPPED
    match ABOUT[category].family:
        case Family.OK:
            return Status.HEALTHY
        case Family.DEGRADED:
            return Status.DEGRADED
        case _:
            return Status.FAILED
