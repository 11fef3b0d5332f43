"""Every model that a provider lists: a target whose model is a pattern becomes one for each that matches."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from msgspec.structs import replace

from llmprobe.config import Plan
from llmprobe.config.groups import is_pattern
from llmprobe.config.targets import Built, embeds
from llmprobe.counts import counted, money
from llmprobe.engine.outcome.results import unsent
from llmprobe.engine.probing.preview import preview
from llmprobe.errors import UsageError
from llmprobe.model import Category, Group, ModelInfo, ProbeKind, Result, Status, Target
from llmprobe.monitor.job import Job
from llmprobe.monitor.models import models, question
from llmprobe.monitor.tracking import Note
from llmprobe.providers import dialects

MAX_MODELS = 50
"""Models that patterns may mean in one run, unless more are asked for."""


async def swept(job: Job, note: Note, *, most: int = MAX_MODELS) -> Job:
    """
    The job with one target for each listed model that a pattern means.

    Each provider is asked once for its list. Where the list does not come, or nothing in it matches, that
    is the target's result (`Job.known`).

    Args:
        note: Hears how many models there are, and what they cost at most in tokens.
        most: Models that patterns may mean, all together.

    Raises:
        UsageError: They mean more.
    """
    built = job.plan.built
    open_ones = [one for one in built if is_pattern(one.target.model)]
    if not open_ones:
        return job
    lists = await _lists([one.target for one in open_ones])
    found: dict[str, list[Built]] = {}
    known: list[Result] = []
    for one in open_ones:
        answer = _found(one, *lists[_list_of(one.target)])
        found[one.target.name] = answer if isinstance(answer, list) else []
        known += [] if isinstance(answer, list) else [answer]
    taken = {one.target.name for one in built} - found.keys()
    _make_unique(found, taken)
    wanted = [one for several in found.values() for one in several]
    if len(wanted) > most:
        raise UsageError(
            f"{len(wanted)} models are listed, and a run probes at most {most} of them",
            f"name fewer with a pattern such as -m 'gpt-*', or allow more: --max-models {len(wanted)}",
        )
    if wanted:
        models_of = f"{counted(len(wanted), 'model')} of {_names(found)}"
        note(f"{models_of}: {_cost(job, [one.target for one in wanted])}")
    return replace(job, plan=_with(job.plan, found), known=(*job.known, *known))


_List = tuple[Result, Sequence[ModelInfo]]


def _list_of(target: Target) -> tuple[object, ...]:
    """Targets for which this is the same have the same list."""
    return target.dialect, target.base_url, target.credential, tuple(target.headers.items())


async def _lists(targets: Sequence[Target]) -> Mapping[tuple[object, ...], _List]:
    asked = {_list_of(target): question(target) for target in targets}
    return dict(zip(asked, await asyncio.gather(*map(models, asked.values())), strict=True))


def _found(one: Built, result: Result, listed: Sequence[ModelInfo]) -> list[Built] | Result:
    """The targets that the pattern means, or the reason why there are none."""
    target = one.target
    if result.status is Status.FAILED:
        return replace(result, target=target.name, tags=target.tags)
    meant = [info for info in listed if fnmatchcase(info.id, target.model or "")]
    fitting = [info for info in meant if _fits(one, info.id)]
    if not fitting:
        listed_models = counted(len(listed), "model")
        reason = f'the list has {listed_models}, and none that "{target.model}" means can be probed so'
        return unsent(question(target), ProbeKind.MODELS, Category.MODEL_NOT_FOUND, reason)
    return [_of_model(one, info) for info in fitting]


def _fits(one: Built, model: str) -> bool:
    """Embeddings are asked of models for embeddings, and text of the others."""
    probes = set(one.target.probes) - {ProbeKind.EDGE, ProbeKind.MODELS}
    if embeds(model):
        unasked = one.origin("probes") == "default"
        known = dialects()[one.target.dialect].probes if unasked else probes
        return not probes or ProbeKind.EMBEDDINGS in known
    return probes != {ProbeKind.EMBEDDINGS}


def _of_model(one: Built, info: ModelInfo) -> Built:
    built = one.of_model(info.id)
    return replace(built, target=replace(built.target, retires_on=info.retires_on or built.target.retires_on))


def _make_unique(found: dict[str, list[Built]], taken: set[str]) -> None:
    """A model that is named, or that two patterns mean, is probed once."""
    for name, several in found.items():
        found[name] = [one for one in several if one.target.name not in taken]
        taken |= {one.target.name for one in several}


def _with(plan: Plan, found: Mapping[str, Sequence[Built]]) -> Plan:
    """The plan with what was found in the place of the patterns, in its groups too."""

    def members(group: Group) -> tuple[str, ...]:
        names = ([one.target.name for one in found.get(name, ())] or [name] for name in group.members)
        return tuple(name for several in names for name in several)

    return replace(
        plan,
        built=[b for one in plan.built for b in found.get(one.target.name, [one])],
        groups=[replace(g, members=members(g)) for g in plan.groups],
    )


def _cost(job: Job, targets: Sequence[Target]) -> str:
    """Each sample may be repeated after a failure."""
    planned = [
        (preview(t, probe), (1 + t.retries) * job.options.samples) for t in targets for probe in t.probes
    ]
    tokens = sum(one.tokens * times for one, times in planned)
    known = [one.max_usd * times for one, times in planned if one.max_usd is not None]
    unpriced = counted(len(planned) - len(known), "probe")
    rest = f", {unpriced} at an unknown price" if known and len(known) < len(planned) else ""
    cost = f"{money(sum(known))}{rest}" if known else "an unknown price"
    return f"at most about {counted(tokens, 'token')} and {cost}, retries included"


def _names(found: Mapping[str, Sequence[Built]]) -> str:
    return ", ".join(name for name, several in found.items() if several)
