"""Helpers of the tests: a simulator in a thread of its own, and the real command."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any

from llmprobe.engine.run import Options, run
from llmprobe.model import ProbeKind, Result, Run, Target, Timeouts
from llmprobe.simulator import Simulator
from tests import fork_server

ROOT = Path(__file__).resolve().parents[1]
QUICK = Timeouts(total_s=2.0, connect_s=1.0, stall_s=0.5)


class Background:
    """An event loop in a thread: servers run in it while a test blocks."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)
        self.loop.close()


class Served:
    """A simulator that is listening."""

    def __init__(self, background: Background, **settings: Any) -> None:
        self._background = background
        self.simulator = Simulator(**settings)
        self.url: str = background.run(self.simulator.start())

    def at(self, behaviour: str, path: str = "/v1") -> str:
        """A base URL with its own behaviour."""
        return f"{self.url}/~{behaviour}{path}"

    def close(self) -> None:
        self._background.run(self.simulator.close())


def clean_env(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment without keys, proxies, CA bundles or the user's own configuration."""
    keep = ("PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "SYSTEMROOT", "PYTHONPATH", "VIRTUAL_ENV")
    env = {name: os.environ[name] for name in keep if name in os.environ}
    return {
        **env,
        "XDG_CONFIG_HOME": "/nonexistent",
        "XDG_STATE_HOME": "/dev/null",
        "PYTHONWARNINGS": "error",
        **(extra or {}),
    }


def llmprobe(
    *args: str, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """The real command, in a process of its own."""
    if sys.platform != "linux" or any(name.startswith(("PYTHON", "LC_", "LANG")) for name in env or ()):
        return spawned(*args, env=env, cwd=cwd)
    return fork_server.run(args, clean_env(env), cwd or ROOT)


def spawned(
    *args: str, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """The real command, started by a fresh interpreter."""
    return subprocess.run(
        [sys.executable, "-m", "llmprobe", *args],
        capture_output=True,
        text=True,
        env={**clean_env(env), "PYTHONPATH": str(ROOT)},
        cwd=cwd or ROOT,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def started(*args: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """The real command while it runs, for a test that reads along or interrupts it."""
    return subprocess.Popen(
        [sys.executable, "-m", "llmprobe", *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**clean_env(env), "PYTHONPATH": str(ROOT)},
    )


def a_target(url: str, dialect: str = "openai-chat", **changes: Any) -> Target:
    """A target on loopback: quick deadlines, no retries, no proxy."""
    values: dict[str, Any] = {"model": "sim-1", "timeouts": QUICK, "retries": 0, "proxy": "", **changes}
    return Target(values.pop("name", "t"), values.pop("provider", "simulator"), dialect, url, **values)


def check(*targets: Target, **options: Any) -> Run:
    """Run targets to the end."""
    return asyncio.run(run(targets, options=Options(**options)))


def check_one(target: Target, probe: ProbeKind | None = None, **options: Any) -> Result:
    """The only result of one target."""
    from msgspec.structs import replace

    return check(replace(target, probes=(probe,)) if probe else target, **options).results[0]
