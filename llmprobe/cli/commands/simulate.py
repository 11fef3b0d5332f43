"""`llmprobe simulate`: a provider on this machine that misbehaves on request."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def simulate(
    behave: Annotated[
        str, typer.Option("--behave", "-b", metavar="NAME[:ARG]", help="What to do (see --list).")
    ] = "ok",
    scenario: Annotated[
        Path | None, typer.Option("--scenario", "-s", help="TOML file that scripts an outage over time.")
    ] = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 8080,
    key: Annotated[str | None, typer.Option("--key", help="Accept only this key.")] = None,
    tls: Annotated[
        str | None,
        typer.Option("--tls", metavar="CERTIFICATE", help="trusted, expired, self-signed or wrong-host."),
    ] = None,
    tls_delay: Annotated[
        str | None, typer.Option("--tls-delay", help="Wait before the TLS handshake, for example 500ms.")
    ] = None,
    list_behaviours: Annotated[bool, typer.Option("--list", help="List the behaviours and exit.")] = False,
    for_: Annotated[str | None, typer.Option("--for", help="Stop after this long, for example 60s.")] = None,
) -> None:
    """
    Run a simulated provider, to rehearse how your own pipeline reacts to an outage.

    It speaks every dialect of llmprobe. A base URL may name its own behaviour:
    http://127.0.0.1:8080/~overloaded/v1

    Example: llmprobe simulate --behave stall --port 8080
    """
    from llmprobe.cli.simulating import Settings, list_all, run_simulator

    if list_behaviours:
        list_all()
    else:
        run_simulator(Settings(behave, scenario, host, port, key, tls, tls_delay, for_))
