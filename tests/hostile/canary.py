"""Secrets planted where llmprobe reads them, repeated where a server can, and looked for in all it writes."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import NamedTuple
from urllib.parse import quote

from llmprobe.reports import FORMATS
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
    """How a secret gets in: lines of the target's table, variables, flags; and what is called."""

    lines: tuple[str, ...] = ()
    env: Mapping[str, str] = {}
    flags: tuple[str, ...] = ()
    provider: str = "simulator"
    query: str = ""


class Found(NamedTuple):
    """A secret that showed, a net that had to catch, or an output that is none."""

    case: Case
    output: str
    what: str


_KEY = ('api_key = { env = "CANARY_KEY" }',)
_OTHER = {"CANARY_KEY": "another-key-0123456789"}


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
}
"""Where a secret comes from, given a folder and the address of the echo server."""
_UNREAD = ("environment", "file", "command", "scheme")


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
    config = folder.parent / f"{folder.name}.toml"
    planted = SOURCES[case.source](case.secret, folder, f"127.0.0.1:{echo.port}")
    config.write_text(_configuration(case, planted, echo))
    net = folder.parent / f"{folder.name}.net"
    env = {**planted.env, "LLMPROBE_TEST_NET": str(net), "COLUMNS": "70"}
    outputs: dict[str, bytes] = {}
    for number, args in enumerate(COMMANDS[case.command](config, folder)):
        done = llmprobe(*args, env=env)
        outputs[f"{number} stdout"], outputs[f"{number} stderr"] = done.stdout.encode(), done.stderr.encode()
        if done.returncode == 70 or "Traceback" in done.stderr:
            yield Found(case, "exit code", f"{done.returncode}: {done.stderr[-300:]}")
    outputs |= _files(folder)
    for name, data in outputs.items():
        if (part := leaked(case.secret, data)) is not None:
            yield Found(case, name, part)
    if net.exists():
        yield Found(case, "net", net.read_text())


def _configuration(case: Case, planted: Planted, echo: Echo) -> str:
    text = SPELLINGS[case.spelling](case.secret)
    if case.place in PAGES:
        url, page = echo.say(answer("500 No")), echo.say(PAGES[case.place](text)).removesuffix("/v1")
    else:
        models = models_list(text) if case.place == "model" else None
        url, page = echo.say(PLACES[case.place](text), models), ""
    lines = [
        "[targets.a]", f'provider = "{planted.provider}"', f'base_url = "{url}{planted.query}"', 'model = "model-x"',
        'probes = ["stream", "chat", "models"]', "retries = 0", 'timeout = "3s"', *planted.lines,
    ]  # fmt: skip
    if page and not any(line.startswith("status_page") for line in planted.lines):
        lines.append(f'status_page = "{page}"')
    return "\n".join([*lines, "[groups.g]", 'members = ["a"]', ""])


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
    decks = [_Deck(random, names) for names in (SHAPES, SPELLINGS, {**PLACES, **PAGES}, SOURCES, COMMANDS)]
    for _ in range(count):
        shape, spelling, place, source, command = (deck.next() for deck in decks)
        if command == "status" and source in _UNREAD:  # what was not read was not sent either
            source = "status page"
        if place in PAGES and command not in ("status", "debug"):
            command = "debug" if source in _UNREAD else random.choice(("status", "debug"))
        yield Case(shape, spelling, place, source, command, random.randrange(1 << 30))


class _Deck:
    """Cards without replacement, shuffled anew when all were drawn."""

    def __init__(self, random: Random, names: Mapping[str, object]) -> None:
        self._random, self._all, self._left = random, list(names), list[str]()

    def next(self) -> str:
        if not self._left:
            self._left = self._random.sample(self._all, len(self._all))
        return self._left.pop()
