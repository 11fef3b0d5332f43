"""What is probed together: a target for itself, or all members of groups that share members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from llmprobe.engine.probing.budget import estimate
from llmprobe.model import ProbeKind, Result, Target
from llmprobe.monitor.job import Job


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
    return sum(_used(result, item) for result in results)


def _item(name: str, targets: Sequence[Target], samples: int) -> Item:
    costs = {(target.name, probe): estimate(target, probe) for target in targets for probe in target.probes}
    hosts = dict.fromkeys(target.base_url.partition("//")[2].partition("/")[0] for target in targets)
    return Item(name, [target.name for target in targets], costs, samples * sum(costs.values()), list(hosts))


def _used(result: Result, item: Item) -> int:
    """A refusal costs nothing, and neither does what was never sent."""
    times = result.stats.n if result.stats else 1
    status, tokens = result.http.status, result.tokens
    if status is None or status >= 400:
        return 0
    if tokens.counted_by == "server" and tokens.input is not None and tokens.output is not None:
        return (tokens.input + tokens.output) * times
    return item.costs.get((result.target, result.probe), 0) * times
