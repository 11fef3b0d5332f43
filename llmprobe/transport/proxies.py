"""Which proxy a request takes: the environment, with the same rules as httpx and curl."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit


def proxy_for(url: str, env: Mapping[str, str]) -> str | None:
    """
    The proxy URL for `url`, or None.

    `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` are read in both cases, lower case
    first. `HTTP_PROXY` in upper case is ignored under CGI, where a client can set it.

    Source: httpx `_utils.py`; curl manual "Environment" (read 2026-11-22).
    """
    proxy = _value(env, f"{url.partition(':')[0].lower()}_proxy") or _value(env, "all_proxy")
    if proxy is None or is_excluded(urlsplit(url).hostname or "", _value(env, "no_proxy") or ""):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def chosen_proxy(url: str, own: str | None, env: Mapping[str, str]) -> str | None:
    """The proxy in force: a target's own setting (`""` means none), else the environment's."""
    return proxy_for(url, env) if own is None else own or None


def proxy_source(url: str, env: Mapping[str, str]) -> str | None:
    """The variable that decides, for showing where a proxy came from."""
    scheme = urlsplit(url).scheme
    for name in (f"{scheme}_proxy", "all_proxy"):
        for spelling in (name, name.upper()):
            if env.get(spelling) and _value(env, name):
                return spelling
    return None


def is_excluded(host: str, no_proxy: str) -> bool:
    """`*`, names with their subdomains, addresses, and networks in CIDR notation."""
    host = host.lower().rstrip(".")
    return any(_matches(host, entry.strip().lower()) for entry in no_proxy.split(",") if entry.strip())


def _matches(host: str, entry: str) -> bool:
    if entry == "*":
        return True
    import ipaddress

    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        pass
    name = entry.rpartition(":")[0] if entry.count(":") == 1 else entry
    name = name.lstrip(".").removeprefix("*.")
    return host == name or host.endswith("." + name)


def _value(env: Mapping[str, str], name: str) -> str | None:
    if name == "http_proxy" and "REQUEST_METHOD" in env:
        return env.get(name) or None
    return env.get(name) or env.get(name.upper()) or None
