"""The truth server: built with the C compiler that is here, run on loopback."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import llmprobe.simulator

SOURCE = Path(__file__).with_name("truth.c")
CERTIFICATES = Path(llmprobe.simulator.__file__).parent / "certs"


class CannotBuildError(Exception):
    """There is no C compiler here, or no OpenSSL headers."""


def build() -> Path:
    """The server's binary, in a temporary folder. Raises CannotBuildError with what is missing."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise CannotBuildError("no C compiler")
    binary = Path(tempfile.mkdtemp(prefix="llmprobe-bench-")) / "truth"
    command = [compiler, "-O2", "-o", str(binary), str(SOURCE), "-lssl", "-lcrypto"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise CannotBuildError("no OpenSSL headers (Debian: libssl-dev)")
    return binary


@contextmanager
def truth() -> Iterator[int]:
    """A running server: plain HTTP on the port that is yielded, TLS on the next."""
    binary, port = build(), _two_free_ports()
    process = subprocess.Popen(
        [str(binary), str(port), str(CERTIFICATES / "trusted.pem")], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    _prefer(process.pid)
    try:
        yield port
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _prefer(pid: int) -> None:
    """The last core and a high priority, where we may: a late server would be counted against the client."""
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setaffinity(pid, {(os.cpu_count() or 1) - 1})
        os.setpriority(os.PRIO_PROCESS, pid, -15)


def urls(port: int, count: int, path: str, *, tls: bool = False) -> list[str]:
    """Distinct addresses of loopback, so that each target is a host of its own."""
    scheme = f"https://127.1.{{}}.{{}}:{port + 1}" if tls else f"http://127.1.{{}}.{{}}:{port}"
    return [scheme.format(i >> 8, i & 255) + path for i in range(count)]


def _two_free_ports() -> int:
    for port in range(18080, 19000, 2):
        try:
            for candidate in (port, port + 1):
                with socket.socket() as sock:
                    sock.bind(("0.0.0.0", candidate))
        except OSError:
            continue
        return port
    raise OSError("no two free ports")
