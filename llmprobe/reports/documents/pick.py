"""`llmprobe.pick/1`: the member of a group to use now; and the same as variables for a shell."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from msgspec import UNSET, Struct, UnsetType

from llmprobe.durations import in_ms
from llmprobe.model import Target
from llmprobe.model.choice import Choice, Picked


class Ranked(Struct, frozen=True):
    """A member that works, and why it stands where it does."""

    target: str
    status: str
    time_ms: float | None
    failed_lately: int | None
    n_lately: int | None
    reason: str


class Pick(Struct, frozen=True, tag_field="schema", tag="llmprobe.pick/1"):
    """What was chosen; `key_env` names the variable that holds its key, and is absent where there is none."""

    target: str
    provider: str
    dialect: str
    model: str
    base_url: str
    ranked: Sequence[Ranked]
    conclusion: str
    key_env: str | UnsetType = UNSET


def document(chosen: Target, picked: Picked) -> Pick:
    return Pick(
        target=chosen.name,
        provider=chosen.provider,
        dialect=chosen.dialect,
        model=chosen.model or "",
        base_url=chosen.base_url,
        ranked=[_ranked(choice) for choice in picked.ranked],
        conclusion=picked.run.conclusion,
        key_env=_key_env(chosen),
    )


def shell(chosen: Target) -> str:
    """Assignments for `eval`; every value is quoted, and none is a credential."""
    facts = {
        "LLMPROBE_TARGET": chosen.name,
        "LLMPROBE_PROVIDER": chosen.provider,
        "LLMPROBE_DIALECT": chosen.dialect,
        "LLMPROBE_MODEL": chosen.model or "",
        "LLMPROBE_BASE_URL": chosen.base_url,
        "LLMPROBE_KEY_ENV": _key_env(chosen),
    }
    return "".join(
        f"export {name}={shlex.quote(value)}\n" for name, value in facts.items() if isinstance(value, str)
    )


def _key_env(chosen: Target) -> str | UnsetType:
    origin = chosen.credential.origin if chosen.credential else ""
    return origin.removeprefix("env ") if origin.startswith("env ") else UNSET


def _ranked(choice: Choice) -> Ranked:
    lately = choice.lately
    return Ranked(
        target=choice.target,
        status=str(choice.status),
        time_ms=in_ms(choice.seconds),
        failed_lately=lately.failed if lately else None,
        n_lately=lately.n if lately else None,
        reason=choice.reason,
    )
