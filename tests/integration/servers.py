"""Third-party servers, installed from the registries into folders of their own and run on loopback."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LITELLM = "litellm[proxy]>=1.100,<1.107"
SDKS = ("openai>=3", "anthropic>=2", "google-genai>=3", "mistralai>=3", "cohere>=7")
AIMOCK = "@copilotkit/aimock@1.43.0"
MASTER_KEY = "sk-master-0123456789"

LITELLM_CONFIG = {
    "model_list": [
        {
            "model_name": name,
            "litellm_params": {"model": "openai/gpt-4o-mini", "api_key": "none", "mock_response": answer},
        }
        for name, answer in (
            ("fine", "hello from the mock, in several words"),
            ("limited", "litellm.RateLimitError"),
            ("broken", "litellm.InternalServerError"),
            ("long", "litellm.ContextWindowExceededError"),
        )
    ],
    "general_settings": {"master_key": MASTER_KEY},
    "router_settings": {"num_retries": 0},
}
AIMOCK_FIXTURES = {
    "fixtures": [
        {"match": {"model": "broken"}, "response": {"error": {"message": "Overloaded", "type": "overloaded_error"}, "status": 529}},
        {"match": {"model": "limited"}, "response": {"error": {"message": "Rate limit reached", "type": "rate_limit_error", "code": "rate_limit_exceeded"}, "status": 429}},
        {"match": {"userMessage": "Reply"}, "response": {"content": "hello there, this is a mock with several words"}},
    ]
}  # fmt: skip


def litellm_command() -> Path:
    """The LiteLLM proxy, in a virtual environment beside the project's own (kept between runs)."""
    home = ROOT / ".venv-litellm"
    command = home / "bin" / "litellm"
    if not command.exists():
        _install([sys.executable, "-m", "venv", str(home)])
        _install([str(home / "bin" / "pip"), "install", "-q", LITELLM])
    return command


def sdk_python() -> Path:
    """A Python with the official SDKs and this project, in an environment kept between runs."""
    home = ROOT / ".venv-sdk"
    if not (home / "ready").exists():
        _install([sys.executable, "-m", "venv", "--clear", str(home)])
        _install([str(home / "bin" / "pip"), "install", "-q", "-e", str(ROOT), *SDKS])
        (home / "ready").touch()
    return home / "bin" / "python"


def aimock_command(folder: Path) -> Path:
    """aimock, a mock server of every vendor's API, from the npm registry."""
    if shutil.which("npm") is None:
        pytest.skip("aimock is a Node.js program, and there is no npm here")
    _install(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), AIMOCK])
    return folder / "node_modules" / ".bin" / "llmock"


def npm_package(factory: pytest.TempPathFactory, name: str) -> Path:
    """A package of the npm registry with what it needs: its folder. Skips where there is no npm."""
    if shutil.which("npm") is None:
        pytest.skip("this is a Node.js package, and there is no npm here")
    folder = factory.getbasetemp() / "npm"
    package = folder / "node_modules" / name.rsplit("@", 1)[0]
    if not package.exists():
        folder.mkdir(exist_ok=True)
        _install(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), name])
    return package


def source_package(factory: pytest.TempPathFactory, name: str) -> Path:
    """The unpacked source package of a PyPI project."""
    folder = factory.getbasetemp() / "sdist"
    if not folder.exists():
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", name]
        _install([*command, "-d", str(folder)])
        with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
            archive.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir())


def unpacked(program: str, package: str) -> str:
    """A program of Debian that needs nothing but its own file: what is installed, else unpacked and kept."""
    if (found := shutil.which(program)) is not None:
        return found
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        pytest.skip(f"{program} is not installed, and there is no apt-get here")
    home = ROOT / ".venv-debian"
    command = home / "usr" / "bin" / program
    if not command.exists():
        home.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            _install(["apt-get", "update", "-qq"])
        _install(["apt-get", "download", "-qq", package], cwd=home)
        _install(["dpkg", "-x", str(next(home.glob(f"{package}_*.deb"))), str(home)])
    return str(command)


@contextmanager
def running(command: Sequence[str], port: int, health: str, log: Path, **env: str) -> Iterator[str]:
    """The server, from the moment it answers; its log is shown when it never does."""
    with log.open("w") as output:
        process = subprocess.Popen([*command], stdout=output, stderr=output, env={**os.environ, **env})
        try:
            _await(f"http://127.0.0.1:{port}{health}", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def write_json(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value))
    return path


def _install(command: list[str], cwd: Path | None = None) -> None:
    """Skips with the installer's own words where the registry cannot be reached."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=400, cwd=cwd)
    except (OSError, subprocess.TimeoutExpired) as exc:
        pytest.skip(f"cannot install: {exc}")
    if done.returncode != 0:
        pytest.skip(f"cannot install: {done.stderr.strip().splitlines()[-1:]}")


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            with opener.open(url, timeout=1):
                return
        except urllib.error.HTTPError as answer:
            if answer.code < 500:
                return
            time.sleep(0.1)
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{log.read_text()[-2000:]}")
