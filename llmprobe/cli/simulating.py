"""What `simulate` does: start, say where, serve until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path

from msgspec import Struct

from llmprobe.cli.durations import parse_duration_flag
from llmprobe.cli.event_loop import in_loop
from llmprobe.cli.output import Screen
from llmprobe.config.convert import require_known
from llmprobe.errors import UsageError
from llmprobe.reports.parts.rich_text import plain_table
from llmprobe.simulator import BEHAVIOURS, CERTIFICATES, Simulator, always, load_scenario


class Settings(Struct, frozen=True):
    """The command line of `simulate`, as it was given."""

    behave: str
    scenario: Path | None
    host: str
    port: int
    key: str | None
    tls: str | None
    tls_delay: str | None
    for_: str | None


def list_all() -> None:
    """Every behaviour in a line."""
    screen = Screen()
    rows = [
        (b.name + (f":{b.argument.upper().split(',')[0]}" if b.argument else ""), b.about)
        for b in BEHAVIOURS.values()
    ]
    screen.write(plain_table(("behaviour", "what it does"), rows, screen.look))


def run_simulator(settings: Settings) -> None:
    """Serve until Ctrl-C, SIGTERM or `--for`. Raises UsageError for settings that make no sense."""
    if settings.tls is not None:
        require_known("certificate", settings.tls, CERTIFICATES, flag="--tls")
    scenario = load_scenario(settings.scenario) if settings.scenario else always(settings.behave)
    simulator = Simulator(
        scenario,
        key=settings.key,
        certificate=settings.tls,
        tls_delay_s=parse_duration_flag("--tls-delay", settings.tls_delay, zero=True) or 0.0,
    )
    in_loop(_serve(simulator, settings, parse_duration_flag("--for", settings.for_, zero=True)))


async def _serve(simulator: Simulator, settings: Settings, seconds: float | None) -> None:
    screen, stop = Screen(), asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    try:
        url = await simulator.start(settings.host, settings.port)
    except OSError as exc:
        raise UsageError(
            f"cannot listen on {settings.host}:{settings.port}: {exc.strerror}", "--port 0 takes a free one"
        ) from None
    async with simulator:
        screen.write(f"simulating a provider on {url} ({simulator.behaviour()})\n")
        screen.write(f"try: llmprobe check --base-url {url} --dialect openai-chat --model sim-1\n")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await stop.wait()
