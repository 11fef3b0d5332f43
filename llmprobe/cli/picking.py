"""What `pick` does: probe a group, and name the member to use."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from llmprobe.cli.event_loop import in_loop
from llmprobe.cli.job import Flags, planned
from llmprobe.cli.output import Screen
from llmprobe.config import Plan
from llmprobe.config.convert import require_known
from llmprobe.config.history import history_path
from llmprobe.durations import in_ms
from llmprobe.engine.outcome.pick import Choice, Lately, choices
from llmprobe.engine.run import Options, run
from llmprobe.json_text import readable
from llmprobe.model import ExitCode, Run, Target
from llmprobe.monitor.tracking import ask_history

_LATELY_S = 3600.0
_FORMATS = ("text", "json", "shell")


def run_pick(group: str, format: str, flags: Flags) -> int:
    """
    Run `pick`.

    Returns:
        0 with a member on standard output; else the exit code of the failures, and nothing there.

    Raises:
        LlmprobeError: Before anything is sent.
    """
    require_known("format", format, _FORMATS, flag="--format")
    plan = planned(replace(flags, targets=[group]), group_first=True)
    screen = Screen(no_color=flags.no_color)
    targets = [built.target for built in plan.built]
    options = Options(concurrency=plan.concurrency, per_host=plan.per_host, per_key=plan.per_key)
    done = in_loop(run(targets, (), options))
    found = choices(done.results, _lately(plan, flags, screen))
    if not found:
        screen.note(done.conclusion)
        return int(done.exit_code) or int(ExitCode.FAILED)
    chosen = next(target for target in targets if target.name == found[0].target)
    screen.write(_shown(format, chosen, found, done))
    if format == "text":
        screen.note(found[0].reason)
    return int(ExitCode.OK)


def _lately(plan: Plan, flags: Flags, screen: Screen) -> Mapping[str, Lately]:
    from llmprobe.history.queries import tallies

    path, since = history_path(flags.db, plan.memory, os.environ), time.time() - _LATELY_S
    found: dict[str, tuple[int, int]] = ask_history(
        path,
        screen.note,
        lambda history: tallies(history, since),
        otherwise=dict,
        failed="choosing without it",
    )
    return {target: Lately(n, failed) for target, (n, failed) in found.items()}


def _shown(format: str, chosen: Target, found: Sequence[Choice], done: Run) -> str:
    match format:
        case "text":
            return f"{chosen.name}\n"
        case "shell":
            return _shell(chosen)
        case _:
            return _json(chosen, found, done)


def _shell(chosen: Target) -> str:
    """Assignments for `eval`; every value is quoted, and none is a credential."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in _facts(chosen).items())


def _json(chosen: Target, found: Sequence[Choice], done: Run) -> str:
    ranked = [
        {
            "target": choice.target,
            "status": str(choice.status),
            "time_ms": in_ms(choice.seconds),
            "failed_lately": choice.lately.failed if choice.lately else None,
            "n_lately": choice.lately.n if choice.lately else None,
            "reason": choice.reason,
        }
        for choice in found
    ]
    names = {name.removeprefix("LLMPROBE_").lower(): value for name, value in _facts(chosen).items()}
    document = {"schema": "llmprobe.pick/1", **names, "ranked": ranked, "conclusion": done.conclusion}
    return readable(document)


def _facts(chosen: Target) -> dict[str, str]:
    facts = {
        "LLMPROBE_TARGET": chosen.name,
        "LLMPROBE_PROVIDER": chosen.provider,
        "LLMPROBE_DIALECT": chosen.dialect,
        "LLMPROBE_MODEL": chosen.model or "",
        "LLMPROBE_BASE_URL": chosen.base_url,
    }
    origin = chosen.credential.origin if chosen.credential else ""
    return {**facts, "LLMPROBE_KEY_ENV": origin[4:]} if origin.startswith("env ") else facts
