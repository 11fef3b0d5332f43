"""Hostile configurations, command lines and environments, and the command run on them in this process."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import fields

from llmprobe.cli.main import run_cli
from llmprobe.config import schema
from llmprobe.config.schema_notes import EXAMPLES
from llmprobe.providers import dialects, providers
from llmprobe.redact import SCRUB

CANARY = "sk-canary-7f3a9c2b5e8d1f60"
LONG = "x" * 5000


class Raw(str):
    """TOML that is written as it is."""

    __slots__ = ()


URLS = (
    "http://127.0.0.1:9", "http://127.0.0.1:9/v1?key=" + CANARY, f"http://u:{CANARY}@127.0.0.1:9", f"u:{CANARY}@host",
    "http://[::1", "http://::1]:9", "http://[::1]:9", "http://[::1%25lo]:9", "http://[v1.x]:9", "http://", "http:///v1", "http://:80",
    "http://127.0.0.1:99999", "http://127.0.0.1:0", "http://127.0.0.1:-1", "http://127.0.0.1:٣", "http://127.0.0.1:9:9", "http://127.0.0.1: 9",
    "http://bücher.invalid", "http://☃.invalid", "http://xn--.invalid", "http://xn--a.invalid", "http://\u200d.invalid",
    "http://a..b.invalid", "http://.invalid", "http://a_b.invalid", "http://" + "a" * 64 + ".invalid", "http://" + "a." * 200 + "invalid",
    "http://127.0.0.1:9/" + "x" * 1_000_000, "http://127.0.0.1:9/\x00", "http://127.0.0.1:9/\x7f", "http://127.0.0.1:9/a b", "http://127.0.0.1\n:9",
    "http://127.0.0.1:9/\ud800", "http://exa mple.invalid", "http://%zz.invalid", "http://127.0.0.1:9/%zz", "http://127.1:9", "http://0x7f.1:9",
    "ftp://127.0.0.1:9", "//127.0.0.1:9", "127.0.0.1:9", "javascript:alert(1)", "http:\\\\127.0.0.1:9", "HTTP://127.0.0.1:9", "http://127.0.0.1:9#frag",
    "http://127.0.0.1:9/v1/../../x", "http://@127.0.0.1:9", "http://127.0.0.1:9@", "https://127.0.0.1:9", "http://١٢٧.0.0.1:9", "http://-.invalid", "",
)  # fmt: skip
PROXIES = (
    f"http://user:{CANARY}/x@127.0.0.1:9", f"user:{CANARY}@127.0.0.1:9", "http://127.0.0.1:9", "127.0.0.1:9", "socks5://127.0.0.1:9",
    "socks9://127.0.0.1:9", "http://user:p#ss@127.0.0.1:9", "http://user:p?ss@127.0.0.1:9", "http://us er:x@127.0.0.1:9", "https://127.0.0.1:9",
    "http://user:pässword@127.0.0.1:9", "socks5h://[::1", "http://user:%zz@127.0.0.1:9", ":9", "://", "http", "direct",
)  # fmt: skip
PATHS = (
    "\x00", "a\x00b", "~nouser/x", "~", LONG, "d/" * 3000, "/", ".", "..", "", " ", "/dev/null", "/dev/full", "no/such/folder/x", "\ud800", "ü",
    "/etc/hostname/x", "loop", "-", "a\nb", "*", "bytes.txt", "empty.txt", "big.txt",
)  # fmt: skip
TEXTS = (
    CANARY,
    LONG,
    "\x00",
    "\x1b[31m",
    "\ud800",
    "\u202e",
    "\n",
    " ",
    "ü",
    "a" * 1_000_000,
    "-1",
    "0",
    "1e999",
    "nan",
    "inf",
    "٣",
    "{",
    "%s",
    "{0}",
    "../..",
    "'",
    '"',
    "\\",
)
DURATIONS = (
    "30s",
    "0s",
    "-1s",
    "1e999s",
    "nan",
    "inf",
    "9" * 400 + "s",
    "9" * 5000,
    "1m30s",
    "٣s",
    "2x baseline",
    "9" * 400 + "x baseline",
    "p95 < 2s",
    "p0 < 0s",
    "s",
    "1h1h",
    "1e5d",
    "99999999999999999d",
)
RAWS = tuple(map(Raw, (
    "9" * 5000, "-" + "9" * 400, "0x" + "f" * 5000, "[" * 600 + "]" * 600, "{a=" * 600 + "1" + "}" * 600, "1e400", "nan", "inf", "-inf", "2026-01-01", "12:00:00",
    "2026-01-01T00:00:00Z", "9223372036854775808", "[1, \"a\", {}]", '"\\ud800"', "'''a\nb'''", "", "=", "]", "\x00", "1979-99-99", '"""', "true", "{}", "[]", "[[]]",
)))  # fmt: skip

_TABLES: dict[str, type[Struct]] = {
    "defaults": schema.DefaultsTable, "history": schema.HistoryTable, "alerts": schema.AlertsTable,
    "thresholds": schema.ThresholdsTable, "expect": schema.ExpectTable, "api_key": schema.ApiKeyTable,
    "webhook": schema.ApiKeyTable, "heartbeat": schema.ApiKeyTable,
}  # fmt: skip
_URL_KEYS = ("base_url", "status_page", "webhook", "heartbeat", "health_path", "path_prefix")
_PATH_KEYS = ("path", "file", "ca_bundle")
_COMMANDS = (
    ["true"],
    ["\x00"],
    ["no-such-command"],
    [LONG],
    [""],
    ["echo"],
    ["echo", CANARY],
    ["/"],
    ["false"],
    ["echo", "\x00"],
)


def scalars() -> st.SearchStrategy[Any]:
    return st.one_of(
        st.sampled_from(TEXTS),
        st.text(max_size=12),
        st.integers(),
        st.booleans(),
        st.floats(),
        st.sampled_from(RAWS),
        st.sampled_from(DURATIONS),
    )


def hostile() -> st.SearchStrategy[Any]:
    """Any value of any type."""
    return st.one_of(
        scalars(),
        st.lists(scalars(), max_size=3),
        st.dictionaries(st.text(max_size=8), scalars(), max_size=3),
    )


def value_of(key: str) -> st.SearchStrategy[Any]:
    """What people and attackers write for a key: mostly something that gets past the types."""
    if key in _URL_KEYS:
        return st.sampled_from(URLS)
    if key == "proxy":
        return st.sampled_from(PROXIES + URLS)
    if key in _PATH_KEYS:
        return st.sampled_from(PATHS)
    if key in ("command", "exec"):
        return st.sampled_from(_COMMANDS)
    if key == "provider":
        return st.sampled_from([*sorted(providers()), *TEXTS])
    if key == "dialect":
        return st.sampled_from([*sorted(dialects()), *TEXTS])
    if key in ("headers", "body"):
        return st.dictionaries(
            st.sampled_from(["x-a", "", "a b", "ü", "a\nb", "host", "content-length"]),
            st.sampled_from(TEXTS),
            max_size=3,
        )
    if key == "regex":
        return st.sampled_from(
            ["(", "(a+)+$", "[" + CANARY, "(?P<a>" * 200, "a{99999999}", "\\", "(" * 5000 + ")" * 5000, "."]
        )
    if key in ("ttft", "total", "silence", "connect") or "timeout" in key:
        return st.one_of(
            st.sampled_from(DURATIONS),
            st.floats(),
            st.fixed_dictionaries({"warn": st.sampled_from(DURATIONS)}),
        )
    if key in _TABLES:
        return table(_TABLES[key])
    return st.nothing()


@cache
def table(kind: type[Struct]) -> st.SearchStrategy[Any]:
    """A table of this kind with some of its keys, each one right, hostile or of any type, and keys of its own."""

    def value(key: str) -> st.SearchStrategy[Any]:
        right = EXAMPLES.get(key) or [1]
        return st.one_of(st.sampled_from(right), value_of(key), value_of(key), hostile())

    known = st.lists(st.sampled_from([f.name for f in fields(kind)]), max_size=5, unique=True)
    some = known.flatmap(lambda keys: st.fixed_dictionaries({key: value(key) for key in keys}))
    return st.tuples(
        some, st.dictionaries(st.sampled_from([CANARY, "", "timeot", LONG, "\x00"]), hostile(), max_size=1)
    ).map(lambda both: both[0] if len(both[0]) % 2 else both[0] | both[1])


NAMES = (
    "a",
    "b",
    "a/b",
    "group",
    CANARY,
    "",
    "ü",
    "a b",
    "\x00",
    LONG,
    "@x",
    "group:x",
    "*",
    "[",
    "-x",
    "a.b",
    "\x1b[31m",
    "~",
    "a\nb",
)


def documents() -> st.SearchStrategy[str]:
    """The text of a whole configuration file."""
    target = st.tuples(
        st.sampled_from(
            [{"provider": "simulator", "base_url": "http://127.0.0.1:9"}, {"provider": "openai"}, {}]
        ),
        table(schema.TargetTable),
    )
    targets = st.dictionaries(
        st.sampled_from(NAMES), target.map(lambda both: {**both[0], **both[1]}), min_size=1, max_size=2
    )
    groups = st.dictionaries(
        st.sampled_from(NAMES), st.one_of(table(schema.GroupTable), st.just({"members": ["a"]})), max_size=1
    )
    parts = st.fixed_dictionaries(
        {"targets": targets},
        optional={
            "groups": groups, "defaults": table(schema.DefaultsTable), "history": table(schema.HistoryTable),
            "alerts": table(schema.AlertsTable), CANARY: hostile(),
        },
    )  # fmt: skip
    return st.one_of(
        parts.map(toml), parts.map(toml), parts.map(toml), st.text(max_size=60), st.sampled_from(RAWS)
    )


def toml(values: Mapping[str, Any]) -> str:
    return "".join(f"{_written(str(key))} = {_written(value)}\n" for key, value in values.items())


def _written(value: Any) -> str:
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_written(str(k))} = {_written(v)}" for k, v in value.items()) + "}"
    return "[" + ", ".join(map(_written, value)) + "]" if isinstance(value, list | tuple) else repr(value)


_DURATION_FLAGS = ("--timeout", "--deadline", "--remind", "--for", "--every", "--since", "--tls-delay")
_FLAGS: dict[str, tuple[str, ...]] = {
    "check": ("--config", "--env-file", "--base-url", "--dialect", "--api-key-env", "--model", "--probe", "--timeout", "--retries", "--samples", "--warm",
              "--concurrency", "--rate", "--max-models", "--max-tokens-total", "--deadline", "--bundle", "--fail-on", "--record", "--db", "--on-change",
              "--confirm",
              "--remind", "--exec", "--webhook", "--heartbeat", "--format", "--output", "--dry-run"),
    "diagnose": ("--config", "--env-file", "--base-url", "--dialect", "--api-key-env", "--model", "--timeout", "--bundle", "--format", "--no-status"),
    "wait": ("--config", "--env-file", "--base-url", "--timeout", "--fail-on", "--every"),
    "pick": ("--config", "--env-file", "--db", "--timeout", "--format"),
    "models": ("--config", "--env-file", "--base-url", "--dialect", "--api-key-env", "--timeout", "--format"),
    "history": ("--config", "--db", "--limit", "--format"),
    "incidents": ("--config", "--db", "--since", "--format"),
    "report": ("--config", "--db", "--since", "--format"),
    "baseline": ("--config", "--db", "--format"),
    "explain": ("--format",),
    "providers": ("--format",),
    "schema": (),
    "config check": ("--config", "--env-file"),
    "config show": ("--config", "--env-file", "--format"),
    "config add": ("--provider", "--model", "--base-url", "--dialect", "--api-key-env", "--probe", "--tag", "--config"),
    "config remove": ("--config",),
    "init": ("--config", "--env-file", "--force"),
    "simulate": ("--behave", "--scenario", "--host", "--port", "--tls", "--tls-delay"),
}  # fmt: skip
_BARE = ("--warm", "--record", "--on-change", "--dry-run", "--no-status", "--force")
_TEXT_ARGUMENT = st.one_of(
    st.sampled_from(TEXTS),
    st.text(max_size=12),
    st.sampled_from(["\udcff", "1", "json", "a", "openai", "env:NOT_SET"]),
)


def _flag(name: str) -> st.SearchStrategy[list[str]]:
    if name in _BARE:
        return st.just([name])
    if name in ("--config", "--env-file", "--db", "--bundle", "--scenario"):
        value: st.SearchStrategy[str] = st.sampled_from([*PATHS, "llmprobe.toml"])
    elif name == "--output":
        paths = [p for p in PATHS if not p.startswith("/dev")]
        value = st.sampled_from([f"{f}:{p}" for f in ("json", "html", "", CANARY) for p in paths])
    elif name in ("--base-url", "--webhook", "--heartbeat"):
        value = st.sampled_from(URLS + PROXIES)
    elif name in _DURATION_FLAGS:
        value = st.one_of(st.sampled_from(DURATIONS), _TEXT_ARGUMENT)
    elif name in ("--samples", "--retries", "--concurrency", "--limit", "--port"):
        value = st.sampled_from(["0", "-1", "9" * 5000, "x", "", "1", "1e3", "٣", "99999999999999999999"])
    else:
        value = _TEXT_ARGUMENT
    return st.one_of(value, _TEXT_ARGUMENT).map(lambda text: [name, argument(text)] if text else [name])


def argument(text: str) -> str:
    """What the system lets through as an argument: no NUL, undecodable bytes as surrogates."""
    return (
        text.replace("\x00", "")
        .encode("utf-8", "surrogateescape" if "\udcff" in text else "replace")
        .decode("utf-8", "surrogateescape")[:100_000]
    )


@st.composite
def command_lines(draw: st.DrawFn, commands: Sequence[str] = tuple(_FLAGS)) -> list[str]:
    command = draw(st.sampled_from(sorted(commands)))
    flags = (
        draw(st.lists(st.sampled_from(_FLAGS[command]), max_size=4, unique=True)) if _FLAGS[command] else []
    )
    words = [word for name in flags for word in draw(_flag(name))]
    names = draw(
        st.lists(st.one_of(st.sampled_from([*NAMES, "openai", "simulator"]), _TEXT_ARGUMENT), max_size=2)
    )
    fixed = {"wait": ["--for", "50ms"], "simulate": ["--for", "10ms", "--port", "0"], "init": ["--offline"]}
    return [
        *command.split(),
        *words,
        *fixed.get(command, []),
        *(argument(n) for n in names if not n.startswith("-")),
    ]


def environments() -> st.SearchStrategy[dict[str, str]]:
    """Variables that are read, with values that the system lets through."""
    keys = {key.env for p in providers().values() for key in p.keys}
    urls = {p.base_url_env for p in providers().values() if p.base_url_env}
    headers = {p.custom_headers_env for p in providers().values() if p.custom_headers_env}
    own = {
        "LLMPROBE_CONFIG",
        "LLMPROBE_DB",
        "XDG_CONFIG_HOME",
        "XDG_STATE_HOME",
        "HOME",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
        "GITHUB_STEP_SUMMARY",
    }
    proxies = {"HTTPS_PROXY", "http_proxy", "ALL_PROXY", "NO_PROXY", "HTTP_PROXY"}
    kinds = [
        (keys, st.sampled_from((CANARY, *TEXTS))), (urls, st.sampled_from(URLS)), (headers, st.sampled_from(("x-a: b", ": b", "a b: c", "x: ü", "\n" * 5, LONG))),
        (own, st.sampled_from(PATHS)), (proxies, st.sampled_from(PROXIES + URLS)), ({"COLUMNS", "TERM", "NO_COLOR", "LINES"}, st.sampled_from(("0", "-1", "x", "9" * 20, "1"))),
    ]  # fmt: skip
    pairs = st.one_of(*(st.tuples(st.sampled_from(sorted(names)), values) for names, values in kinds))
    return st.lists(pairs, max_size=4).map(lambda found: {name: argument(value) for name, value in found})


class Outcome(Struct):
    code: int
    out: str
    err: str


def outcome(argv: Sequence[str], env: Mapping[str, str], folder: Path) -> Outcome:
    """The command, run in this process: a thousand starts would take minutes."""
    SCRUB.__init__()  # type: ignore[misc]
    out, err = (
        io.TextIOWrapper(io.BytesIO(), "utf-8"),
        io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace"),
    )
    base = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "XDG_CONFIG_HOME": "/nonexistent",
        "XDG_STATE_HOME": str(folder),
        **env,
    }
    with (
        patch.dict(os.environ, base, clear=True),
        _inside(folder),
        patch.multiple(sys, stdout=out, stderr=err),
        patch.object(sys, "argv", ["llmprobe", *argv]),
    ):
        code = run_cli(list(argv))
        out.flush()
        err.flush()
    return Outcome(code, *(stream.buffer.getvalue().decode("utf-8", "replace") for stream in (out, err)))


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    (folder / "bytes.txt").write_bytes(b"\xff\xfe\x00")
    (folder / "empty.txt").write_text("")
    (folder / "big.txt").write_text("x" * 3_000_000)
    with contextlib.suppress(FileExistsError):
        (folder / "loop").symlink_to("loop")
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
