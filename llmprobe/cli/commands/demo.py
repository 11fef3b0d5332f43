"""`llmprobe demo`: see it work, without a key and without a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from llmprobe.cli.options import DebugOption, FormatOption, NoColorOption
from llmprobe.reports.formats import Format

if TYPE_CHECKING:
    from llmprobe.model import Run, Target

_STORIES = (
    ("anthropic", "Anthropic", "anthropic-messages", "ok", "/v1"),
    ("openai", "OpenAI", "openai-chat", "slow_first_token:700ms", "/v1"),
    ("gemini", "Gemini", "gemini", "overloaded", "/v1beta"),
    ("groq", "Groq", "openai-chat", "rate_limited:12", "/v1"),
    ("mistral", "Mistral", "openai-chat", "auth", "/v1"),
    ("deepseek", "DeepSeek", "openai-chat", "payment", ""),
    ("cohere", "Cohere", "cohere-v2", "stall_heartbeat", ""),
    ("openrouter", "OpenRouter", "openai-chat", "stream_overloaded", "/v1"),
    ("together", "Together", "openai-chat", "truncated", "/v1"),
    ("gateway", "your gateway", "openai-chat", "html_502", "/v1"),
)
_GOODBYE = (
    "All of this came from a simulator on this machine: a 200 is not yet healthy, and a failure has a side.",
    "Now a real one: export ANTHROPIC_API_KEY (or any provider's key) and run: {command} check",
)


def demo(
    format: FormatOption = Format.TABLE, no_color: NoColorOption = False, debug: DebugOption = False
) -> None:
    """
    Show a dozen simulated targets in trouble.

    Example: llmprobe demo
    """
    from textwrap import fill

    from llmprobe.cli.called import as_called
    from llmprobe.cli.event_loop import in_loop
    from llmprobe.cli.screen import Screen

    screen = Screen(no_color=no_color)
    screen.show(format, in_loop(_probe(screen.note if debug else None)))
    if format is Format.TABLE:
        lines = [fill(line.format(command=as_called()), screen.look.width) for line in _GOODBYE]
        screen.write("\n" + "\n".join(lines) + "\n")


async def _probe(on_bug: Callable[[str], None] | None) -> Run:
    from msgspec.structs import replace

    from llmprobe.engine.run import Options, run
    from llmprobe.model import Credential, Secret, Thresholds
    from llmprobe.simulator import Simulator

    async with Simulator() as plain, Simulator(certificate="self-signed") as tls:
        url, tls_url = await plain.start(), await tls.start()
        targets = [
            _target(name, title, dialect, f"{url}/~{behave}{path}")
            for name, title, dialect, behave, path in _STORIES
        ]
        targets[1] = replace(targets[1], thresholds=Thresholds(ttft_s=0.5))
        targets[4] = replace(
            targets[4], credential=Credential(Secret("no-real-key"), "authorization", "Bearer", "demo")
        )
        targets.append(_target("intranet", "the intranet server", "openai-chat", tls_url + "/v1"))
        targets.append(_target("local", "the local server", "ollama", _closed_port()))
        return await run(targets, options=Options(on_bug=on_bug))


def _target(name: str, title: str, dialect: str, url: str) -> Target:
    from llmprobe.model import ProbeKind, Target, Timeouts

    timeouts = Timeouts(total_s=2.0, connect_s=1.0, stall_s=0.8)
    return Target(
        name,
        "simulator",
        dialect,
        url,
        model="sim-1",
        title=title,
        probes=(ProbeKind.STREAM,),
        timeouts=timeouts,
        retries=0,
        proxy="",
    )


def _closed_port() -> str:
    """A port that was free a moment ago: connections to it are refused."""
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{sock.getsockname()[1]}"
