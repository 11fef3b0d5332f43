"""`watch`: the loop over the schedule, its history, its alerts, and its memory."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import llmprobe
from llmprobe.config import Plan
from llmprobe.config.alerts import AlertSettings
from llmprobe.errors import BusyError, UsageError
from llmprobe.model import Category, ExitCode, Fault, Group, ProbeKind, Result, Run, Secret, Status, Target
from llmprobe.model.past import ChangeKind
from llmprobe.model.watching import Begun, Update
from llmprobe.monitor.clock import Clock
from llmprobe.monitor.items import Item, items_of
from llmprobe.monitor.job import Job, options_for, tracking_for
from llmprobe.monitor.notes import Once
from llmprobe.monitor.schedule import Rhythm
from llmprobe.monitor.watch import Watch
from llmprobe.simulator.scenario import Scenario, Step
from tests.hooks import hook_server
from tests.outage import OUTAGE, play
from tests.runs import MIXED, result
from tests.support import Served, a_target


class Leaping(Clock):
    """Time that passes at once, at least `step_s` at a time, as soon as nothing else is to be done."""

    def __init__(self, step_s: float = 0.0) -> None:
        self.at = 0.0
        self._step_s = step_s

    def now(self) -> float:
        return self.at

    async def wait(self, seconds: float | None, events: Sequence[asyncio.Event]) -> None:
        for _ in range(3 if seconds is not None else 1000):
            await asyncio.sleep(0)
            if any(event.is_set() for event in events):
                return
        assert seconds is not None, "nothing would ever wake it"
        self.at += max(seconds, self._step_s)


_one = lru_cache(100)(result)


class Played:
    """Results out of nowhere: no socket, no file."""

    def __init__(self, status_of: Callable[[str, int], Status] = lambda name, n: Status.HEALTHY) -> None:
        self._status_of = status_of
        self.probed: list[tuple[str, int]] = []
        self.rounds = 0
        self.last: dict[str, int] = {}

    async def begin(self) -> Begun:
        return Begun()

    async def probe(self, item: Item) -> Run:
        number = self.last[item.name] = self.last.get(item.name, 0) + 1
        self.rounds += 1
        status = self._status_of(item.name, number)
        category, fault = (
            (Category.OK, None) if status is Status.HEALTHY else (Category.OVERLOADED, Fault.PROVIDER)
        )
        found = [_one(name, status, category, fault) for name in item.targets]
        code = ExitCode.OK if status is Status.HEALTHY else ExitCode.FAILED
        return replace(MIXED, results=found, groups=(), exit_code=code)

    async def record(self, found: Mapping[str, Run]) -> Update:
        runs = list(found.values())
        return Update(replace(runs[0], results=[r for run in runs for r in run.results]), tokens=17)

    def change(self, job: Job, items: Mapping[str, Item]) -> None:
        """Nothing is kept of a job."""

    async def end(self) -> None:
        """Nothing is left to be told."""


def job_for(
    targets: Sequence[Target], *, groups: Sequence[Group] = (), db: Path | None = None, **more: Any
) -> Job:
    plan = Plan.of(targets, groups)
    tracking = tracking_for(plan, db=db, record=db is not None, **more)
    return Job(plan, options_for(plan), tracking)


def named(*names: str) -> list[Target]:
    return [a_target("http://127.0.0.1:1", name=name) for name in names]


def rehearsed(source: Played, names: Sequence[str], rhythm: Rhythm, **limits: Any) -> Watch:
    """Run a watch on a leaping clock to its end."""

    async def watched() -> Watch:
        watch = Watch(job_for(named(*names)), rhythm, print, clock=Leaping(), source=source, **limits)
        async for _ in watch.updates():
            pass
        return watch

    return asyncio.run(watched())


async def all_of(watch: Watch) -> list[Update]:
    return [update async for update in watch.updates()]


def test_memory_is_flat_over_a_hundred_thousand_rounds() -> None:
    """Eight hours of a hundred targets at 30 s, or three days of ten: nothing may grow with them."""
    blocks: dict[int, int] = {}
    source = Played(lambda name, n: Status.FAILED if n // 50 % 5 == 4 else Status.HEALTHY)

    async def watched() -> None:
        watch = Watch(
            job_for(named(*(f"t{n}" for n in range(100)))),
            Rhythm(30.0, tokens_per_hour=10**9),
            print,
            clock=Leaping(5.0),
            source=source,
        )
        async for _ in watch.updates():
            mark = 60_000 if source.rounds < 100_000 else 100_000
            if source.rounds >= mark and mark not in blocks:
                gc.collect()
                blocks[mark] = sys.getallocatedblocks()
            if len(blocks) == 2:
                return

    asyncio.run(watched())
    assert source.rounds >= 100_000
    assert blocks[100_000] - blocks[60_000] < 5000, "400 rounds for each target left a trace"


def test_a_target_is_probed_as_often_as_asked_for_and_never_in_parallel_with_itself() -> None:
    source = Played()
    watch = rehearsed(source, ["a", "b", "c"], Rhythm(30.0), for_s=3600.0)
    assert all(120 <= count <= 122 for count in source.last.values())
    assert watch.worst is ExitCode.OK


def test_it_ends_after_so_many_probes_of_each_target() -> None:
    source = Played()
    rehearsed(source, ["a", "b", "c"], Rhythm(30.0), count=4)
    assert source.last == {"a": 4, "b": 4, "c": 4}


@pytest.mark.parametrize(
    ("bad_rounds", "worst"), [((), ExitCode.OK), ((2,), ExitCode.FAILED), ((1, 2, 3, 4), ExitCode.FAILED)]
)
def test_it_ends_with_the_code_of_the_worst_round(bad_rounds: tuple[int, ...], worst: ExitCode) -> None:
    source = Played(lambda name, n: Status.FAILED if name == "b" and n in bad_rounds else Status.HEALTHY)
    assert rehearsed(source, ["a", "b"], Rhythm(30.0), count=4).worst is worst


def test_probes_at_once_keep_to_the_limits_of_the_run() -> None:
    running, most = 0, 0

    class Slow(Played):
        async def probe(self, item: Item) -> Run:
            nonlocal running, most
            running += 1
            most = max(most, running)
            for _ in range(20):
                await asyncio.sleep(0)
            running -= 1
            return await super().probe(item)

    source = Slow()

    async def watched() -> None:
        job = job_for(named(*(f"t{n}" for n in range(40))))
        job = replace(job, options=replace(job.options, concurrency=7, per_host=5))
        await all_of(Watch(job, Rhythm(30.0), print, clock=Leaping(), source=source, count=3))

    asyncio.run(watched())
    assert most == 5
    assert set(source.last.values()) == {3}


def test_members_of_a_group_are_probed_together_and_others_for_themselves() -> None:
    job = job_for(
        named("a", "b", "c", "d", "e"),
        groups=[Group("one", ("a", "b"), 1), Group("two", ("b", "c"), 1), Group("three", ("d",), 1)],
    )
    found = {name: list(item.targets) for name, item in items_of(job).items()}
    assert found == {"group:one": ["a", "b", "c"], "group:three": ["d"], "e": ["e"]}


def test_an_hour_with_one_outage_tells_one_down_and_one_up() -> None:
    """Real requests, a real history, a real webhook; only the seconds are shorter."""
    played = play(OUTAGE)
    assert [alert["change"] for alert in played.alerts] == ["opened", "closed"]
    assert [change.kind for change in played.changes] == [ChangeKind.OPENED, ChangeKind.CLOSED]
    assert {alert["target"] for alert in played.alerts} == {"claude"}
    assert {alert["category"] for alert in played.alerts} == {"server_error"}
    assert played.worst is ExitCode.FAILED


def test_a_single_failure_is_told_to_nobody_where_two_are_asked_for() -> None:
    """The quick probe that follows it finds the server well again."""
    blip = Scenario((Step("ok", 600.0), Step("server_error", 35.0), Step("ok", None)))
    played = play(blip, for_s=1200.0, every_s=60.0, speed=120.0, confirm=4)
    assert played.alerts == []
    assert played.worst is ExitCode.FAILED


def test_targets_that_fall_together_are_told_of_once() -> None:
    played = play(OUTAGE, for_s=2400.0, names=["a", "b", "c"], confirm=1, speed=200.0)
    told: dict[str, list[str]] = {kind: [] for kind in ("opened", "closed")}
    for alert in played.alerts:
        told[alert["change"]] += alert["targets"]
    assert sorted(told["opened"]) == sorted(told["closed"]) == ["a", "b", "c"]


def test_a_member_of_a_group_that_still_works_is_told_to_nobody() -> None:
    group = Group("chat", ("claude", "spare"), 1)
    played = play(OUTAGE, for_s=2400.0, groups=[group], well=["spare"])
    assert played.alerts == []
    assert played.changes == []
    assert played.worst is ExitCode.OK


def test_a_group_without_a_working_member_is_one_alert() -> None:
    group = Group("chat", ("a", "b"), 1)
    played = play(OUTAGE, for_s=2400.0, names=["a", "b"], groups=[group])
    assert [(alert["change"], alert["target"]) for alert in played.alerts] == [
        ("opened", "group:chat"),
        ("closed", "group:chat"),
    ]


def test_a_retry_after_is_kept_to(serve: Callable[..., Served]) -> None:
    served = serve()

    async def watched() -> list[Update]:
        job = job_for([a_target(served.at("rate_limited:60"), probes=(ProbeKind.CHAT,))])
        return await all_of(Watch(job, Rhythm(0.2, burst_every_s=0.1), print, for_s=1.5))

    assert len(asyncio.run(watched())) == 1
    assert served.simulator.requests == 1


def test_results_are_recorded_as_those_of_check(sim: Served, tmp_path: Path) -> None:
    from llmprobe.history import open_history, queries

    db = tmp_path / "h.db"

    async def watched() -> None:
        job = job_for([a_target(sim.url, probes=(ProbeKind.CHAT,))], db=db)
        await all_of(Watch(job, Rhythm(0.3), print, count=3))

    asyncio.run(watched())
    with open_history(db) as history:
        assert [r.status for r in queries.recent(history, "t", 10)] == [Status.HEALTHY] * 3


def test_where_nothing_is_recorded_changes_are_told_all_the_same(serve: Callable[..., Served]) -> None:
    served = serve()

    async def watched() -> list[Update]:
        job = job_for([a_target(served.at("overloaded"), probes=(ProbeKind.CHAT,))])
        return await all_of(Watch(job, Rhythm(0.2, burst_every_s=0.2), print, count=2))

    updates = asyncio.run(watched())
    assert [change.kind for update in updates for change in update.changes] == [ChangeKind.OPENED]


def test_a_failure_that_began_before_the_watch_is_known_and_not_told_again(
    serve: Callable[..., Served], tmp_path: Path
) -> None:
    served, db = serve(), tmp_path / "h.db"

    async def watched() -> tuple[list[Update], Watch]:
        job = job_for([a_target(served.at("server_error"), probes=(ProbeKind.CHAT,))], db=db)
        watch = Watch(job, Rhythm(0.2, burst=0), print, count=2)
        return await all_of(watch), watch

    first, _ = asyncio.run(watched())
    second, watch = asyncio.run(watched())
    assert sum(len(update.changes) for update in first) == 1
    assert sum(len(update.changes) for update in second) == 0
    row = watch.standing().rows[0]
    assert row.is_incident
    assert row.since_utc == first[0].changes[0].incident.opened_at_utc


def test_the_cells_begin_with_the_checks_of_before(sim: Served, tmp_path: Path) -> None:
    async def watched() -> Watch:
        target = a_target(sim.url, probes=(ProbeKind.CHAT,))
        watch = Watch(job_for([target], db=tmp_path / "h.db"), Rhythm(0.2), print, count=2)
        await all_of(watch)
        return watch

    asyncio.run(watched())
    row = asyncio.run(watched()).standing().rows[0]
    assert len(row.cells) == 4
    assert row.spread.n == 2, "figures are of this watch"


def test_two_watches_of_one_configuration_that_alert_do_not_run_at_once(sim: Served, tmp_path: Path) -> None:
    alerts = AlertSettings(webhook=Secret("http://127.0.0.1:9/"))

    async def watched() -> None:
        def watch() -> Watch:
            job = job_for([a_target(sim.url, probes=(ProbeKind.CHAT,))], db=tmp_path / "h.db", alerts=alerts)
            return Watch(job, Rhythm(0.3), print, for_s=5.0)

        first = watch().updates()
        await anext(first)
        with pytest.raises(BusyError):
            await anext(watch().updates())
        await first.aclose()

    asyncio.run(watched())


def test_stop_ends_it_at_once_and_drops_what_is_being_probed(serve: Callable[..., Served]) -> None:
    served = serve()

    async def watched() -> tuple[list[Update], float]:
        stop = asyncio.Event()
        job = job_for([a_target(served.at("no_headers"))])
        job = replace(job, options=replace(job.options, stop=stop))
        loop = asyncio.get_running_loop()
        began = loop.time()
        loop.call_later(0.3, stop.set)
        return await all_of(Watch(job, Rhythm(30.0), print)), loop.time() - began

    updates, lasted_s = asyncio.run(watched())
    assert updates == []
    assert lasted_s < 1.9, "the probe would have taken 2 s"


def test_a_slow_webhook_delays_no_probe(serve: Callable[..., Served], tmp_path: Path) -> None:
    served = serve()
    with hook_server() as hook:
        hook.answers = [500] * 50

        async def watched() -> list[Update]:
            alerts = AlertSettings(webhook=Secret(hook.url))
            target = a_target(served.at("overloaded"), probes=(ProbeKind.CHAT,))
            job = job_for([target], db=tmp_path / "h.db", alerts=alerts)
            return await all_of(Watch(job, Rhythm(0.2, burst=0), lambda _: None, count=10))

        assert len(asyncio.run(watched())) == 10


def test_what_lasts_is_told_in_time_while_a_server_s_pause_keeps_us_from_probing(
    serve: Callable[..., Served], tmp_path: Path
) -> None:
    """An alert that is not renewed would end by itself; a heartbeat that stays away would be an alarm."""
    served = serve()
    with hook_server() as alertmanager, hook_server() as heartbeat:
        alerts = AlertSettings(
            alertmanager=[Secret(alertmanager.url)], heartbeat=Secret(heartbeat.url), every_s=0.5
        )

        async def watched() -> None:
            target = a_target(served.at("rate_limited:600"), probes=(ProbeKind.CHAT,))
            job = job_for([target], db=tmp_path / "h.db", alerts=alerts)
            await all_of(Watch(job, Rhythm(0.3), print, for_s=4.0))

        asyncio.run(watched())
    assert served.simulator.requests == 1
    assert len(alertmanager.calls) >= 3
    assert {path for _, path, _ in heartbeat.calls} == {"/fail"}
    assert len(heartbeat.calls) >= 3


def reloading(replan: Callable[[], Awaitable[Job]], first: Job, notes: list[str]) -> list[Update]:
    async def watched() -> list[Update]:
        updates = []
        watch = Watch(first, Rhythm(0.1, burst=0), notes.append, replan=replan, count=6)
        async for update in watch.updates():
            updates.append(update)
            if len(updates) == 2:
                watch.reload()
        return updates

    return asyncio.run(watched())


def test_a_reload_takes_other_targets_and_keeps_those_that_remain(sim: Served) -> None:
    def job(*names: str) -> Job:
        return job_for([a_target(sim.url, name=name, probes=(ProbeKind.CHAT,)) for name in names])

    async def replan() -> Job:
        return job("a", "c")

    notes: list[str] = []
    updates = reloading(replan, job("a", "b"), notes)
    seen: list[Result] = [r for update in updates for r in update.run.results]
    assert sum(r.target == "c" for r in seen) == 6
    assert sum(r.target == "a" for r in seen) == 6
    assert sum(r.target == "b" for r in seen) < 6
    assert notes == ["configuration reloaded: 2 targets"]


def test_a_broken_configuration_is_told_and_the_old_one_stays(sim: Served) -> None:
    async def replan() -> Job:
        raise UsageError("line 3: expected a number")

    notes: list[str] = []
    updates = reloading(replan, job_for([a_target(sim.url, probes=(ProbeKind.CHAT,))]), notes)
    assert len(updates) == 6
    assert notes == ["error: line 3: expected a number; going on with the configuration as it was"]


def test_the_same_trouble_is_mentioned_once_an_hour() -> None:
    said: list[str] = []
    now = 0.0
    once = Once(said.append, lambda: now)
    for second in range(7201):
        now = float(second)
        once("the disk is full")
        once(f"another {second}")
    assert said.count("the disk is full") == 3
    assert len(once._said) <= 100


def test_a_program_gets_updates_and_may_stop_listening(serve: Callable[..., Served]) -> None:
    served = serve()
    broken = llmprobe.target("simulator", served.at("overloaded"), name="broken", probes=("chat",))
    well = llmprobe.target("simulator", served.url, name="well", probes=("chat",))

    async def watched() -> list[Update]:
        updates: list[Update] = []
        async for update in llmprobe.watch([broken, well], every_s=0.2, count=20):
            updates.append(update)
            if sum(len(one.run.results) for one in updates) >= 4:
                break
        return updates

    updates = asyncio.run(watched())
    assert [c.incident.target for update in updates for c in update.changes] == ["broken"]
    assert updates[-1].worst is ExitCode.FAILED
    assert updates[-1].run.conclusion.startswith("1 of 2 healthy.")
    assert sum(update.tokens for update in updates) > 0


def test_a_program_s_mistakes_are_said_before_anything_is_sent() -> None:
    async def watched() -> None:
        async for _ in llmprobe.watch("nothing-of-this-name", config=None):
            raise AssertionError

    with pytest.raises(llmprobe.LlmprobeError):
        asyncio.run(watched())
