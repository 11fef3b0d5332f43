"""What `demo` does: a simulator on free loopback ports, a dozen targets, the usual table."""

from __future__ import annotations

from msgspec.structs import replace

from llmprobe.cli.event_loop import in_loop
from llmprobe.cli.output import Screen
from llmprobe.engine.run import Options, run
from llmprobe.model import ProbeKind, Run, Target, Thresholds, Timeouts
from llmprobe.reports import ndjson
from llmprobe.simulator import Simulator

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
    "Now a real one: export ANTHROPIC_API_KEY (or any provider's key) and run: llmprobe check",
)


def run_demo(format: str, *, no_color: bool, debug: bool) -> int:
    """Returns 0: a demo in which things fail as planned is a success."""
    screen = Screen(no_color=no_color)
    done = in_loop(_probe(screen if debug else None))
    if format == "ndjson":
        screen.write("".join(ndjson.line(result) for result in done.results))
        return 0
    screen.show(format, done)
    if format == "table":
        screen.write("\n" + "\n".join(_GOODBYE) + "\n")
    return 0


async def _probe(screen: Screen | None) -> Run:
    async with Simulator() as plain, Simulator(certificate="self-signed") as tls:
        url, tls_url = await plain.start(), await tls.start()
        targets = [
            _target(name, title, dialect, f"{url}/~{behave}{path}")
            for name, title, dialect, behave, path in _STORIES
        ]
        targets[1] = replace(targets[1], thresholds=Thresholds(ttft_s=0.5))
        targets.append(_target("intranet", "the intranet server", "openai-chat", tls_url + "/v1"))
        targets.append(_target("local", "the local server", "ollama", _closed_port()))
        return await run(targets, options=Options(on_bug=screen.note if screen else None))


def _target(name: str, title: str, dialect: str, url: str) -> Target:
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
    """A port on which nobody listens: it was free a moment ago."""
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{sock.getsockname()[1]}"
