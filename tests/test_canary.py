"""A planted key must appear nowhere: no output, no log, no file, no traceback, no process list, no URL."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from llmprobe.reports import FORMATS
from tests.hooks import hook_server
from tests.support import Served, clean_env, llmprobe, started

CANARY = "sk-canary-7f3a9c2b5e8d1f60"


@pytest.fixture
def echo() -> Iterator[str]:
    """A server that repeats every header and the whole request in its error message, as some do."""
    server = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def serve() -> None:
        while not stopped.is_set():
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                request = client.recv(65536).decode("latin-1")
                body = json.dumps({"error": {"message": f"bad key in: {request}", "code": CANARY}}).encode()
                head = f"HTTP/1.1 401 Unauthorized\r\nserver: {CANARY}\r\nx-request-id: {CANARY}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
                client.sendall(head.encode() + body)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}"
    stopped.set()
    server.close()


def sources(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "key.txt").write_text(CANARY + "\n")
    return {
        "env": '{ env = "CANARY_KEY" }',
        "file": f'{{ file = "{tmp_path / "key.txt"}" }}',
        "command": f'{{ command = ["cat", "{tmp_path / "key.txt"}"] }}',
        "literal": f'"{CANARY}"',
    }


@pytest.mark.parametrize("source", ["env", "file", "command", "literal"])
@pytest.mark.parametrize(
    "args",
    [
        ["-f", "table", "-v"],
        ["-f", "json"],
        ["-f", "ndjson"],
        ["-q"],
        ["--dry-run"],
        ["--debug", "-v"],
        ["-f", "github"],
        ["-f", "nagios"],
        ["-f", "html"],
    ],
)
def test_no_output_shows_the_key_even_when_the_server_echoes_it(
    echo: str, tmp_path: Path, source: str, args: list[str]
) -> None:
    path = tmp_path / "llmprobe.toml"
    key = sources(tmp_path)[source]
    path.write_text(
        f'[targets.a]\nprovider = "simulator"\nbase_url = "{echo}"\napi_key = {key}\nretries = 0\n'
    )
    files = [f"-o{format}:{tmp_path}/r.{format}" for format in FORMATS]
    env = {"CANARY_KEY": CANARY, "GITHUB_STEP_SUMMARY": f"{tmp_path}/r.summary"}
    done = llmprobe("check", "-c", str(path), *args, *files, env=env)

    written = "".join(p.read_text() for p in tmp_path.glob("r.*"))
    assert "canary" not in done.stdout + done.stderr + written
    if "--dry-run" not in args:
        assert done.returncode == (2 if "nagios" in args else 4)
        assert len(list(tmp_path.glob("r.*"))) == len(FORMATS) + ("github" in args)


def test_what_is_remembered_and_told_holds_no_key(echo: str, tmp_path: Path) -> None:
    """The database, the lock, the command, the webhook, the heartbeat, and every command that reads the past."""
    db = tmp_path / "state" / "h.db"
    path = tmp_path / "llmprobe.toml"
    path.write_text(
        f'[targets.a]\nprovider = "simulator"\nbase_url = "{echo}"\napi_key = {{ env = "CANARY_KEY" }}\n'
    )
    env = {"CANARY_KEY": CANARY, "HOOK": ""}
    with hook_server() as hook:
        env["HOOK"] = f"{hook.url}/{CANARY}"
        flags = [
            "--db",
            str(db),
            "--on-change",
            "--webhook",
            "env:HOOK",
            "--heartbeat",
            "env:HOOK",
            "--exec",
            "cat",
        ]
        done = llmprobe("check", "-c", str(path), *flags, env=env)
        told = json.dumps([call[2] for call in hook.calls])
        hook.answers = [500] * 4
        missed = llmprobe("check", "-c", str(path), *flags, env=env)
    asked = [
        llmprobe(*command, "--db", str(db), "-f", format).stdout
        for command in (["history"], ["history", "a"], ["incidents"], ["report"])
        for format in ("table", "json")
    ]
    stored = b"".join(p.read_bytes() for p in db.parent.rglob("*") if p.is_file())

    assert "auth" in told
    assert "was not reached" in missed.stderr
    assert "canary" not in "".join([done.stdout, done.stderr, missed.stdout, missed.stderr, told, *asked])
    assert b"canary" not in stored
    assert len(stored) > 4096


@pytest.mark.parametrize("format", ["table", "json", "markdown"])
def test_a_diagnosis_and_its_evidence_hold_no_key(echo: str, tmp_path: Path, format: str) -> None:
    """The ladder, and every file of the bundle, where the server repeats the key in its answer."""
    bundle = tmp_path / "b.zip"
    flags = ["--base-url", echo, "--model", "m", "--api-key-env", "CANARY_KEY", "--bundle", str(bundle)]
    env = {"CANARY_KEY": CANARY, "HTTPS_PROXY": f"http://user:{CANARY}@127.0.0.1:9"}
    done = llmprobe("diagnose", *flags, "-f", format, env=env)
    with zipfile.ZipFile(bundle) as archive:
        files = b"".join(archive.read(name) for name in archive.namelist())

    assert done.returncode == 4
    assert "canary" not in done.stdout + done.stderr
    assert b"canary" not in files
    assert b"bad key in" in files, "the answer is there, without the key"


@pytest.mark.parametrize("args", [["config", "show"], ["config", "show", "-f", "json"], ["config", "check"]])
def test_the_configuration_is_shown_without_it(tmp_path: Path, args: list[str]) -> None:
    path = tmp_path / "llmprobe.toml"
    path.write_text(
        f'[targets.a]\nprovider = "openai"\napi_key = "{CANARY}"\nheaders = {{ "x-api-token" = "{CANARY}" }}\n'
        f'proxy = "http://user:{CANARY}@127.0.0.1:9"\n'
    )
    done = llmprobe(*args, "-c", str(path))
    assert done.returncode == 0
    assert "canary" not in done.stdout + done.stderr


def test_a_proxy_s_password_does_not_show(tmp_path: Path) -> None:
    """Neither in the reason nor in any other field."""
    proxy = f"http://user:{CANARY}@127.0.0.1:9"
    done = llmprobe(
        "check",
        "--base-url",
        "https://api.example.com",
        "--model",
        "m",
        "-f",
        "json",
        "--debug",
        env={"HTTPS_PROXY": proxy},
    )

    assert json.loads(done.stdout)["results"][0]["category"] == "proxy"
    assert "canary" not in done.stdout + done.stderr


def test_a_mistake_in_the_file_does_not_show_it(tmp_path: Path) -> None:
    path = tmp_path / "llmprobe.toml"
    path.write_text(
        f'[targets.a]\nprovider = "{CANARY}"\nmodel = 3\nretries = "{CANARY}"\ntimeout = "{CANARY}"\n'
        f'"{CANARY}" = 1\nbase_url = "u:{CANARY}@host"\nexpect = {{ regex = "({CANARY}" }}\n'
        f'[targets."{CANARY}!"]\nprovider = "openai"\n[{CANARY}]\n'
    )
    done = llmprobe("check", "-c", str(path))
    assert done.returncode == 2
    assert done.stderr.count("error: ") >= 7, "every mistake was found, not only the first"
    assert "not valid TOML" not in done.stderr
    assert "canary" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "line",
    [
        f'proxy = "user:{CANARY}@127.0.0.1"',
        f'proxy = "{CANARY}"',
        f'base_url = "https://u:{CANARY}@host/v1"',
        f'base_url = "{CANARY}"',
        f'status_page = "//{CANARY}"',
        f'auth = "{CANARY}"',
        f'dialect = "{CANARY}"',
        f'region = "{CANARY}"',
        f'probes = ["{CANARY}"]',
        f'thresholds = {{ ttft = "{CANARY}" }}',
        f'headers = {{ "{CANARY} " = "x" }}',
        f'headers = {{ a = "{CANARY}\\u00e9" }}',
        f'api_key = {{ enw = "{CANARY}" }}',
        f"api_key = {CANARY}",
    ],
)
def test_no_mistake_quotes_what_may_be_a_secret(tmp_path: Path, line: str) -> None:
    """A key in the wrong place is a mistake like any other: it is told without the key."""
    path = tmp_path / "llmprobe.toml"
    path.write_text(f'[targets.a]\nprovider = "simulator"\n{line}\n')
    for command in (["check"], ["config", "check"], ["config", "show"]):
        done = llmprobe(*command, "-c", str(path))
        assert "canary" not in done.stdout + done.stderr


def test_a_traceback_does_not_show_it(sim: Served, tmp_path: Path) -> None:
    """Local variables hold keys: they are not shown, and values are scrubbed."""
    code = (
        "import sys, llmprobe.engine.probing.probe as p\n"
        "async def boom(line, target, probe): raise RuntimeError(target.credential.secret.reveal())\n"
        "p.attempt = boom\n"
        "from llmprobe.cli.main import run_cli\n"
        f"sys.exit(run_cli(['check', '--base-url', {sim.url!r}, '--model', 'm', '--api-key-env', 'CANARY_KEY', '--debug']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=clean_env({"CANARY_KEY": CANARY})
    )
    assert done.returncode == 70
    assert "RuntimeError: ***" in done.stderr
    assert "canary" not in done.stdout + done.stderr


def test_the_process_list_and_urls_do_not_show_it(serve: Callable[..., Served]) -> None:
    """No key travels as an argument or in a URL."""
    served = serve()
    process = started(
        "check", "--base-url", served.at("slow_headers:800ms"), "--dialect", "gemini", "--model", "sim-1", "--api-key-env", "CANARY_KEY", "-f", "json",
        env={"CANARY_KEY": CANARY},
    )  # fmt: skip
    time.sleep(0.6)
    arguments = Path(f"/proc/{process.pid}/cmdline")
    assert not arguments.exists() or "canary" not in arguments.read_text()
    stdout, stderr = process.communicate(timeout=10)
    assert "canary" not in stdout + stderr
    assert CANARY in str(served.simulator.last_headers), "the key did travel, in a header"


def test_a_key_goes_to_its_own_host_only(sim: Served) -> None:
    """A redirect is reported, never followed with the key."""
    done = llmprobe(
        "check",
        "--base-url",
        sim.at("redirect"),
        "--model",
        "m",
        "--api-key-env",
        "CANARY_KEY",
        "-f",
        "json",
        env={"CANARY_KEY": CANARY},
    )
    result = json.loads(done.stdout)["results"][0]
    assert (result["category"], result["http"]["status"]) == ("wrong_endpoint", 307)


@pytest.mark.parametrize("flags", [[], ["-f", "json"]])
def test_an_explained_error_hides_the_key_in_it(flags: list[str]) -> None:
    dump = f'> POST /v1/messages HTTP/1.1\n> x-api-key: {CANARY}\n\nHTTP/1.1 401 Unauthorized\nx-request-id: {CANARY}\n\n{{"error":{{"message":"bad key {CANARY}","code":"{CANARY}"}}}}'
    done = subprocess.run(
        [sys.executable, "-m", "llmprobe", "explain", "-", *flags],
        input=dump,
        capture_output=True,
        text=True,
        env=clean_env(),
        timeout=60,
    )

    assert done.returncode == 0
    assert CANARY not in done.stdout + done.stderr
    assert CANARY[10:] not in done.stdout + done.stderr
