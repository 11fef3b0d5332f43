"""
How long each bad server holds the command, and with how much memory: `python -m tests.hostile.measure`.

    python -m tests.hostile.measure [--tree FOLDER] [--speed MB/S] [--tls] [WORD...]

Runs `llmprobe check` against every attack whose name holds one of the words (default: all), in another
tree of sources where one is named, and prints a Markdown table. Nothing passes or fails here.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.hostile.attacks import ATTACKS, Attack, slug
from tests.hostile.servers import Ports, bad_servers
from tests.support import ROOT, clean_env

TIMEOUT_S = 2.0
HUNG_S = 12.0


def main(argv: Sequence[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("words", nargs="*")
    parser.add_argument("--tree", type=Path, default=ROOT)
    parser.add_argument("--speed", type=int, default=0)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--probes", default="stream,chat,models")
    options = parser.parse_args(argv)
    chosen = [a for a in ATTACKS if not options.words or any(word in a.name for word in options.words)]
    print(f"Time limit {TIMEOUT_S:g} s; killed after {HUNG_S:g} s.\n")
    print("| attack | probe | seconds | peak MiB | lag ms | verdict |\n|---|---|---|---|---|---|")
    with bad_servers() as ports:
        for attack in chosen:
            for probe in options.probes.split(","):
                print(measured(attack, probe, ports, options), flush=True)


def measured(attack: Attack, probe: str, ports: Ports, options: argparse.Namespace) -> str:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "llmprobe.toml")
        config.write_text(target_table("t", slug(attack.name), probe, ports, options.speed, tls=options.tls))
        command = [sys.executable, "-m", "llmprobe", "check", "-c", str(config), "-f", "json", "--no-record"]
        seconds, peak, text = timed(command, options.tree)
    return f"| {attack.name} | {probe} | {seconds:.2f} | {peak:.0f} | {verdict(text)} |"


def target_table(
    name: str, attack: str, probe: str, ports: Ports, speed: int = 0, *, tls: bool = False, more: str = ""
) -> str:
    """A target that asks a bad server."""
    from tests.hostile.attacks import BY_SLUG

    bad = BY_SLUG[attack]
    lines = [
        f"[targets.{name}]", 'dialect = "openai-chat"', f'base_url = "{ports.url(attack, speed, tls=tls)}"', 'api_key = false',
        'model = "m"', f'probes = ["{probe}"]', f'timeout = "{TIMEOUT_S:g}s"', "retries = 0", "tls_verify = false",
        f'proxy = "{ports.proxy if bad.tunnelled else ""}"', more,
    ]  # fmt: skip
    lines += ["http2 = true"] if bad.over_h2 else []
    return "\n".join(lines) + "\n"


def timed(command: Sequence[str], tree: Path) -> tuple[float, float, str]:
    """Wall seconds, peak MiB and standard output; killed where it hangs."""
    env = {**clean_env(), "PYTHONPATH": str(tree)}
    began, peak = time.perf_counter(), 0.0
    with tempfile.TemporaryFile() as out:
        with subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, env=env, cwd=tree, stdin=subprocess.DEVNULL
        ) as child:
            while child.poll() is None and time.perf_counter() - began < HUNG_S:
                peak = max(peak, peak_mib(child.pid))
                time.sleep(0.005)
            seconds = time.perf_counter() - began
            child.kill()
        out.seek(0)
        return seconds, peak, out.read().decode()


def peak_mib(pid: int) -> float:
    """The most memory that a running process ever held (Linux); 0 where nothing is known."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def verdict(text: str) -> str:
    try:
        run = json.loads(text)
    except ValueError:
        return f"– | **hung** {text[-100:]}"
    result, lag = run["results"][0], run["self"]["loop_lag_max_ms"]
    return f"{lag or 0:.0f} | {result['category']}, {result['fault']}: {result['reason']}"


if __name__ == "__main__":
    main(sys.argv[1:])
