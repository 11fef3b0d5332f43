"""Whole commands against each other, round robin, so that a ratio is taken within one round."""

from __future__ import annotations

import contextlib
import os
import statistics
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Timed:
    """Medians of one command: wall and CPU in seconds, peak memory in MiB, wall against the yardstick."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    ratio: float


def race(
    commands: Mapping[str, Sequence[str]], rounds: int, on_terminal: Sequence[str] = ()
) -> dict[str, Timed]:
    """Every command once a round after a round of warming up; the first is the yardstick."""
    taken: dict[str, list[tuple[float, float, float]]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            sample = _on_terminal(command) if name in on_terminal else _run(command)
            if number:
                taken[name].append(sample)
    yardstick = next(iter(taken.values()))
    return {name: _summary(samples, yardstick) for name, samples in taken.items()}


def _summary(
    samples: Sequence[tuple[float, float, float]], yardstick: Sequence[tuple[float, float, float]]
) -> Timed:
    ratio = statistics.median(mine[0] / base[0] for mine, base in zip(samples, yardstick, strict=True))
    wall, cpu, peak = (statistics.median(sample[i] for sample in samples) for i in range(3))
    return Timed(wall, cpu, peak, ratio)


def _on_terminal(command: Sequence[str]) -> tuple[float, float, float]:
    """With standard output on a terminal of our own, which somebody reads."""
    ours, theirs = os.openpty()
    reader = threading.Thread(target=_drain, args=(ours,), daemon=True)
    reader.start()
    try:
        return _run(command, theirs)
    finally:
        os.close(theirs)
        reader.join()
        os.close(ours)


def _drain(fd: int) -> None:
    with contextlib.suppress(OSError):  # Linux says that the other side is closed with an error
        while os.read(fd, 65536):
            pass


def _run(command: Sequence[str], stdout: int | None = None) -> tuple[float, float, float]:
    silent = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    actions = silent if stdout is None else [*silent, (os.POSIX_SPAWN_DUP2, stdout, 1)]
    started = time.perf_counter()
    pid = os.posix_spawnp(command[0], list(command), dict(os.environ), file_actions=actions)
    _, _, usage = os.wait4(pid, 0)
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
