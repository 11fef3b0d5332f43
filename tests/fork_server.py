"""
The real command in a process of its own, without paying for its imports each time.

A server that has imported llmprobe forks a child for each command. The child gets its own arguments,
environment, folder and streams, and ends with the command's own exit code. What depends on a fresh
interpreter (the start itself, the encoding of streams) starts one: see `tests.support.spawned`.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import pkgutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_LIMIT_S = 60.0
_LOCK = threading.Lock()
_RUNNING: list[tuple[int, str]] = []


def run(args: Sequence[str], env: Mapping[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """
    Run `llmprobe ARGS` to its end, with nothing on standard input.

    Raises:
        TimeoutError: It has not ended after 60 s.
    """
    outs, readers = [], []
    for _ in range(2):
        reading, writing = os.pipe()
        outs.append(writing)
        readers.append(_Reader(reading))
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_LIMIT_S)
        connection.connect(_address())
        request = json.dumps({"args": list(args), "env": dict(env), "cwd": str(cwd)}).encode()
        socket.send_fds(connection, [len(request).to_bytes(4, "big")], outs)
        connection.sendall(request)
        for out in outs:
            os.close(out)
        code = int(connection.recv(16).decode() or "-9")
    stdout, stderr = (reader.text() for reader in readers)
    return subprocess.CompletedProcess([*args], code, stdout, stderr)


class _Reader(threading.Thread):
    """Reads a pipe to its end, so that the command never waits for us."""

    def __init__(self, pipe: int) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self._bytes = b""
        self.start()

    def run(self) -> None:
        with open(self._pipe, "rb") as file:
            self._bytes = file.read()

    def text(self) -> str:
        self.join(_LIMIT_S)
        return self._bytes.decode().replace("\r\n", "\n")


def _address() -> str:
    """The server's socket; this process starts a server at its first command."""
    with _LOCK:
        if not _RUNNING or _RUNNING[-1][0] != os.getpid():
            folder = tempfile.TemporaryDirectory(prefix="llmprobe-fork-")
            path = str(Path(folder.name) / "socket")
            server = subprocess.Popen(
                [sys.executable, "-m", "tests.fork_server", path],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONWARNINGS": "error", "PYTHONPATH": str(ROOT)},
            )
            assert server.stdout is not None
            assert server.stdout.readline() == b"ready\n", "the fork server did not start"
            atexit.register(_end, server, folder)
            _RUNNING.append((os.getpid(), path))
        return _RUNNING[-1][1]


def _end(server: subprocess.Popen[bytes], folder: tempfile.TemporaryDirectory[str]) -> None:
    server.kill()
    server.wait()
    for stream in (server.stdin, server.stdout):
        if stream is not None:
            stream.close()
    folder.cleanup()


def serve(path: str) -> None:
    """Fork for each connection until standard input ends."""
    _import_all()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(16)
        _end_with_the_tests()
        print("ready", flush=True)
        while True:
            connection, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                _handle(connection)
            connection.close()
            _reap()


def _end_with_the_tests() -> None:
    """Ask the kernel for SIGTERM when the tests are gone; a thread of ours would make forking unsafe."""
    import ctypes

    ctypes.CDLL(None).prctl(1, 15)


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _handle(connection: socket.socket) -> None:
    """Fork once more for the command, wait for it, and send its exit code."""
    head, fds, _, _ = socket.recv_fds(connection, 4, 2)
    size, body = int.from_bytes(head, "big"), b""
    while len(body) < size:
        body += connection.recv(size - len(body))
    request = json.loads(body)
    child = os.fork()
    if child == 0:
        connection.close()
        _become_the_command(request, fds)
    for fd in fds:
        os.close(fd)
    _, status = os.waitpid(child, 0)
    connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become_the_command(request: dict[str, object], fds: Sequence[int]) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for fd, number in zip((nothing, *fds), range(3), strict=True):
        os.dup2(fd, number)
        os.close(fd)
    os.environ.clear()
    os.environ.update(request["env"])  # type: ignore[call-overload]
    os.chdir(str(request["cwd"]))
    sys.argv = ["llmprobe", *request["args"]]  # type: ignore[misc]
    if net := os.environ.pop("LLMPROBE_TEST_NET", ""):
        _watch_the_net(Path(net))
    from llmprobe.__main__ import main

    code = 1
    try:
        main()
    except SystemExit as exc:
        code = exc.code if isinstance(exc.code, int) else 0
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def _watch_the_net(path: Path) -> None:
    """Note in a file each text from which the scrub on the way out had to take a secret."""
    from llmprobe.redact import Redactor

    scrub = Redactor.__call__

    def noting(self: Redactor, text: str) -> str:
        scrubbed = scrub(self, text)
        if scrubbed != text:
            with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(f"{scrubbed[:2000]}\n")
        return scrubbed

    Redactor.__call__ = noting  # type: ignore[method-assign]


def _import_all() -> None:
    import llmprobe

    for module in pkgutil.walk_packages(llmprobe.__path__, "llmprobe."):
        importlib.import_module(module.name)
    for name in ("rich.table", "rich.console", "typer.main", "httpx", "sqlite3", "asyncio", "junitparser"):
        importlib.import_module(name)


if __name__ == "__main__":
    serve(sys.argv[1])
