"""
What counts as a secret in a configuration, and telling the redactor of it.

A key always does; so does what a headers or body table holds, unless its name or its shape says that
it is plainly public; and of each URL the user info, what its query holds, and what its path holds.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from msgspec import Struct

from llmprobe.config.quoting import looks_plain
from llmprobe.model import Target
from llmprobe.providers import providers
from llmprobe.redact import SCRUB, SHORTEST

PUBLIC_HEADERS = frozenset(
    {
        "accept", "accept-charset", "accept-encoding", "accept-language", "anthropic-beta",
        "anthropic-version", "api-version", "cache-control", "connection", "content-type", "host",
        "openai-beta", "user-agent", "x-title",
    }
)  # fmt: skip
PUBLIC_MEMBERS = frozenset({"model", "models", "fallbacks", "route", "type", "role", "format"})
"""Headers and members of a body whose values are public whatever they look like."""

PUBLIC_SHAPES = (
    r"\d{1,5}(\.\d{1,5})?",
    r"[vV]?\d{1,4}([.-]\d{1,4}){1,3}([-.](alpha|beta|preview|rc)\d*)?",
    r"[a-z]+/[a-z0-9.+*-]{1,40}(; ?[a-z]+=[a-z0-9.-]{1,20})*",
    r"(?=.{1,24}$)[A-Za-z]?[a-z]+([_ -][A-Za-z]?[a-z]+){0,3}",
    r"[A-Z]{1,12}",
    r"https?://[a-z0-9.-]+(:\d+)?(/[a-z_-]{0,16}|/v\d)*",
)
"""Numbers, versions and dates, media types, a few short words, an abbreviation, a plain address."""

PLACEHOLDERS = frozenset(
    {"dummy-key", "lm-studio", "no-key", "no-key-required", "not-needed", "placeholder", "sk-no-key-required"}
)
"""What stands for a key where a local server wants none; the names of providers do, too."""

SECRET_NAME = (
    r"(?i)(^|_)(API_?KEYS?|KEYS?|TOKENS?|SECRETS?|PASSWORDS?|PASSWD|CREDENTIALS?|PAT"
    r"|ACCESS_KEY_ID|CUSTOM_HEADERS)$"
)
"""What a variable of the environment is called that holds a credential."""

_SENSITIVE = r"(?i)auth|key|token|secret|cookie|passw|credential|signature|session"
_PUBLIC = "|".join(f"(?:{shape})" for shape in PUBLIC_SHAPES)
_ADDRESSES = frozenset({"webhook", "heartbeat", "alertmanager", "apprise", "url"})
_KEYS = frozenset({"api_key", "token", "alertmanager_token"})
"""What a configuration file calls them."""
_URL = r"(?i)[a-z][a-z0-9+.-]*://"
_WEB = r"(?i)https?://"
_PLAIN_HOST = r"(?i)localhost|[0-9.]+|\[[0-9a-f:]+\]|([a-z][a-z0-9-]*\.)+[a-z]{2,}"
_LONGEST = 8192


def is_public(name: str, value: str, public: frozenset[str] = PUBLIC_HEADERS) -> bool:
    """Whether a value is no secret, by its name or else by its shape."""
    name = name.lower()
    if name in public or name.startswith("x-stainless-"):
        return True
    return not re.search(_SENSITIVE, name) and re.fullmatch(_PUBLIC, value.strip()) is not None


def remember(secret: str) -> None:
    """
    A key, or an address that is one: its host is shown, what stands around it is not. Where the scheme
    names a service (`slack://TOKEN/…`, as apprise has it) the host may be a token, too.
    """
    secret = secret.strip()
    if re.match(_URL, secret):
        _add(secrets_of_url(secret, path=True))
        if not re.match(_WEB, secret):
            _add(_host_of(secret))
    elif secret.lower() not in PLACEHOLDERS and secret.lower() not in providers():
        SCRUB.add(secret)


def remember_file(data: Any, name: str = "") -> None:
    """All that a configuration file holds, before it is checked: an error about it quotes none of it."""
    if isinstance(data, dict) and name in ("headers", "body"):
        _add(_of_headers(data) if name == "headers" else _of_body(data))
    elif isinstance(data, dict):
        for key, value in data.items():
            remember_file(value, key)
    elif isinstance(data, list):
        for value in data:
            remember_file(value, name)
    elif isinstance(data, str) and name in _ADDRESSES:
        remember(data if re.match(_URL, data) else f"http://{data}")
    elif isinstance(data, str) and name in _KEYS:
        remember(data)
    elif isinstance(data, str) and name == "proxy":
        _add(_of_proxy(data))
    elif isinstance(data, str) and re.match(_URL, data):
        _add(secrets_of_url(data))


def remember_references(table: Any, env: Mapping[str, str]) -> None:
    """What a checked configuration names in the environment, whether this command uses it or not."""
    if isinstance(table, list):
        for item in table:
            remember_references(item, env)
    elif isinstance(table, Struct):
        for name in table.__struct_fields__:
            value = getattr(table, name)
            if name == "env" and isinstance(value, str):
                remember(env.get(value, ""))
            remember_references(value, env)


def remember_target(target: Target) -> list[str]:
    """
    What a target carries, however it was made.

    Returns:
        What is too short to be recognised where a server repeats it: `the key`, `the header "x"`.
    """
    provider = providers().get(target.provider)
    known_headers = {name.lower() for name in provider.headers} if provider else set()
    headers = {**target.wire.headers, **target.headers}
    own = {name: value for name, value in headers.items() if name.lower() not in known_headers}
    _add(_of_headers(own))
    _add(_of_body(target.wire.body))
    for url in (target.base_url, target.status_page):
        _add(secrets_of_url(url or ""))
    _add(_of_proxy(target.proxy or ""))
    key = target.credential.secret.reveal() if target.credential else ""
    remember(key)
    telling = {name: value for name, value in own.items() if re.search(_SENSITIVE, name)}
    short = [f'the header "{name}"' for name, value in telling.items() if _is_short(value)]
    return ["the key", *short] if _is_short(key) else short


def remember_environment(env: Mapping[str, str]) -> None:
    """Each credential in it, whatever it is for: the text that someone pastes may hold any of them."""
    for name, value in env.items():
        if re.search(SECRET_NAME, name) and not re.fullmatch(_PUBLIC, value.strip()):
            remember(value)
            _add(_parts("", value))


def remember_proxies(env: Mapping[str, str]) -> None:
    """What the environment's proxies hold."""
    for name, value in env.items():
        if name.lower().endswith("_proxy") and name.lower() != "no_proxy":
            _add(_of_proxy(value))


def secrets_of_url(url: str, *, path: bool = False) -> Iterator[str]:
    """User info and what the query holds; with `path` also its segments, unless they are plain words."""
    try:
        parts = urlsplit(url)
    except ValueError:
        yield url
        return
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    found = [user, password, *(value for _, value in parse_qsl(parts.query)), parts.fragment]
    found += parts.path.split("/") if path else []
    for text in filter(None, found):
        if not re.fullmatch(_PUBLIC, text) or text == password:
            yield from dict.fromkeys((text, unquote(text)))


def _host_of(url: str) -> Iterator[str]:
    try:
        host = urlsplit(url).netloc.rpartition("@")[2].partition(":")[0]
    except ValueError:
        return
    if not re.fullmatch(_PLAIN_HOST, host):
        yield from dict.fromkeys((host, unquote(host)))


def _of_proxy(proxy: str) -> Iterator[str]:
    """A proxy without a scheme may be a password in its place."""
    if re.match(_URL, proxy) or "@" in proxy:
        yield from secrets_of_url(proxy if re.match(_URL, proxy) else f"http://{proxy}")
    elif not looks_plain(proxy):
        yield proxy


def _is_short(value: str) -> bool:
    return 0 < len(value.strip()) < SHORTEST


def _add(secrets: Iterator[str]) -> None:
    for secret in secrets:
        SCRUB.add(secret[:_LONGEST])


def _of_headers(headers: Mapping[str, Any]) -> Iterator[str]:
    for name, value in headers.items():
        if isinstance(value, str) and not is_public(name, value):
            yield from _parts(name, value)


def _of_body(body: Any, name: str = "") -> Iterator[str]:
    if isinstance(body, Mapping):
        for key, value in body.items():
            yield from _of_body(value, key)
    elif isinstance(body, list):
        for value in body:
            yield from _of_body(value, name)
    elif isinstance(body, str) and not is_public(name, body, PUBLIC_MEMBERS):
        yield from _parts(name, body)


def _parts(name: str, value: str) -> Iterator[str]:
    """The value without its scheme (`Bearer`), and its parts, as a cookie has several."""
    scheme, _, rest = value.strip().partition(" ")
    whole = rest if rest and scheme.isalpha() else value
    yield whole
    yield from (part for part in re.split(r"[\s,;=]+", value) if not is_public(name, part))
    if scheme.lower() == "basic":
        yield from _password(rest)


def _password(basic: str) -> Iterator[str]:
    try:
        yield from base64.b64decode(basic).decode("utf-8", "replace").split(":", 1)
    except (binascii.Error, ValueError):
        return
