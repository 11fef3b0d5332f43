"""Pacing, statistics over samples, and honesty about our own distortion."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from llmprobe.engine.outcome.policy import judge
from llmprobe.engine.outcome.statistics import broken_limits, least_n
from llmprobe.engine.probing.attempt import Line, attempt
from llmprobe.engine.probing.pace import LagMeter, Pace
from llmprobe.engine.probing.slots import FIRST, KERNEL_CLOCK, LOOP_CLOCK, Slots
from llmprobe.model import (
    Category,
    Credential,
    ProbeKind,
    QuantileLimit,
    RateLimit,
    Secret,
    Status,
    Thresholds,
    Timings,
)
from llmprobe.transport.network.resolver import interleave, resolve
from tests.support import Served, a_target, check, check_one

LIMIT = QuantileLimit("ttft", 0.95, 1.0)


def samples(*ttfts: float | None) -> Sequence[tuple[bool, Timings]]:
    """None is a failed sample."""
    return [(ttft is None, Timings(ttft_s=ttft)) for ttft in ttfts]


@pytest.mark.parametrize(
    ("taken", "planned", "broken"),
    [
        (samples(*[0.5] * 20), 20, False),
        (samples(*[0.5] * 18, 2.0, 2.0), 20, True),
        (samples(*[0.5] * 18, None, None), 20, True),
        (samples(2.0, 2.0), 20, True),
        (samples(*[0.5] * 19), 20, False),
        (samples(*[0.5] * 18), 20, None),
        (samples(*[0.5] * 19), 19, None),
    ],
)
def test_a_quantile_is_judged_as_soon_as_it_is_decided(
    taken: Sequence[tuple[bool, Timings]], planned: int, broken: bool | None
) -> None:
    """And never with fewer samples than it needs; failures are slower than any limit."""
    judged = broken_limits([LIMIT], taken, planned)
    assert [is_broken for _, is_broken in judged] == ([] if broken is None else [broken])


def test_each_quantile_needs_its_n() -> None:
    assert [least_n(q) for q in (0.5, 0.9, 0.95, 0.99)] == [3, 10, 20, 100]


def test_samples_stop_early_when_the_limit_is_decided(sim: Served) -> None:
    """Two slow ones of twenty already break a p95."""
    target = a_target(
        sim.at("slow_first_token:60ms"), thresholds=Thresholds(quantiles=(QuantileLimit("ttft", 0.95, 0.01),))
    )
    result = check_one(target, samples=20)

    assert (result.status, result.category) == (Status.DEGRADED, Category.SLOW)
    assert result.stats is not None
    assert result.stats.n == 2
    assert "decided after 2 of 20 samples" in result.notes


def test_a_quantile_that_n_cannot_carry_is_told(sim: Served) -> None:
    result = check_one(a_target(sim.at("ok"), thresholds=Thresholds(quantiles=(LIMIT,))), samples=3)
    assert result.status is Status.HEALTHY
    assert "ttft p95 needs 20 samples: not judged" in result.notes


def test_a_threshold_under_our_own_lag_is_uncertain(sim: Served) -> None:
    """What we may have caused ourselves is a note, not an accusation."""
    target = a_target(sim.at("slow_headers:50ms"), thresholds=Thresholds(total_s=0.04))

    async def observe() -> Any:
        return await attempt(Line(target), target, ProbeKind.CHAT)

    seen = asyncio.run(observe())
    accused, _ = judge(seen, target, RateLimit(), 0.0)
    spared, notes = judge(seen, target, RateLimit(), 5.0)
    assert accused.category is Category.SLOW
    assert spared.category is Category.OK
    assert "uncertain" in notes[-1]


def test_the_rate_is_kept(sim: Served) -> None:
    """Starts are spaced, however many slots are free."""
    started = time.monotonic()
    check(
        *(replace(a_target(sim.at("ok"), name=f"t{i}"), probes=(ProbeKind.CHAT,)) for i in range(6)),
        rate_per_s=20,
    )
    assert time.monotonic() - started >= 5 / 20


def test_a_key_s_own_limit_is_kept(sim: Served) -> None:
    """Targets that share a key share its limit."""
    key = Credential(Secret("the-shared-key"), "authorization", "Bearer", "test")
    targets = [a_target(sim.at("slow_headers:150ms"), name=f"t{i}", credential=key) for i in range(4)]
    started = time.monotonic()
    check(*(replace(t, probes=(ProbeKind.CHAT,)) for t in targets), per_key=1)
    assert time.monotonic() - started >= 0.6


def test_a_start_waits_for_an_idle_loop() -> None:
    """While the loop is busy nothing starts; but never for long."""

    async def main() -> float:
        pace = Pace(Slots(4, adaptive=False), 4, lag=LagMeter())
        busy = asyncio.ensure_future(_busy(0.03))
        started = time.perf_counter()
        await pace.idle()
        elapsed = time.perf_counter() - started
        await busy
        return elapsed

    assert asyncio.run(main()) < 0.5


async def _busy(seconds: float) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        time.sleep(0.001)
        await asyncio.sleep(0)


def test_the_lag_meter_sees_a_blocked_loop() -> None:
    async def main() -> tuple[float, float]:
        with LagMeter() as lag:
            await asyncio.sleep(0.02)
            before = time.perf_counter()
            time.sleep(0.08)
            await asyncio.sleep(0.02)
            return lag.since(before), lag.since(time.perf_counter())

    worst, later = asyncio.run(main())
    assert worst >= 0.05
    assert later == 0.0


def test_a_hundred_slow_names_read_as_slow_as_each_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Timed inside the thread, in a pool that does not queue them: asyncio's own reads ten times too slow."""

    def slow(host: str, port: int, **_: Any) -> list[Any]:
        time.sleep(0.05)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", slow)

    async def main() -> tuple[list[float], float]:
        started = time.perf_counter()
        found = await asyncio.gather(*(resolve(f"h{i}.example", 443) for i in range(100)))
        return [seconds for _, seconds in found], time.perf_counter() - started

    seconds, wall = asyncio.run(main())
    assert min(seconds) >= 0.05
    assert sorted(seconds)[50] < 0.1
    assert wall < 1.0


def test_addresses_are_tried_by_turns() -> None:
    """The family that the system prefers first, then one of each."""
    six, four = socket.AF_INET6, socket.AF_INET
    found = interleave([(six, "a"), (six, "b"), (four, "c"), (four, "d"), (four, "e")])
    assert [where for _, where in found] == ["a", "c", "b", "d", "e"]


def test_happy_eyeballs_prefer_what_answers(sim: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead first address costs no failure: the next one is tried, and both are on record."""
    port = int(sim.url.rsplit(":", 1)[1])
    addresses = [("127.0.0.1", 1), ("127.0.0.1", port)]
    infos = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: infos)

    result = check_one(a_target(f"http://two-addresses.example:{port}/v1"), ProbeKind.CHAT)
    assert result.status is Status.HEALTHY
    assert result.peer == f"127.0.0.1:{port}"
    assert [c.outcome == "ok" for c in result.connects] == [False, True]


async def _hold(slots: Slots, until: asyncio.Event) -> None:
    async with slots:
        await until.wait()


def _limits_after(slots: Slots, lag_s: float, *, waiting: int, windows: int) -> list[int]:
    """The limit after each window of one lag, with so many probes that want a place."""

    async def main() -> list[int]:
        over = asyncio.Event()
        tasks = [asyncio.ensure_future(_hold(slots, over)) for _ in range(waiting)]
        limits = []
        for _ in range(windows):
            await asyncio.sleep(0)
            for _ in range(5):
                slots.heard(lag_s)
            limits.append(slots.limit)
        over.set()
        await asyncio.gather(*tasks)
        return limits

    return asyncio.run(main())


def test_an_adaptive_limit_grows_to_its_bound_while_the_loop_is_on_time() -> None:
    slots = Slots(100, adaptive=True)
    limits = _limits_after(slots, 0.0, waiting=200, windows=20)
    assert limits[0] > FIRST
    assert limits == sorted(limits)
    assert limits[-1] == 100
    assert slots.peak == 100


def test_it_grows_only_where_a_probe_waits_for_a_place() -> None:
    assert set(_limits_after(Slots(100, adaptive=True), 0.0, waiting=FIRST, windows=5)) == {FIRST}


@pytest.mark.parametrize("bearable", [KERNEL_CLOCK, LOOP_CLOCK])
def test_it_shrinks_while_the_loop_is_late_but_never_to_nothing(bearable: Any) -> None:
    slots = Slots(100, adaptive=True)
    slots.bearable = bearable
    limits = _limits_after(slots, 2 * bearable.late_s, waiting=50, windows=20)
    assert limits[0] < FIRST
    assert limits[-1] == bearable.least


def test_between_the_two_it_stays() -> None:
    """A loop whose lag only the kernel's clock bears is neither on time nor late for it."""
    assert set(_limits_after(Slots(100, adaptive=True), 0.01, waiting=50, windows=5)) == {FIRST}


def test_a_limit_that_was_asked_for_stays_as_it_is() -> None:
    slots = Slots(3, adaptive=False)
    assert set(_limits_after(slots, 1.0, waiting=9, windows=5)) == {3}
    assert slots.peak == 3


def test_a_place_given_to_a_probe_that_is_cancelled_goes_to_the_next() -> None:
    """Cancelled while it waits, and just after its turn has come."""

    async def main() -> bool:
        slots, over = Slots(1, adaptive=False), asyncio.Event()
        first, *cancelled, last = [asyncio.ensure_future(_hold(slots, over)) for _ in range(4)]
        await asyncio.sleep(0)
        cancelled[0].cancel()
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)  # the place of the first is given to the second of the cancelled
        cancelled[1].cancel()
        over.set()
        await asyncio.wait_for(last, 5)
        await asyncio.gather(first, *cancelled, return_exceptions=True)
        return slots.peak == 1

    assert asyncio.run(main())


def test_without_stamps_starts_keep_further_apart() -> None:
    """Where the loop's lag is the error of the measurement, neighbours in a burst must not meet."""

    async def taken_s(bearable: Any) -> float:
        slots = Slots(8, adaptive=True)
        slots.bearable = bearable
        pace = Pace(slots, 8, lag=LagMeter())
        started = time.perf_counter()
        for _ in range(20):
            await pace.idle()
        return time.perf_counter() - started

    assert asyncio.run(taken_s(LOOP_CLOCK)) >= 19 * LOOP_CLOCK.spacing_s > 19 * KERNEL_CLOCK.spacing_s


def test_the_run_says_how_many_probes_were_under_way(sim: Served) -> None:
    targets = [a_target(sim.at("slow_headers:50ms"), name=f"t{i}") for i in range(6)]
    fixed = check(*(replace(t, probes=(ProbeKind.CHAT,)) for t in targets), concurrency=2).self_facts
    chosen = check(*(replace(t, probes=(ProbeKind.CHAT,)) for t in targets)).self_facts
    assert fixed is not None
    assert (fixed.probes_at_once, fixed.probes_limit, fixed.adaptive) == (2, 2, False)
    assert chosen is not None
    assert chosen.adaptive
    assert 2 < (chosen.probes_at_once or 0) <= 6
