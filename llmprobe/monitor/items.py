"""What is probed together: a target for itself, or all members of groups that share members."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from llmprobe.engine.probing.budget import estimate
from llmprobe.model import ProbeKind, Result, Target
from llmprobe.model.watching import Cost
from llmprobe.monitor.guard import cost_of
from llmprobe.monitor.job import Job
from llmprobe.monitor.schedule import Rhythm, Schedule


class Item(Struct, frozen=True):
    """
    Targets whose verdicts belong together: a group's verdict needs all of its members.

    Attributes:
        costs: The most tokens that one request can use, by target and probe.
        cost: The same of one probe of all of them.
        hosts: Where their requests go.
    """

    name: str
    targets: Sequence[str]
    costs: Mapping[tuple[str, ProbeKind], int]
    cost: int
    hosts: Sequence[str] = ()


def items_of(job: Job) -> dict[str, Item]:
    """The items of a job by their names: those of targets, or `group:NAME` of the first group."""
    together: dict[str, list[str]] = {target.name: [target.name] for target in job.plan}
    titles: dict[str, str] = {}
    for group in job.plan.groups:
        members = list(dict.fromkeys(name for member in group.members for name in together[member]))
        title = next((titles[name] for name in members if name in titles), f"group:{group.name}")
        for name in members:
            together[name], titles[name] = members, title
    targets = {target.name: target for target in job.plan}
    found: dict[str, Item] = {}
    for name, members in together.items():
        title = titles.get(name, name)
        if title not in found:
            found[title] = _item(title, [targets[member] for member in members], job.options.samples)
    return found


def job_of(job: Job, item: Item) -> Job:
    """The part of a job that is this item's."""
    names = set(item.targets)
    built = [one for one in job.plan.built if one.target.name in names]
    groups = [group for group in job.plan.groups if names.issuperset(group.members)]
    return replace(job, plan=replace(job.plan, built=built, groups=groups), known=())


def tokens_of(results: Sequence[Result], item: Item) -> int:
    """What results of an item used: as the server counted, and else the most that they may have used."""
    return sum(
        cost_of(result, item.costs.get((result.target, result.probe), 0))
        * (result.stats.n if result.stats else 1)
        for result in results
    )


def _item(name: str, targets: Sequence[Target], samples: int) -> Item:
    costs = {(target.name, probe): estimate(target, probe) for target in targets for probe in target.probes}
    hosts = dict.fromkeys(target.base_url.partition("//")[2].partition("/")[0] for target in targets)
    return Item(name, [target.name for target in targets], costs, samples * sum(costs.values()), list(hosts))


def costs_of(job: Job, rhythm: Rhythm) -> list[Cost]:
    """What an hour of a watch costs at most, target by target, while nothing fails."""
    items, samples = items_of(job), job.options.samples
    every_s = Schedule({item.name: item.cost for item in items.values()}, rhythm, lambda: 0.0).every_s
    tokens = {key: most for item in items.values() for key, most in item.costs.items()}
    rounds = math.ceil(3600.0 / every_s)
    return [
        Cost(
            target.name,
            target.probes,
            every_s,
            requests=rounds * samples * len(target.probes),
            tokens=rounds * samples * sum(tokens[target.name, probe] for probe in target.probes),
        )
        for target in job.plan
    ]
