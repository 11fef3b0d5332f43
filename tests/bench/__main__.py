"""
The benchmarks: `python -m tests.bench [--short]`, a Markdown table out.

Ratios come first and are taken within one run; the machine and the clock are
named. Nothing here passes or fails: it is measured, and README.md beside this file shows it.
"""

from __future__ import annotations

import compileall
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import llmprobe
from tests.bench import goals
from tests.bench.blackbox import blackbox
from tests.bench.timing import Timed, race
from tests.bench.truth import CannotBuildError, truth, urls

PYTHON = sys.executable
COMMAND = Path(PYTHON).with_name("llmprobe")
LLMPROBE = [str(COMMAND)] if COMMAND.exists() else [PYTHON, "-m", "llmprobe"]
BUSY_LOOPS = 4


def main(argv: Sequence[str]) -> None:
    short = "--short" in argv
    compileall.compile_dir(Path(llmprobe.__file__).parent, quiet=1)  # as an installation leaves it
    print(
        f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}\n"
    )
    try:
        with truth() as port, tempfile.TemporaryDirectory() as folder:
            figures: dict[str, float] = {}
            print("\n".join(start_up(port, Path(folder), 3 if short else 11, figures)), "\n")
            print("\n".join(accuracy(port, 1 if short else 5, figures)), "\n")
            print(names(figures), "\n")
            most = 200 if short else 1000
            print("\n".join(scale(port, Path(folder), 1 if short else 3, most, figures)), "\n")
            print("\n".join(remembering(short, figures)), "\n")
            if not short:
                print("\n".join(goals.rows(figures)))
    except CannotBuildError as missing:
        print(f"The truth server cannot be built: {missing}. Nothing was measured.")


def start_up(port: int, folder: Path, rounds: int, figures: dict[str, float]) -> Iterator[str]:
    """Against `python -c pass`: nothing starts quicker."""
    one = write_config(folder, urls(port, 1, "/d/0/v1"))
    commands: dict[str, Sequence[str]] = {
        "`python -c pass`": [PYTHON, "-c", "pass"],
        "`llmprobe --version`": [*LLMPROBE, "--version"],
        "`llmprobe --help`, piped": [*LLMPROBE, "--help"],
        "`llmprobe --help`, on a terminal": [*LLMPROBE, "--help"],
        "`llmprobe check`, one target, JSON": [*LLMPROBE, "check", "-c", str(one), "-f", "json"],
        "`llmprobe check`, one target, table": [*LLMPROBE, "check", "-c", str(one)],
    }
    if http := shutil.which("http"):
        commands["httpie, one GET"] = [http, "--ignore-stdin", urls(port, 1, "/d/0")[0]]
    yield "| start | ratio | wall ms |"
    yield "|---|---|---|"
    short_names = ("pass", "version", "help", "help terminal", "json", "table", "httpie")
    taken = race(commands, rounds, on_terminal=[name for name in commands if "terminal" in name])
    for short, (name, timed) in zip(short_names, taken.items(), strict=False):
        figures[f"start {short}"] = timed.ratio
        yield f"| {name} | {timed.ratio:.1f} | {timed.wall_s * 1000:.0f} |"
    if not shutil.which("http"):
        yield "| httpie | not installed | |"


def accuracy(port: int, rounds: int, figures: dict[str, float]) -> Iterator[str]:
    """
    Errors of the product's own figures, medians over rounds of their p50 and p99.

    The worst lag beside them tells a wrong stamp from a process that was kept from running: where other
    programs hold the core for longer than a token takes, two tokens arrive in one read.
    """
    yield "| clock error, 50 ms server | first byte p50 / p99 ms | first token p99 ms | gap p99 ms | connect p99 ms | TLS p99 ms | worst lag of the loop ms |"
    yield "|---|---|---|---|---|---|---|"
    for words in (
        "10",
        "100",
        "1000",
        "10 tls",
        "100 tls",
        "1000 tls",
        "50 tls stream",
        "100 user",
        "100 tls user",
    ):
        yield f"| {_described(words)} | {_errors(port, words, rounds, words, figures)} |"
    with _Busy():
        for words in ("10", "50"):
            errors = _errors(port, words, rounds, f"{words} busy", figures)
            yield f"| {_described(words)}, {BUSY_LOOPS} busy loops beside | {errors} |"


def scale(port: int, folder: Path, rounds: int, most: int, figures: dict[str, float]) -> Iterator[str]:
    """Many targets, against what fetches the same URLs."""
    addresses = urls(port, most, "/d/50")
    listing = folder / "urls.txt"
    listing.write_text("\n".join(addresses))
    commands: dict[str, Sequence[str]] = {}
    if curl := shutil.which("curl"):
        config = folder / "curl.cfg"
        config.write_text("".join(f'url="{url}"\noutput="/dev/null"\n' for url in addresses))
        commands[f"`curl -Z`, {most} URLs"] = [
            curl,
            "-sZ",
            "--parallel-max",
            "300",
            "--parallel-immediate",
            "-K",
            str(config),
        ]
    for count in (1, most // 10, most):
        path = write_config(folder, urls(port, count, "/d/50/v1"))
        commands[f"llmprobe, {count} targets"] = [*LLMPROBE, "check", "-c", str(path), "-f", "json"]
        if count == most:
            wide = [*LLMPROBE, "check", "-c", str(path), "-f", "json", "--concurrency", "32"]
            commands[f"llmprobe, {count} targets, `--concurrency 32`"] = wide
    if hey := shutil.which("hey"):
        commands[f"hey, {most} requests to one URL"] = [
            hey,
            "-n",
            str(most),
            "-c",
            str(most),
            "-disable-keepalive",
            addresses[0],
        ]
    with blackbox(folder, addresses) as asked:
        if asked is not None:
            commands[f"blackbox exporter, running, asked by `curl -Z`, {most} URLs"] = asked
        found = race(commands, rounds)
    if most <= 200 or rounds > 1:
        found |= {f"bare httpx gather, {most} URLs": _gather(listing, found)}
        figures["wall gather"] = found[f"bare httpx gather, {most} URLs"].wall_s
    if curl:
        figures["wall curl"] = found[f"`curl -Z`, {most} URLs"].wall_s
    for count in (1, most // 10, most):
        timed = found[f"llmprobe, {count} targets"]
        figures |= {f"wall {count}": timed.wall_s, f"peak {count}": timed.peak_mib}
    yield "| scale, 50 ms server | ratio to the first | wall s | CPU s | peak MiB |"
    yield "|---|---|---|---|---|"
    for name, timed in found.items():
        yield f"| {name} | {timed.ratio:.2f} | {timed.wall_s:.2f} | {timed.cpu_s:.2f} | {timed.peak_mib:.0f} |"
    missing = [tool for tool in ("curl", "hey") if not shutil.which(tool)]
    for tool in (*missing, *([] if asked else ["blackbox exporter"])):
        yield f"| {tool} | not installed | | | |"


def remembering(short: bool, figures: dict[str, float]) -> Iterator[str]:
    """A history of a million results (short: fifty thousand)."""
    from tests.bench import million

    count = 50_000 if short else 1_000_000
    yield f"| history of {count:,} results | ms of CPU |"
    yield "|---|---|"
    for question, took in million.rows(count):
        if question == million.LONGEST_REPORT:
            figures["report"] = took
        yield f"| {question} | {took:.1f} |"


def names(figures: dict[str, float]) -> str:
    """The phase that the truth server cannot see."""
    done = subprocess.run([PYTHON, "-m", "tests.bench.dns"], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    figures["dns"] = found["p99"]
    return (
        f"DNS, 100 names at once, a resolver of 50 ms: p50 {found['p50']:.1f} ms, p99 {found['p99']:.1f} ms."
    )


def write_config(folder: Path, bases: Sequence[str]) -> Path:
    path = folder / f"{len(bases)}.toml"
    tables = [
        f'[targets.t{i}]\nprovider = "simulator"\nbase_url = "{base}"\nmodel = "m"\nprobes = ["chat"]\n'
        for i, base in enumerate(bases)
    ]
    path.write_text('[defaults]\nretries = 0\nproxy = ""\n' + "".join(tables))
    return path


def _gather(listing: Path, found: dict[str, Timed]) -> Timed:
    """Once: with a thousand URLs its pool takes half a minute."""
    first = next(iter(found.values()))
    timed = next(iter(race({"gather": [PYTHON, "-m", "tests.bench.gather", str(listing)]}, 1).values()))
    return Timed(timed.wall_s, timed.cpu_s, timed.peak_mib, timed.wall_s / first.wall_s)


def _errors(port: int, words: str, rounds: int, called: str, figures: dict[str, float]) -> str:
    least = 3 if "stream" in words else 1  # one stall of this machine joins two tokens of every stream
    runs = [_accuracy_run(port, words) for _ in range(max(rounds, least))]

    def median(name: str, q: str) -> str:
        values = [run[name][q] for run in runs if name in run]
        if values and q == "p99":
            figures[f"{called} {name.partition('_')[0]}"] = statistics.median(values)
        return f"{statistics.median(values):.2f}" if values else "–"

    first = f"{median('first_byte_ms', 'p50')} / {median('first_byte_ms', 'p99')}"
    return " | ".join(
        [first, *(median(name, "p99") for name in ("ttft_ms", "gap_ms", "connect_ms", "tls_ms", "lag_ms"))]
    )


def _accuracy_run(port: int, words: str) -> dict[str, dict[str, float]]:
    """On the first core; the truth server has the last one and a high priority, so that it is never late."""
    command = [PYTHON, "-m", "tests.bench.accuracy", str(port), *words.split()]
    if taskset := shutil.which("taskset"):
        command = [taskset, "-c", "0", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, dict[str, float]] = json.loads(done.stdout)
    return found


def _described(words: str) -> str:
    count, *more = words.split()
    kind = "streams of 50 tokens/s" if "stream" in more else "targets"
    clock = "user clock" if "user" in more else "kernel stamps"
    return f"{count} {kind}, {'TLS' if 'tls' in more else 'plain'}, {clock}"


class _Busy:
    """Loops that do nothing but take the cores."""

    def __enter__(self) -> None:
        self._loops = [subprocess.Popen([PYTHON, "-c", "while True: pass"]) for _ in range(BUSY_LOOPS)]

    def __exit__(self, *exc: object) -> None:
        for loop in self._loops:
            loop.kill()
            loop.wait()


if __name__ == "__main__":
    main(sys.argv[1:])
