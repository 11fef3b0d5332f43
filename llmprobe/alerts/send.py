"""Delivery: a program with JSON on its standard input, a webhook, a dead man's heartbeat."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from llmprobe.alerts.words import change_json
from llmprobe.json_text import compact
from llmprobe.model import ExitCode, Mark, Request, Run, Secret, Status, Timeouts
from llmprobe.model.past import Change
from llmprobe.redact import SCRUB
from llmprobe.transport import exchange, open_channel

_TRIES = 2
_PATIENCE = Timeouts(total_s=10.0, connect_s=5.0)
_COMMAND_TIMEOUT_S = 30.0


class Sinks(Struct, frozen=True):
    """Who is told."""

    command: Sequence[str] = ()
    webhook: Secret | None = None


async def deliver(change: Change, run: Run, sinks: Sinks) -> list[str]:
    """
    Tell one change to every sink.

    Returns:
        What failed, in words without the addresses; empty when all were told.
    """
    payload = json.loads(SCRUB(compact(change_json(change, run))))
    failed = []
    if sinks.webhook is not None and (error := await _post(sinks.webhook, payload)) is not None:
        failed.append(f"the webhook at {_host(sinks.webhook)} was not reached: {error}")
    if sinks.command and (error := await _execute(sinks.command, payload)) is not None:
        failed.append(f'the command "{sinks.command[0]}" {error}')
    return failed


async def beat(url: Secret, run: Run) -> str | None:
    """
    Tell a dead man's switch that a run took place: the address itself when the run is fine, else
    `/fail` below it with the categories (the convention of healthchecks.io and its like).

    Returns:
        What failed, in words; None when it was told.
    """
    if run.exit_code in (ExitCode.OK, ExitCode.DEGRADED):
        error = await _send("GET", url.reveal(), None)
    else:
        bad = [r for r in run.results if r.status in (Status.FAILED, Status.SKIPPED)]
        body = {
            "category": sorted({str(r.category) for r in bad}),
            "conclusion": SCRUB(run.conclusion),
            "exit_code": int(run.exit_code),
        }
        error = await _send("POST", _below(url.reveal(), "fail"), body)
    return None if error is None else f"the heartbeat at {_host(url)} was not reached: {error}"


async def _post(url: Secret, payload: dict[str, Any]) -> str | None:
    error = None
    for _ in range(_TRIES):
        if (error := await _send("POST", url.reveal(), payload)) is None:
            return None
    return error


async def _send(method: str, url: str, body: dict[str, Any] | None) -> str | None:
    """What went wrong, or None. No redirect is followed: the body goes to the named host only."""
    headers = {"user-agent": "llmprobe", **({"content-type": "application/json"} if body is not None else {})}
    try:
        channel = open_channel(url)
    except (OSError, ValueError, ImportError) as exc:
        return type(exc).__name__
    try:
        seen = await exchange(channel, Request(method, url, headers, body), _PATIENCE, lambda _: Mark.OTHER)
    finally:
        await channel.aclose()
    if seen.failure is not None:
        return str(seen.failure.kind)
    return None if seen.status is not None and seen.status < 300 else f"HTTP {seen.status}"


async def _execute(command: Sequence[str], payload: dict[str, Any]) -> str | None:
    """Without a shell; its output goes to our standard error."""
    env = {**os.environ, "LLMPROBE_CHANGE": payload["change"], "LLMPROBE_TARGET": payload["target"]}
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=2, env=env, start_new_session=True
        )
    except OSError as exc:
        return f"could not be started: {exc.strerror}"
    try:
        async with asyncio.timeout(_COMMAND_TIMEOUT_S):
            await process.communicate(f"{compact(payload)}\n".encode())
    except TimeoutError:
        process.kill()
        await process.wait()
        return f"did not end within {_COMMAND_TIMEOUT_S:.0f} s"
    return None if process.returncode == 0 else f"failed (exit {process.returncode})"


def _host(url: Secret) -> str:
    """A webhook's path is its secret; its host is not."""
    return urlsplit(url.reveal()).netloc


def _below(url: str, part: str) -> str:
    base, mark, query = url.partition("?")
    return f"{base.rstrip('/')}/{part}{mark}{query}"
