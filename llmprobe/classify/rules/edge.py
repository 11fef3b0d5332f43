"""Not the API speaking: pages and words of CDNs, load balancers, gateways, proxies and login walls."""

from __future__ import annotations

from llmprobe.classify.rule import Rule, When
from llmprobe.model import Category as C
from llmprobe.model import Fault

_CF = "Cloudflare 5xx and 1xxx error documentation (read 2026-11-22)"
_LB = "default error pages of nginx, AWS ELB, Envoy, Kong and Google (providers.md section 25.2, read 2026-11-22)"
_5XX = range(500, 600)

RULES: tuple[Rule, ...] = (
    Rule(
        "edge.proxy_407", C.PROXY, When(status=(407,)),
        "a proxy asks for credentials (407)", "RFC 9110 section 15.5.8", "407 Proxy Authentication Required",
        hint="put user and password into the proxy's URL (proxy in the configuration, or HTTPS_PROXY)",
    ),
    Rule(
        "edge.tls_behind", C.TLS,
        When(status=(_5XX,), says=("certificate_verify_failed", "certificate verify failed", "sslcertverificationerror", "x509: certificate")),
        "the gateway could not trust the server behind it: {said}", _LB, "502 … certificate verify failed",
        fault=Fault.PROVIDER,
    ),
    Rule(
        "edge.cf_challenge", C.GATEWAY, When(header=("cf-mitigated", "challenge")),
        "Cloudflare asks for a browser challenge instead of passing the request on", _CF, "cf-mitigated: challenge",
        fault=Fault.NETWORK, hint="the address that you come from is distrusted: try without VPN, or another network",
    ),
    Rule(
        "edge.cf_region", C.REGION_BLOCKED, When(says=("error code: 1009", "error 1009", "has banned the country or region")),
        "Cloudflare bars the country that the request came from (1009)", _CF, "error code: 1009",
    ),
    Rule(
        "edge.cf_rate", C.RATE_LIMITED, When(says=("error code: 1015", "error 1015", "you are being rate limited")),
        "Cloudflare limits the rate in front of the API (1015)", _CF, "error code: 1015",
    ),
    Rule(
        "edge.cf_ip_restricted", C.GATEWAY, When(says=("edge ip restricted", "error code: 1034", "error 1034")),
        "Cloudflare refuses the address that the name leads to (1034)", _CF, "Edge IP Restricted",
        fault=Fault.PROVIDER,
    ),
    Rule(
        "edge.cf_blocked", C.GATEWAY,
        When(status=(403,), html=True, says=("you have been blocked", "unable to access", "attention required", "cf-error-details", "cf-wrapper", "error code: 1020", "access denied | ")),
        "Cloudflare blocks the address that the request came from", _CF, "Sorry, you have been blocked",
        fault=Fault.NETWORK, hint="the address that you come from is distrusted: try without VPN, or another network",
    ),
    Rule(
        "edge.cf_5xx", C.GATEWAY, When(status=(range(520, 528), 530)),
        "Cloudflare could not get an answer from the API behind it (HTTP {status})", _CF, "520, 522, 524, 530",
    ),
    Rule(
        "edge.cf_5xx_text", C.GATEWAY, When(says=("error code: 52", "error code: 530", "error code: 504", "error code: 502")),
        "Cloudflare could not get an answer from the API behind it ({said})", _CF, "error code: 522",
    ),
    Rule(
        "edge.upstream_words", C.GATEWAY,
        When(status=(_5XX,), says=(
            "upstream connect error", "disconnect/reset before headers", "no healthy upstream", "upstream request timeout",
            "bad gateway", "gateway timeout", "gateway time-out", "upstream prematurely closed", "stream timeout",
            "failure to get a peer from the ring-balancer", "an invalid response was received from the upstream server",
            "the upstream server is timing out", "backend fetch failed", "application failed to respond",
            "no server is available to handle this request", "could not connect to upstream", "upstream error",
        )),
        "a gateway could not reach the API behind it: {said}", _LB, "upstream connect error or disconnect/reset before headers",
    ),
    Rule(
        "edge.no_route", C.WRONG_ENDPOINT,
        When(status=(404,), says=("no route matched", "no matching route", "404 page not found", "cannot post ", "cannot get ")),
        "the gateway knows no such path: {said}", _LB, "no Route matched with those values",
    ),
    Rule(
        "edge.html_too_large", C.BAD_REQUEST, When(html=True, status=(413,)),
        "the request is too large for the front door (413)", _LB, "413 Request Entity Too Large",
    ),
    Rule(
        "edge.html_429", C.RATE_LIMITED, When(html=True, status=(429,)),
        "the front door limits the rate (429)", _LB, "429 Too Many Requests",
    ),
    Rule(
        "edge.html_404", C.WRONG_ENDPOINT, When(html=True, status=(404, 405, 410)),
        "a web page says {status}: this URL is not the API", _LB, "Error 404 (Not Found)!!1",
    ),
    Rule(
        "edge.html_401", C.AUTH, When(html=True, status=(401,)),
        "a web page asks for a login (401) in front of the API", _LB, "401 Authorization Required",
    ),
    Rule(
        "edge.html_5xx", C.GATEWAY, When(html=True, status=(_5XX,)),
        "{edge_or_gateway} answered with an error page (HTTP {status}) in place of the API", _LB, "<h1>502 Bad Gateway</h1>",
    ),
    Rule(
        "edge.html_403", C.GATEWAY, When(html=True, status=(403,)),
        "{edge_or_gateway} refused the request with a page (HTTP 403)", _LB, "<h1>403 Forbidden</h1>", fault=Fault.NETWORK,
        hint="a firewall in front of the API refused you: try another network, or ask who runs it",
    ),
    Rule(
        "edge.html_4xx", C.GATEWAY, When(html=True, status=(range(400, 500),)),
        "{edge_or_gateway} refused the request with a page (HTTP {status})", _LB, "<h1>400 Bad Request</h1>",
        fault=Fault.NETWORK, transient=False,
    ),
    Rule(
        "edge.login_page", C.INVALID_RESPONSE,
        When(html=True, status=(range(200, 300),), says=("login", "log in", "sign in", "signin", "single sign", "sso", "captive", "portal", "saml", "oauth", "authenticate")),
        "a login page answered in place of the API", "captive portals and SSO walls (providers.md section 25.2, read 2026-11-22)",
        "<title>Login</title>", fault=Fault.NETWORK,
        hint="a captive portal, VPN or SSO wall stands in the way: log in with a browser, or fix base_url",
    ),
    Rule(
        "edge.web_page", C.WRONG_ENDPOINT, When(html=True, status=(range(200, 300),)),
        "a web page answered: this URL is not the API", "providers.md section 25.2 (read 2026-11-22)", "<!doctype html> in a 200",
        hint="check base_url: the API's address usually begins with api. and ends with /v1",
    ),
    Rule(
        "edge.redirect", C.WRONG_ENDPOINT, When(status=(range(300, 400),)),
        "the URL redirects to {location}; a key is never sent after a redirect", "RFC 9110 section 15.4", "301 Moved Permanently",
        hint="put the final address into base_url (http against https, a missing path, a login wall)",
    ),
)  # fmt: skip
