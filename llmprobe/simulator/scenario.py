"""A scripted outage: which behaviour is in force at which second."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from msgspec import Struct

from llmprobe.durations import parse_duration_s
from llmprobe.errors import UsageError
from llmprobe.simulator.behaviours import BEHAVIOURS


class Step(Struct, frozen=True):
    """A behaviour for so many seconds; the last step may last for ever (None)."""

    behave: str
    seconds: float | None


class Scenario(Struct, frozen=True):
    """Steps one after the other, over and over with `loop`."""

    steps: tuple[Step, ...]
    loop: bool = False

    def at(self, elapsed_s: float) -> str:
        """The behaviour in force `elapsed_s` after the start."""
        length = sum(step.seconds or 0.0 for step in self.steps)
        if self.loop and length:
            elapsed_s %= length
        for step in self.steps:
            if step.seconds is None or elapsed_s < step.seconds:
                return step.behave
            elapsed_s -= step.seconds
        return self.steps[-1].behave


def always(behave: str) -> Scenario:
    """One behaviour for ever. Raises UsageError for an unknown one."""
    return Scenario((Step(check_behaviour(behave), None),))


def load_scenario(path: Path) -> Scenario:
    """
    Read a scenario: `[[step]]` tables with `behave` and `for`, and `loop = true`.

    Raises:
        UsageError: The file cannot be read, or a step makes no sense (its number is told).
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise UsageError(f'cannot read the scenario "{path}": {exc.strerror}') from None
    except (ValueError, RecursionError) as exc:
        reason = str(exc) if isinstance(exc, tomllib.TOMLDecodeError) else "expected a TOML file"
        raise UsageError(f'cannot read the scenario "{path}": {reason}') from None
    steps = data.get("step")
    if not isinstance(steps, list) or not steps:
        raise UsageError(f'{path}: expected [[step]] tables with "behave" and "for"')
    return Scenario(
        tuple(_step(path, i, step) for i, step in enumerate(steps, 1)), bool(data.get("loop", False))
    )


def check_behaviour(text: str) -> str:
    """Raises UsageError for a behaviour that does not exist."""
    name = text.partition(":")[0]
    if name not in BEHAVIOURS:
        raise UsageError(f'unknown behaviour "{name}"', _nearest(name))
    return text


def _nearest(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name[:100], BEHAVIOURS, n=1)
    return f'did you mean "{near[0]}"?' if near else "`llmprobe simulate --list` shows them all"


def _step(path: Path, number: int, step: Any) -> Step:
    if not isinstance(step, dict) or not isinstance(step.get("behave"), str):
        raise UsageError(f'{path}: step {number}: expected behave = "NAME"')
    behave = check_behaviour(step["behave"])
    if "for" not in step:
        return Step(behave, None)
    seconds = parse_duration_s(str(step["for"]))
    if not seconds:
        raise UsageError(f'{path}: step {number}: expected a duration such as for = "60s"')
    return Step(behave, seconds)
