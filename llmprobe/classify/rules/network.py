"""What broke on the way: judged by phase, errno, verify code and alert; words only where those are lost."""

from __future__ import annotations

import errno

from llmprobe.classify.rule import Rule, When
from llmprobe.model import Category as C
from llmprobe.model import FailureKind as K
from llmprobe.model import Fault, Phase

_PYTHON = "Python socket, ssl and errno modules; OpenSSL X509_V_ERR codes (read 2026-11-22)"
_HTTPX = "httpx and httpcore exception trees (read 2026-11-22)"
_DESIGN = "the five deadlines of llmprobe's own transport"

_REFUSED = (errno.ECONNREFUSED, 61, 10061)
_UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EHOSTDOWN, 51, 65, 10051, 10065)
_TIMED_OUT = (errno.ETIMEDOUT, 60, 10060)
_PERMISSION = (errno.EACCES, errno.EPERM, 10013)
_RESET = (errno.ECONNRESET, errno.EPIPE, 54, 10054)
_NO_NAME = (-2, -5, 8, 11001, 11004)
_DNS_TEMPORARY = (-3, 2, 11002)

RULES: tuple[Rule, ...] = (
    Rule(
        "net.proxy.settings", C.PROXY, When(kinds=(K.PROXY,), reasons=("OUR_SETTINGS",)),
        "the proxy settings make no sense: {detail}", "llmprobe's own check of HTTPS_PROXY and its like",
        "HTTPS_PROXY=ftp://x", fault=Fault.CLIENT,
    ),
    Rule(
        "net.tls.settings", C.TLS, When(kinds=(K.TLS,), reasons=("OUR_SETTINGS",)),
        "{detail}", "llmprobe's own check of ca_bundle and SSL_CERT_FILE", "SSL_CERT_FILE=/nonexistent",
        fault=Fault.CLIENT, hint="name a readable PEM file in ca_bundle or SSL_CERT_FILE",
    ),
    Rule(
        "net.proxy.auth", C.PROXY, When(kinds=(K.PROXY,), chain_says=("407",)),
        "the proxy {proxy} asks for credentials (407)", _HTTPX, "httpx.ProxyError: 407 Proxy Authentication Required",
        hint="put user and password into the proxy's URL (proxy in the configuration, or HTTPS_PROXY)",
    ),
    Rule(
        "net.proxy.unreachable", C.PROXY, When(kinds=(K.PROXY,), phases=(Phase.RESOLVE, Phase.CONNECT), connected=False),
        "the proxy {proxy} cannot be reached: {detail}", _HTTPX, "ConnectError while connecting to the proxy",
    ),
    Rule(
        "net.proxy.refused", C.PROXY, When(kinds=(K.PROXY,)),
        "the proxy {proxy} did not let the request through: {detail}", _HTTPX, "httpx.ProxyError: 403 Forbidden",
    ),
    Rule(
        "net.dns.no_such_name", C.DNS, When(kinds=(K.DNS,), errno=_NO_NAME),
        "no such name: {host}", _PYTHON, "gaierror -2 Name or service not known", transient=False,
    ),
    Rule(
        "net.dns.temporary", C.DNS, When(kinds=(K.DNS,), errno=_DNS_TEMPORARY),
        "the resolver gave no answer for {host} (temporary failure)", _PYTHON,
        "gaierror -3 Temporary failure in name resolution",
        hint="check that you are online, your DNS server and your VPN",
    ),
    Rule("net.dns", C.DNS, When(kinds=(K.DNS,)), "{host} could not be resolved: {detail}", _PYTHON, "gaierror"),
    Rule(
        "net.tls.expired", C.TLS, When(kinds=(K.TLS,), verify=(10,)),
        "the certificate of {host} has expired{certificate}", _PYTHON, "X509_V_ERR_CERT_HAS_EXPIRED", fault=Fault.UNKNOWN,
        hint="check this machine's clock; if it is right, the server's operator must renew the certificate",
    ),
    Rule(
        "net.tls.not_yet_valid", C.TLS, When(kinds=(K.TLS,), verify=(9,)),
        "the certificate of {host} is not valid yet{certificate}", _PYTHON, "X509_V_ERR_CERT_NOT_YET_VALID",
        fault=Fault.CLIENT, hint="check this machine's clock",
    ),
    Rule(
        "net.tls.wrong_host", C.TLS, When(kinds=(K.TLS,), verify=(62, 64)),
        "the certificate is for another name than {host}{certificate}", _PYTHON, "X509_V_ERR_HOSTNAME_MISMATCH",
        fault=Fault.UNKNOWN, hint="check the host in base_url; DNS or a proxy may lead to the wrong server",
    ),
    Rule(
        "net.tls.incomplete_chain", C.TLS, When(kinds=(K.TLS,), reasons=("INCOMPLETE_CHAIN",)),
        "the certificate chain of {host} is incomplete{certificate}", _PYTHON, "X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        fault=Fault.UNKNOWN,
        hint="the server must send its intermediate certificates, too (fullchain.pem); if that issuer is a root of your own, put it into the CA bundle",
    ),
    Rule(
        "net.tls.not_in_bundle", C.TLS, When(kinds=(K.TLS,), reasons=("NOT_IN_BUNDLE",)),
        "the certificate of {host} comes from a CA that is not in the CA bundle in force{certificate}", _PYTHON,
        "X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN with ca_bundle",
        hint="add that CA to the file in ca_bundle (or SSL_CERT_FILE)",
    ),
    Rule(
        "net.tls.self_signed", C.TLS, When(kinds=(K.TLS,), verify=(18,)),
        "{host} shows a self-signed certificate{certificate}", _PYTHON, "X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT",
        hint="for a server of your own, name its certificate in ca_bundle or SSL_CERT_FILE",
    ),
    Rule(
        "net.tls.private_ca", C.TLS, When(kinds=(K.TLS,), verify=(19,)),
        "the certificate of {host} comes from a private CA{certificate}: perhaps a proxy that inspects TLS", _PYTHON,
        "X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN",
        hint="name your company's CA in ca_bundle or SSL_CERT_FILE",
    ),
    Rule(
        "net.tls.unknown_ca", C.TLS, When(kinds=(K.TLS,), verify=(2, 20, 21)),
        "the certificate of {host} comes from an unknown CA{certificate}", _PYTHON, "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        hint="name the CA in ca_bundle or SSL_CERT_FILE; a TLS-inspecting proxy or a server that sends no intermediate certificate looks like this, too",
    ),
    Rule(
        "net.tls.verify_words.expired", C.TLS, When(kinds=(K.TLS,), chain_says=("certificate has expired",)),
        "the certificate of {host} has expired", _PYTHON, "certificate verify failed: certificate has expired",
        fault=Fault.UNKNOWN,
    ),
    Rule(
        "net.tls.plain_http", C.TLS,
        When(kinds=(K.TLS,), reasons=("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")),
        "{host} does not speak TLS on this port", _PYTHON, "[SSL: WRONG_VERSION_NUMBER]", fault=Fault.CLIENT,
        hint="use http:// in base_url, or the port that speaks TLS",
    ),
    Rule(
        "net.tls.plain_http_words", C.TLS, When(kinds=(K.TLS,), chain_says=("wrong_version_number", "wrong version number")),
        "{host} does not speak TLS on this port", _PYTHON, "wrong version number", fault=Fault.CLIENT,
        hint="use http:// in base_url, or the port that speaks TLS",
    ),
    Rule(
        "net.tls.version", C.TLS,
        When(kinds=(K.TLS,), reasons=("PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "NO_PROTOCOLS_AVAILABLE", "VERSION_TOO_LOW")),
        "no common TLS version with {host}", _PYTHON, "tlsv1 alert protocol version", fault=Fault.UNKNOWN,
        hint="the server or a middlebox is too old for TLS 1.2",
    ),
    Rule(
        "net.tls.client_certificate", C.TLS, When(kinds=(K.TLS,), reasons=("CERTIFICATE_REQUIRED", "BAD_CERTIFICATE")),
        "{host} asks for a client certificate", _PYTHON, "tlsv13 alert certificate required", fault=Fault.CLIENT,
        hint="this endpoint needs mutual TLS, which a gateway usually ends for you",
    ),
    Rule("net.tls", C.TLS, When(kinds=(K.TLS,)), "TLS with {host} failed: {detail}", _PYTHON, "ssl.SSLError"),
    Rule(
        "net.connect.descriptors", C.CONNECT, When(errno=(errno.EMFILE, errno.ENFILE)),
        "this machine has no file descriptor left for a connection", _PYTHON, "EMFILE", fault=Fault.CLIENT,
        hint="raise the limit of open files (ulimit -n), or lower --concurrency",
    ),
    Rule(
        "net.connect.refused", C.CONNECT, When(kinds=(K.CONNECT,), errno=_REFUSED),
        "{peer_or_host} refused the connection", _PYTHON, "ECONNREFUSED",
    ),
    Rule(
        "net.connect.unreachable", C.CONNECT, When(kinds=(K.CONNECT,), errno=_UNREACHABLE),
        "no route to {host}", _PYTHON, "ENETUNREACH",
        hint="check that you are online, and your VPN and routing",
    ),
    Rule(
        "net.connect.timeout_errno", C.TIMEOUT_CONNECT, When(kinds=(K.CONNECT, K.CONNECT_TIMEOUT), errno=_TIMED_OUT),
        "the operating system gave up connecting to {host}", _PYTHON, "ETIMEDOUT",
    ),
    Rule(
        "net.connect.not_permitted", C.CONNECT, When(kinds=(K.CONNECT,), errno=_PERMISSION),
        "this machine does not permit connections to {host}", _PYTHON, "EACCES",
        hint="a local firewall or sandbox forbids it",
    ),
    Rule(
        "net.reset.by_peer", C.RESET, When(kinds=(K.RESET, K.CONNECT), errno=_RESET, begun=False),
        "the connection was reset by {host} while {doing}", _PYTHON, "ECONNRESET",
    ),
    Rule("net.connect", C.CONNECT, When(kinds=(K.CONNECT,)), "no connection to {host}: {detail}", _HTTPX, "httpx.ConnectError"),
    Rule(
        "net.timeout.resolve", C.TIMEOUT_CONNECT, When(kinds=(K.CONNECT_TIMEOUT,), phases=(Phase.RESOLVE,)),
        "the resolver gave no answer for {host} within {limit}", _DESIGN, "connect_timeout while the name is looked up",
        hint="check this machine's DNS server, and your VPN",
    ),
    Rule(
        "net.timeout.connect", C.TIMEOUT_CONNECT, When(kinds=(K.CONNECT_TIMEOUT,)),
        "no connection to {host} within {limit} (ended in {phase_words})", _DESIGN, "connect_timeout",
    ),
    Rule(
        "net.timeout.headers", C.TIMEOUT_HEADERS, When(kinds=(K.HEADERS_TIMEOUT,), connected=True, proxied=False),
        "connected, sent the request, and got no headers within {limit}", _DESIGN, "headers_timeout",
    ),
    Rule(
        "net.timeout.headers_unknown", C.TIMEOUT_HEADERS, When(kinds=(K.HEADERS_TIMEOUT,)),
        "no headers within {limit}", _HTTPX, "httpx.ReadTimeout", fault=Fault.UNKNOWN,
    ),
    Rule(
        "net.timeout.first_token_no_headers", C.TIMEOUT_FIRST_TOKEN, When(kinds=(K.FIRST_TOKEN_TIMEOUT,), begun=False),
        "no token within {limit}: not even the headers came", _DESIGN, "first_token_timeout before the headers",
    ),
    Rule(
        "net.timeout.first_token", C.TIMEOUT_FIRST_TOKEN, When(kinds=(K.FIRST_TOKEN_TIMEOUT,)),
        "headers after {headers}, but no token within {limit} of the start", _DESIGN, "first_token_timeout",
    ),
    Rule(
        "net.timeout.stall", C.STREAM_STALLED, When(kinds=(K.STALL_TIMEOUT,)),
        "first token after {ttft}, then silence for {limit}", _DESIGN, "stall_timeout",
    ),
    Rule(
        "net.timeout.total_before_headers", C.TIMEOUT_TOTAL, When(kinds=(K.TOTAL_TIMEOUT,), begun=False),
        "not done within {limit} (ended in {phase_words})", _DESIGN, "timeout", fault=Fault.UNKNOWN,
    ),
    Rule(
        "net.timeout.total", C.TIMEOUT_TOTAL, When(kinds=(K.TOTAL_TIMEOUT,)),
        "the answer was still unfinished after {limit}", _DESIGN, "timeout",
    ),
    Rule(
        "net.too_large", C.INVALID_RESPONSE, When(kinds=(K.TOO_LARGE,)),
        "the answer is larger than any answer should be: {detail}", "the budgets of llmprobe's own transport",
        "an endless body",
    ),
    Rule(
        "net.undecodable", C.INVALID_RESPONSE, When(kinds=(K.UNDECODABLE,)),
        "the answer cannot be decoded: {detail}", "RFC 9110 section 8.4; the HTML standard's event streams are UTF-8",
        "content-encoding: br, which was not asked for",
    ),
    Rule(
        "net.unsendable", C.BAD_REQUEST, When(kinds=(K.UNSENDABLE,)),
        "the request cannot be sent: {detail}", _HTTPX, "httpx.InvalidURL", fault=Fault.CLIENT, transient=False,
        hint="check base_url, headers and key of this target",
    ),
    Rule(
        "net.cut.closed", C.TRUNCATED, When(kinds=(K.RESET,), begun=True, chain_says=("peer closed connection", "incomplete chunked read")),
        "the server closed the connection before the answer was complete", _HTTPX,
        "peer closed connection without sending complete message body", fault=Fault.PROVIDER,
    ),
    Rule(
        "net.cut.stream", C.TRUNCATED, When(kinds=(K.RESET,), begun=True),
        "the connection was reset in the middle of the answer", _PYTHON, "ECONNRESET while reading the body",
        fault=Fault.UNKNOWN,
    ),
    Rule(
        "net.reset.goaway", C.RESET, When(kinds=(K.RESET,), chain_says=("connectionterminated",)),
        "the server ended the HTTP/2 connection before it answered", _HTTPX, "ConnectionTerminated error_code:0",
    ),
    Rule(
        "net.reset.tls", C.RESET, When(kinds=(K.RESET,), phases=(Phase.TLS,)),
        "{host} broke the connection during the TLS handshake", _PYTHON, "ECONNRESET in do_handshake",
        hint="a firewall that filters by host name looks like this; try another network",
    ),
    Rule(
        "net.reset", C.RESET, When(kinds=(K.RESET,)),
        "{peer_or_host} closed the connection without an answer", _PYTHON, "a FIN in place of an answer",
    ),
    Rule(
        "net.not_http", C.WRONG_ENDPOINT, When(kinds=(K.NOT_HTTP,)),
        "what answers there is not HTTP (“{detail}”): wrong port?", "RFC 9112 section 4", "SSH-2.0-OpenSSH_9.6",
        transient=False, hint="check scheme and port of base_url",
    ),
    Rule(
        "net.broken_head", C.INVALID_RESPONSE, When(kinds=(K.PROTOCOL,), begun=False),
        "what answered is not HTTP as it should be: {detail}", _HTTPX, "h11: illegal status line", fault=Fault.UNKNOWN,
        hint="check scheme and port: an https port answers plain http like this",
    ),
    Rule(
        "net.broken_http", C.INVALID_RESPONSE, When(kinds=(K.PROTOCOL,)),
        "the answer breaks HTTP: {detail}", _HTTPX, "h11: malformed chunk",
    ),
)  # fmt: skip
