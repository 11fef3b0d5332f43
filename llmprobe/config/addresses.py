"""What a URL must be like to be called: in words, and without a value that may hold a secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from urllib.parse import SplitResult, urlsplit

from llmprobe.config.quoting import quoted

LONGEST = 8192
_SCHEME = r"(?i)([a-z][a-z0-9+.-]*)://"
_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?"
_LIKE_IPV4 = r"[0-9]+.[0-9]+.[0-9]+.[0-9]+"
_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")
_ENCODED = "write /, ?, #, @ and : of a user name or password as %2F, %3F, %23, %40 and %3A"


@cache
def url_mistake(url: str) -> str | None:
    """What is wrong with a base URL, in a sentence, or None. A file's is asked for twice."""
    mistake = _mistake(url, ("http", "https"), "an http:// or https:// URL with a host")
    if mistake is None and "@" in urlsplit(url).netloc:
        return "a credential in a URL ends up in logs: use api_key or headers instead"
    return mistake


def proxy_mistake(proxy: str) -> str | None:
    """What is wrong with a proxy, in a sentence, or None; `HOST:PORT` alone is an HTTP proxy's."""
    url = proxy if "://" in proxy else f"http://{proxy}"
    mistake = _mistake(url, _PROXY_SCHEMES, f"a proxy such as http://HOST:PORT ({', '.join(_PROXY_SCHEMES)})")
    return f"{mistake}; {_ENCODED}" if mistake and "@" in proxy else mistake


def proxy_variable_mistake(url: str, env: Mapping[str, str]) -> str | None:
    """`HTTPS_PROXY: …`, where the environment's proxy for this URL makes no sense; else None."""
    parts = urlsplit(url)
    for name in (f"{parts.scheme}_proxy", "all_proxy"):
        for spelling in (name, name.upper()):
            if spelling == "HTTP_PROXY" and "REQUEST_METHOD" in env:
                continue  # under CGI a client can set it
            if (proxy := env.get(spelling)) and not _is_of_another_scheme(proxy):
                mistake = proxy_mistake(proxy)
                return f"{spelling}: {mistake}" if mistake and not _is_excluded(parts, env) else None
    return None


def _is_of_another_scheme(proxy: str) -> bool:
    """Such a proxy is no slip of the pen: the probe that would need it says so in its verdict."""
    scheme = re.match(_SCHEME, proxy)
    return scheme is not None and scheme[1].lower() not in _PROXY_SCHEMES


def _is_excluded(parts: SplitResult, env: Mapping[str, str]) -> bool:
    """Nearly as a request decides it (networks are not looked into): an unused proxy does no harm."""
    host = parts.hostname or ""
    names = (env.get("no_proxy") or env.get("NO_PROXY") or "").split(",")
    bare = [name.strip().lower().removeprefix("*.").lstrip(".") for name in names if name.strip()]
    return any(name in ("*", host) or host.endswith("." + name) for name in bare)


def _mistake(url: str, schemes: tuple[str, ...], wanted: str) -> str | None:
    if len(url) > LONGEST:
        return f"expected {wanted}, got one of {len(url)} characters (at most {LONGEST})"
    if not url.isprintable() or " " in url.strip():
        return f"expected {wanted}, got one with a space or a character that cannot be printed"
    scheme, colon, _ = url.partition("://")
    if not colon or scheme.lower() not in schemes:
        return f"expected {wanted}, got {quoted(url)}"
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        return f"the address or port of {quoted(url)} makes no sense"
    if port == 0 or not _is_host(host or "", bracketed="[" in parts.netloc):
        return f"the address or port of {quoted(url)} makes no sense"
    return None


def _is_host(host: str, *, bracketed: bool) -> bool:
    if bracketed or re.fullmatch(_LIKE_IPV4, host):
        return _is_address(host)
    if not host.isascii() or "xn--" in host:
        return _is_international(host)
    labels = host.removesuffix(".").split(".")
    return len(host) <= 253 and all(len(label) <= 63 and re.fullmatch(_LABEL, label) for label in labels)


def _is_address(host: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_international(host: str) -> bool:
    import idna

    try:
        idna.decode(idna.encode(host))
    except UnicodeError:
        return False
    return True
