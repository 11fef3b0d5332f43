"""Headless Chromium, asked over its DevTools protocol (chromedevtools.github.io, read 2026-11-24)."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

_FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--hide-scrollbars",
]  # fmt: skip


def browse(program: str, home: Path, url: str, *flags: str) -> subprocess.CompletedProcess[str]:
    """One visit of a page, such as for a picture of it."""
    args, env = _command(program, home, *flags)
    return subprocess.run([*args, url], capture_output=True, text=True, timeout=120, env=env)


def _command(program: str, home: Path, *flags: str) -> tuple[Sequence[str], dict[str, str]]:
    """The command line and the environment of a browser that leaves nothing outside of `home`."""
    env = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    return [program, *_FLAGS, f"--user-data-dir={home}/profile", *flags], env


class Page:
    """An open page: `value` asks it, `until` waits for an answer that holds."""

    def __init__(self, to_browser: IO[bytes], from_browser: IO[bytes], url: str) -> None:
        self._to, self._from, self._number = to_browser, from_browser, 0
        target = self._ask("Target.createTarget", url=url)["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def value(self, script: str) -> Any:
        return self._ask("Runtime.evaluate", self._session, expression=script)["result"].get("value")

    def until(self, script: str, patience_s: float = 20.0) -> bool:
        """Whether the script becomes true in time."""
        ends_at = time.monotonic() + patience_s
        while not (held := self.value(script)) and time.monotonic() < ends_at:
            time.sleep(0.1)
        return bool(held)

    def _ask(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        self._to.write(
            json.dumps({**message, **({"sessionId": session} if session else {})}).encode() + b"\0"
        )
        self._to.flush()
        while (answer := json.loads(self._message())).get("id") != self._number:
            continue
        assert "error" not in answer, answer
        return dict(answer["result"])

    def _message(self) -> bytes:
        """The next message; an answer of the browser's or an event."""
        read = bytearray()
        while (byte := self._from.read(1)) != b"\0":
            assert byte, "the browser ended"
            read += byte
        return bytes(read)


@contextmanager
def opened(program: str, home: Path, url: str) -> Iterator[Page]:
    """A page of a browser that takes its orders from descriptor 3 and answers on 4; it logs to `stderr.txt`."""
    args, env = _command(program, home, "--remote-debugging-pipe")
    (orders, give), (take, answers) = os.pipe(), os.pipe()
    shell = ["bash", "-c", f'exec "$@" 3<&{orders} 4>&{answers}', "bash", *args]
    with (
        open(home / "stderr.txt", "wb") as log,
        subprocess.Popen(shell, env=env, pass_fds=(orders, answers), stderr=log) as browser,
        os.fdopen(give, "wb") as to_browser,
        os.fdopen(take, "rb") as from_browser,
    ):
        os.close(orders)
        os.close(answers)
        try:
            yield Page(to_browser, from_browser, url)
        finally:
            browser.kill()
