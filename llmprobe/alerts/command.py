"""A program that is run for each notice, with the JSON on its standard input."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from msgspec import Struct

from llmprobe.alerts.http import key_of
from llmprobe.alerts.notice import Notice
from llmprobe.alerts.text import change_json
from llmprobe.config.known_secrets import SECRET_NAME
from llmprobe.json_text import compact
from llmprobe.model import Run
from llmprobe.redact import SCRUB

_TIMEOUT_S = 30.0
_PR_SET_PDEATHSIG = 1


class Command(Struct, frozen=True):
    """
    Runs a program without a shell; its output goes to our standard error.

    It gets our environment without anything that looks like a credential, but for the names in
    `pass_env`. It ends with the run, and so does whatever it has started.
    """

    words: Sequence[str]
    pass_env: Sequence[str] = ()
    every_run: bool = False
    tries: int = 1

    @property
    def key(self) -> str:
        return key_of("exec", "\0".join(self.words))

    @property
    def name(self) -> str:
        return f'the command "{self.words[0]}"'

    async def tell(self, notice: Notice, run: Run) -> str | None:
        text = SCRUB(compact(change_json(notice, run)))
        facts = json.loads(text)
        env = without_secrets(os.environ, self.pass_env) | {
            "LLMPROBE_CHANGE": facts["change"],
            "LLMPROBE_TARGET": facts["target"],
            "LLMPROBE_TARGETS": ",".join(facts["targets"]),
        }
        return await _execute(self.words, env, f"{text}\n".encode())


def without_secrets(env: Mapping[str, str], keep: Sequence[str]) -> dict[str, str]:
    """The variables that hold no credential: neither by their name nor by a value that is known as one."""
    return {
        name: value
        for name, value in env.items()
        if name in keep or not (re.search(SECRET_NAME, name) or SCRUB.spans(value))
    }


async def _execute(words: Sequence[str], env: Mapping[str, str], stdin: bytes) -> str | None:
    """What went wrong, or None. The program's whole process group is ended when this returns."""
    try:
        process = await _started(words, env)
    except OSError as exc:
        return f"could not be started: {exc.strerror}"
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            await process.communicate(stdin)
    except TimeoutError:
        return f"did not end within {_TIMEOUT_S:.0f} s"
    finally:
        _end_group(process.pid)
        await process.wait()
    return None if process.returncode == 0 else f"failed (exit {process.returncode})"


async def _started(words: Sequence[str], env: Mapping[str, str]) -> asyncio.subprocess.Process:
    """In a process group of its own. Raises OSError."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # what runs between fork and exec is one C call
        return await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.PIPE,
            stdout=2,
            env=env,
            start_new_session=True,
            preexec_fn=_dies_with_us(),
        )


def _end_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(pid, signal.SIGKILL)


def _dies_with_us() -> Callable[[], object] | None:
    """On Linux the kernel ends the program when we are killed; elsewhere only we can."""
    try:
        import ctypes

        prctl = ctypes.CDLL(None).prctl
    except (ImportError, OSError, AttributeError):
        return None
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
