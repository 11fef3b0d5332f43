"""`llmprobe simulate`: a provider on this machine that misbehaves on request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmprobe.cli.options import completing

if TYPE_CHECKING:
    from llmprobe.cli.screen import Screen
    from llmprobe.reports import Look
    from llmprobe.simulator import Simulator


def simulate(
    behave: Annotated[
        str,
        typer.Option(
            "--behave",
            "-b",
            metavar="NAME[:ARG]",
            autocompletion=completing("behaviours"),
            help="What to do (see --list).",
        ),
    ] = "ok",
    scenario: Annotated[
        Path | None, typer.Option("--scenario", "-s", help="TOML file that scripts an outage over time.")
    ] = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 8080,
    key: Annotated[str | None, typer.Option("--key", help="Accept only this key.")] = None,
    tls: Annotated[
        str | None,
        typer.Option(
            "--tls",
            metavar="CERTIFICATE",
            autocompletion=completing("certificates"),
            help="trusted, expired, self-signed or wrong-host.",
        ),
    ] = None,
    tls_delay: Annotated[
        str | None, typer.Option("--tls-delay", help="Wait before the TLS handshake, for example 500ms.")
    ] = None,
    list_behaviours: Annotated[bool, typer.Option("--list", help="List the behaviours and exit.")] = False,
    for_: Annotated[str | None, typer.Option("--for", help="Stop after this long, for example 60s.")] = None,
) -> None:
    """
    Run a simulated provider, to rehearse an outage.

    It speaks every dialect of llmprobe. A base URL may name its own behaviour:
    http://127.0.0.1:8080/~overloaded/v1

    Example: llmprobe simulate --behave stall --port 8080
    """
    from llmprobe.cli.durations import parse_duration_flag
    from llmprobe.cli.event_loop import in_loop
    from llmprobe.cli.screen import Screen
    from llmprobe.config.convert import require_known
    from llmprobe.simulator import CERTIFICATES, Simulator, always, load_scenario

    screen = Screen()
    if list_behaviours:
        screen.write(_behaviours(screen.look))
        return
    if tls is not None:
        require_known("certificate", tls, CERTIFICATES, flag="--tls")
    simulator = Simulator(
        load_scenario(scenario) if scenario else always(behave),
        key=key,
        certificate=tls,
        tls_delay_s=parse_duration_flag("--tls-delay", tls_delay, zero=True) or 0.0,
    )
    in_loop(_serve(simulator, host, port, parse_duration_flag("--for", for_, zero=True), screen))


def _behaviours(look: Look) -> str:
    """Every behaviour in a line."""
    from llmprobe.reports.parts.rich_text import plain_table
    from llmprobe.simulator import BEHAVIOURS

    rows = [
        (b.name + (f":{b.argument.upper().split(',')[0]}" if b.argument else ""), b.about)
        for b in BEHAVIOURS.values()
    ]
    return plain_table(("behaviour", "what it does"), rows, look)


async def _serve(simulator: Simulator, host: str, port: int, seconds: float | None, screen: Screen) -> None:
    """Until Ctrl-C, SIGTERM or `--for`."""
    import asyncio
    import contextlib

    from llmprobe.cli.event_loop import Signals
    from llmprobe.errors import UsageError

    try:
        url = await simulator.start(host, port)
    except OSError as exc:
        raise UsageError(
            f"cannot listen on {host}:{port}: {exc.strerror}", "--port 0 takes a free one"
        ) from None
    async with simulator:
        screen.write(f"simulating a provider on {url} ({simulator.behaviour()})\n")
        screen.write(f"try: llmprobe check --base-url {url} --dialect openai-chat --model sim-1\n")
        with Signals() as signals, contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await signals.stop.wait()
