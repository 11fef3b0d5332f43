"""Secrets planted where llmprobe reads them, repeated where a server can, and looked for in all it writes."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import NamedTuple
from urllib.parse import quote

from llmprobe.reports import FORMATS
from tests.hostile.certificates import CERTIFICATES, shown_by, tls_server
from tests.hostile.echo import PAGES, PLACES, Echo, answer, models_list
from tests.hostile.leaks import leaked
from tests.hostile.shapes import SHAPES, SPELLINGS
from tests.support import llmprobe


class Case(NamedTuple):
    """One secret on its way."""

    shape: str
    spelling: str
    place: str
    source: str
    command: str
    seed: int = 0

    @property
    def secret(self) -> str:
        return SHAPES[self.shape](Random(f"{self.shape} {self.seed}"))


class Planted(NamedTuple):
    """How a secret gets in: lines of the target's table and of [alerts], variables, flags; and what is called."""

    lines: tuple[str, ...] = ()
    env: Mapping[str, str] = {}
    flags: tuple[str, ...] = ()
    provider: str = "simulator"
    user: str = ""
    query: str = ""
    alerts: tuple[str, ...] = ()


class Found(NamedTuple):
    """A secret that showed, a net that had to catch, or an output that is none."""

    case: Case
    output: str
    what: str


_KEY = ('api_key = { env = "CANARY_KEY" }',)
_OTHER = {"CANARY_KEY": "another-key-0123456789"}


def _told(lines: str, hook: str = "") -> Planted:
    """A secret of a sink; the target has another."""
    return Planted(_KEY, {**_OTHER, "CANARY_HOOK": hook}, alerts=tuple(lines.split("\n")))


def _literal(text: str) -> str:
    return json.dumps(text)


def _file(secret: str, folder: Path) -> str:
    path = folder.parent / f"{folder.name}.key"
    path.write_text(secret + "\n")
    return str(path)


def _header_safe(secret: str) -> bool:
    return secret.isascii() and secret.isprintable()


SOURCES: Mapping[str, Callable[[str, Path, str], Planted]] = {
    "environment": lambda s, _, __: Planted(_KEY, {"CANARY_KEY": s}),
    "file": lambda s, f, _: Planted((f"api_key = {{ file = {_literal(_file(s, f))} }}",)),
    "command": lambda s, f, _: Planted((f'api_key = {{ command = ["cat", {_literal(_file(s, f))}] }}',)),
    "configuration": lambda s, _, __: Planted((f"api_key = {_literal(s)}",)),
    "scheme": lambda s, _, __: Planted((*_KEY, 'auth = "x-key: Token"'), {"CANARY_KEY": s}),
    "header": lambda s, _, __: Planted((*_KEY, f'headers = {{ "x-team" = {_literal(s)} }}'), _OTHER),
    "bearer header": lambda s, _, __: Planted(
        (f'headers = {{ "X-Gateway" = {_literal("Bearer " + s)} }}', "api_key = false")
    ),
    "cookie": lambda s, _, __: Planted(
        (f"headers = {{ cookie = {_literal('a=b; sid=' + s)} }}", "api_key = false")
    ),
    "custom headers": lambda s, _, __: Planted(
        (),
        {"OPENAI_API_KEY": _OTHER["CANARY_KEY"], "OPENAI_CUSTOM_HEADERS": f"X-One: 1\nX-Two: {s}"},
        provider="openai",
    ),
    "body": lambda s, _, __: Planted((*_KEY, f"body = {{ user = {_literal(s)} }}"), _OTHER),
    "deep body": lambda s, _, __: Planted(
        (*_KEY, f"body = {{ metadata = {{ list = [1, {{ id = {_literal(s)} }}] }} }}"), _OTHER
    ),
    "proxy": lambda s, _, host: Planted((*_KEY, f'proxy = "http://user:{quote(s, safe="")}@{host}"'), _OTHER),
    "proxy variable": lambda s, _, host: Planted(
        _KEY, {**_OTHER, "HTTP_PROXY": f"http://{quote(s, safe='')}:x@{host}"}
    ),
    "query": lambda s, _, __: Planted(_KEY, _OTHER, query=f"?key={quote(s, safe='')}"),
    "status page": lambda s, _, host: Planted(
        (*_KEY, f'status_page = "http://{host}/none?token={quote(s, safe="")}"'), _OTHER
    ),
    "base URL's user": lambda s, _, __: Planted(_KEY, _OTHER, user=f"user:{quote(s, safe='')}@"),
    "webhook": lambda s, f, host: _told(f'webhook = "http://{host}/hook/{f.name}/{quote(s, safe="")}/x"'),
    "webhook's query": lambda s, f, host: _told(
        f'webhook = "http://{host}/hook/{f.name}/?to={quote(s, safe="")}&x=1"'
    ),
    "webhook's user": lambda s, f, host: _told(
        'webhook = { env = "CANARY_HOOK" }', f"http://u:{quote(s, safe='')}@{host}/hook/{f.name}/"
    ),
    "webhook, refused": lambda s, _, host: _told(f'webhook = "http://{host}/none/{quote(s, safe="")}"'),
    "webhook as of Alertmanager": lambda s, f, host: _told(
        f'webhook = "http://{host}/hook/{f.name}/{quote(s, safe="")}"\nwebhook_format = "alertmanager"'
    ),
    "heartbeat": lambda s, f, host: _told(f'heartbeat = "http://{host}/hook/{f.name}/{quote(s, safe="")}"'),
    "heartbeat, silent": lambda s, _, __: _told(f'heartbeat = "http://127.0.0.1:9/{quote(s, safe="")}?a=b"'),
    "heartbeat's user": lambda s, f, host: _told(
        f'heartbeat = "http://{quote(s, safe="")}@{host}/hook/{f.name}/?a=b"'
    ),
    "Alertmanager's user": lambda s, f, host: _told(
        f'alertmanager = ["http://u:{quote(s, safe="")}@{host}/hook/{f.name}/"]'
    ),
    "Alertmanager's token": lambda s, f, host: _told(
        f'alertmanager = ["http://{host}/hook/{f.name}/"]\nalertmanager_token = {{ env = "CANARY_HOOK" }}', s
    ),
    "Alertmanager, refused": lambda s, _, host: _told(f'alertmanager = ["http://{host}/none/{quote(s, safe="")}"]'),
    "Gatus' token": lambda s, f, host: _told(
        f'gatus = {{ url = "http://{host}/hook/{f.name}", token = {_literal(s)} }}'
    ),
    "Gatus' address": lambda s, f, host: _told(
        f'gatus = {{ url = "http://{host}/hook/{f.name}/{quote(s, safe="")}", token = "t-0123456789" }}'
    ),
    "apprise's path": lambda s, f, host: _told(f'apprise = ["json://{host}/hook/{f.name}/{quote(s, safe="")}"]'),
    "apprise's user": lambda s, f, host: _told(f'apprise = ["json://u:{quote(s, safe="")}@{host}/hook/{f.name}"]'),
    "apprise's host": lambda s, _, __: _told(f'apprise = ["unheard-of://{quote(s, safe="")}/x"]'),
}  # fmt: skip
"""Where a secret comes from, given a folder and the address of the echo server."""
_UNREAD = ("environment", "file", "command", "scheme")
_SINKS = ("webhook", "heartbeat", "Alertmanager", "Gatus", "apprise")


def _everything(config: Path, folder: Path) -> tuple[str, ...]:
    files = tuple(f"-o{name}:{folder / name}" for name in FORMATS)
    return (
        "check",
        "-c",
        str(config),
        "-v",
        *files,
        "--bundle",
        str(folder / "b.zip"),
        "--db",
        str(folder / "h.db"),
        "--record",
    )


COMMANDS: Mapping[str, Callable[[Path, Path], list[tuple[str, ...]]]] = {
    "check": lambda c, f: [_everything(c, f)],
    "debug": lambda c, f: [("check", "-c", str(c), "--debug", "-v", "--with-status", "-f", "markdown")],
    "quiet": lambda c, f: [("check", "-c", str(c), "-q"), ("check", "-c", str(c), "-f", "nagios")],
    "github": lambda c, f: [("check", "-c", str(c), "-f", "github"), ("check", "-c", str(c), "-f", "tap")],
    "dry run": lambda c, f: [
        ("check", "-c", str(c), "--dry-run"),
        ("check", "-c", str(c), "--dry-run", "-f", "json"),
    ],
    "diagnose": lambda c, f: [
        ("diagnose", "a", "-c", str(c), "-f", "markdown", "--bundle", str(f / "d.zip"))
    ],
    "diagnose, table": lambda c, f: [("diagnose", "a", "-c", str(c))],
    "diagnose, JSON": lambda c, f: [("diagnose", "a", "-c", str(c), "-f", "json")],
    "models": lambda c, f: [("models", "a", "-c", str(c)), ("models", "a", "-c", str(c), "-f", "json")],
    "alerts": lambda c, f: [
        (
            "check",
            "-c",
            str(c),
            "--on-change",
            "--db",
            str(f / "h.db"),
            "--exec",
            f"sh -c 'cat > {f}/told; env > {f}/told.env; sed -i /CANARY/d {f}/told.env'",
        )
    ],
    "history": lambda c, f: [
        ("check", "-c", str(c), "--record", "--db", str(f / "h.db"), "-q"),
        *(
            (*words, "--db", str(f / "h.db"), "-f", form)
            for words in (("history",), ("history", "a"), ("incidents",), ("report",))
            for form in ("table", "json")
        ),
        *(("report", "--db", str(f / "h.db"), "-f", form) for form in ("markdown", "html")),
    ],
    "status": lambda c, f: [("status", "a", "-c", str(c)), ("status", "a", "-c", str(c), "-f", "json")],
    "pick": lambda c, f: [("pick", "g", "-c", str(c), "-f", form) for form in ("text", "json", "shell")],
    "watch": lambda c, f: [
        ("watch", "-c", str(c), "--count", "1", "-f", "ndjson", "--record", "--db", str(f / "h.db")),
        ("watch", "-c", str(c), "--count", "1", "--debug"),
    ],
    "wait": lambda c, f: [("wait", "-c", str(c), "--for", "200ms")],
    "config": lambda c, f: [
        ("config", "show", "-c", str(c)),
        ("config", "show", "-c", str(c), "-f", "json"),
        ("config", "check", "-c", str(c)),
    ],
}
"""What is run, given the configuration and the folder that it may write to."""


def played(case: Case, echo: Echo, folder: Path) -> Iterator[Found]:
    """Play one case and tell all that is wrong; nothing, as a rule."""
    folder.mkdir()
    with ExitStack() as stack:
        yield from _played(case, echo, folder, stack)


def _played(case: Case, echo: Echo, folder: Path, stack: ExitStack) -> Iterator[Found]:
    config = folder.parent / f"{folder.name}.toml"
    planted = SOURCES[case.source](case.secret, folder, f"127.0.0.1:{echo.port}")
    config.write_text(_configuration(case, planted, *_server(case, echo, folder, stack)))
    net = folder.parent / f"{folder.name}.net"
    env = {
        **planted.env,
        "LLMPROBE_TEST_NET": str(net),
        "COLUMNS": "70",
        "XDG_STATE_HOME": str(folder / "state"),
    }
    env["GITHUB_STEP_SUMMARY"] = str(folder / "summary.md")
    outputs: dict[str, bytes] = {}
    for number, args in enumerate(COMMANDS[case.command](config, folder)):
        done = llmprobe(*args, env=env)
        outputs[f"{number} stdout"], outputs[f"{number} stderr"] = done.stdout.encode(), done.stderr.encode()
        if done.returncode == 70 or "Traceback" in done.stderr:
            yield Found(case, "exit code", f"{done.returncode}: {done.stderr[-300:]}")
    outputs |= _files(folder)
    outputs["what was told"] = echo.heard.get(folder.name, b"")
    for name, data in outputs.items():
        if (part := leaked(case.secret, data)) is not None:
            yield Found(case, name, part)
    if net.exists():
        yield Found(case, "net", net.read_text())


def _server(case: Case, echo: Echo, folder: Path, stack: ExitStack) -> tuple[str, tuple[str, ...]]:
    """The base URL of what repeats the secret, and the lines that the target needs for it."""
    text = SPELLINGS[case.spelling](case.secret)
    if case.place in CERTIFICATES:
        url, bundle = stack.enter_context(tls_server(shown_by(case.place, text), folder))
        return url, (f"ca_bundle = {_literal(str(bundle))}",) if bundle else ()
    if case.place in PAGES:
        page = echo.say(PAGES[case.place](text)).removesuffix("/v1")
        return echo.say(answer("500 No")), (f'status_page = "{page}"',)
    models = models_list(text) if case.place == "model" else None
    return echo.say(PLACES[case.place](text), models), ()


def _configuration(case: Case, planted: Planted, url: str, more: tuple[str, ...]) -> str:
    scheme, _, rest = url.partition("://")
    lines = [
        "[targets.a]", f'provider = "{planted.provider}"', f'base_url = "{scheme}://{planted.user}{rest}{planted.query}"',
        'model = "model-x"', 'probes = ["stream", "chat", "models"]', "retries = 0", 'timeout = "3s"', *planted.lines,
    ]  # fmt: skip
    has_page = any(line.startswith("status_page") for line in planted.lines)
    lines += [line for line in more if not (has_page and line.startswith("status_page"))]
    lines += ["[groups.g]", 'members = ["a"]', "[alerts]", *planted.alerts]
    return "\n".join([*lines, ""])


def _files(folder: Path) -> dict[str, bytes]:
    """All that was written, what is packed unpacked."""
    found: dict[str, bytes] = {}
    for path in folder.rglob("*"):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                found |= {f"{path.name}/{name}": archive.read(name) for name in archive.namelist()}
        elif path.is_file():
            found[path.name] = path.read_bytes()
    return found


def cases(seed: int, count: int) -> Iterator[Case]:
    """Cases drawn from the whole product, each place, source, spelling, shape and command in turn."""
    random = Random(seed)
    decks = [
        _Deck(random, names)
        for names in (SHAPES, SPELLINGS, {**PLACES, **PAGES, **CERTIFICATES}, SOURCES, COMMANDS)
    ]
    for _ in range(count):
        shape, spelling, place, source, command = (deck.next() for deck in decks)
        if command == "status" and source in _UNREAD:  # what was not read was not sent either
            source = "status page"
        if place in PAGES and command not in ("status", "debug"):
            command = "debug" if source in _UNREAD else random.choice(("status", "debug"))
        if source.startswith(_SINKS) and random.random() < 0.5:
            command = "alerts"
        yield Case(shape, spelling, place, source, command, random.randrange(1 << 30))


class _Deck:
    """Cards without replacement, shuffled anew when all were drawn."""

    def __init__(self, random: Random, names: Mapping[str, object]) -> None:
        self._random, self._all, self._left = random, list(names), list[str]()

    def next(self) -> str:
        if not self._left:
            self._left = self._random.sample(self._all, len(self._all))
        return self._left.pop()
