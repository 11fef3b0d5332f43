"""What a request for `/probe` asks for: targets, kinds of probe, and the time that it has."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from msgspec import Struct

from llmprobe.config import Plan
from llmprobe.config.convert import suggestion
from llmprobe.config.groups import Named, matches
from llmprobe.config.quoting import quoted
from llmprobe.errors import UsageError
from llmprobe.model import Group, ProbeKind, Target

TIMEOUT_HEADER = "x-prometheus-scrape-timeout-seconds"
_RESERVE_S = 0.5
"""What is left of a scrape's time for the way back."""
DEFAULT_DEADLINE_S = 120.0
"""Where a request does not say how long it waits, as blackbox exporter has it."""


class Chosen(Struct, frozen=True):
    """
    What is to be probed for one request.

    Attributes:
        pairs: Each target with each kind of probe.
        group: Where a group was asked for: enough of its members have to work, not all.
        deadline_s: Seconds until the answer is due.
    """

    pairs: Sequence[tuple[Target, ProbeKind]]
    group: Group | None
    deadline_s: float

    @property
    def timeout_s(self) -> float:
        """What a probe is given: the time of the request, or the target's own where that is shorter."""
        own = max((target.timeouts.total_s for target, _ in self.pairs), default=self.deadline_s)
        return min(own, self.deadline_s)


def chosen(plan: Plan, query: Sequence[tuple[str, str]], headers: Mapping[str, str]) -> Chosen:
    """Raises UsageError where a parameter or the header makes no sense: nothing is probed then."""
    wanted = _single(query, "target")
    if not wanted:
        raise UsageError("the parameter target is missing", "such as /probe?target=NAME")
    targets = _targets(plan, wanted)
    kinds = _kinds(_single(query, "module"))
    group = next((g for g in plan.groups if wanted == f"group:{g.name}"), None)
    pairs = [(target, kind) for target in targets for kind in (kinds or target.probes)]
    return Chosen(pairs, group, deadline_s(headers.get(TIMEOUT_HEADER)))


def deadline_s(header: str | None) -> float:
    """Seconds that a scrape has, less what its answer takes. Raises UsageError for what is no number."""
    if header is None:
        return DEFAULT_DEADLINE_S
    try:
        seconds = float(header)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise UsageError(f"{TIMEOUT_HEADER}: expected seconds, got {quoted(header)}")
    return seconds - _RESERVE_S if seconds > 2 * _RESERVE_S else seconds / 2


def _single(query: Sequence[tuple[str, str]], name: str) -> str:
    """A parameter's value, "" where it is not given. Raises UsageError where it is given twice."""
    values = [value for key, value in query if key == name]
    if len(values) > 1:
        raise UsageError(f"the parameter {name} is given {len(values)} times")
    return values[0].strip() if values else ""


def _targets(plan: Plan, wanted: str) -> list[Target]:
    """Those of the configuration and no others: a URL here would spend money for strangers."""
    if wanted.startswith("group:"):
        members = next((g.members for g in plan.groups if g.name == wanted[6:]), ())
        found = [target for target in plan if target.name in members]
    else:
        found = [target for target in plan if matches(Named(target.name, target.tags), wanted)]
    if not found:
        names = [target.name for target in plan]
        names += [f"group:{group.name}" for group in plan.groups]
        names += sorted({f"@{tag}" for target in plan for tag in target.tags})
        raise UsageError(f"unknown target {quoted(wanted)}", suggestion(wanted, names))
    return found


def _kinds(module: str) -> tuple[ProbeKind, ...]:
    """The kind of probe that is named; none where none is."""
    known = [str(kind) for kind in ProbeKind]
    if module and module not in known:
        raise UsageError(f"unknown module {quoted(module)}", suggestion(module, known))
    return (ProbeKind(module),) if module else ()
