"""The schedule of `watch` and `serve`: days of it in milliseconds, on a clock that the tests set."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmprobe.monitor.hourly import HourlyTokens
from llmprobe.monitor.schedule import Done, Rhythm, Schedule, phase_of

DAY_S = 86400.0


class Clock:
    """Monotonic seconds that pass when a test says so."""

    def __init__(self, at: float = 0.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


class Rehearsal:
    """Drives a schedule as `watch` does, and notes when each probe began."""

    def __init__(self, schedule: Schedule, clock: Clock, lasts_s: dict[str, float] | None = None) -> None:
        self.schedule, self.clock, self.lasts_s = schedule, clock, lasts_s or {}
        self.began: dict[str, list[float]] = {}
        self.running: dict[str, float] = {}
        self.answer: Callable[[str, float], Done] = lambda name, at: Done()

    def until(self, end: float) -> None:
        while True:
            wait = self.schedule.wait_s()
            instants = [*self.running.values(), *([self.clock.at + wait] if wait is not None else [])]
            if not instants or min(instants) > end:
                self.clock.at = end
                return
            self.clock.at = max(self.clock.at, min(instants))
            self._turn()

    def _turn(self) -> None:
        for name in [name for name, ends in self.running.items() if ends <= self.clock.at]:
            del self.running[name]
            self.schedule.done(name, self.answer(name, self.clock.at))
        for name in self.schedule.due():
            assert name not in self.running, "an item overlaps with itself"
            self.began.setdefault(name, []).append(self.clock.at)
            self.running[name] = self.clock.at + self.lasts_s.get(name, 0.0)


def rehearsal(names: list[str], rhythm: Rhythm, lasts_s: dict[str, float] | None = None) -> Rehearsal:
    clock = Clock(12345.678)
    return Rehearsal(Schedule(dict.fromkeys(names, 10), rhythm, clock), clock, lasts_s)


def test_after_ten_days_a_probe_begins_at_its_instant_to_the_microsecond() -> None:
    shown = rehearsal(["a"], Rhythm(30.0), {"a": 7.3})
    start = shown.clock.at
    shown.until(start + 10 * DAY_S)
    began = shown.began["a"]
    assert len(began) == pytest.approx(10 * DAY_S / 30, abs=2)
    late = [(at - start - phase_of("a") * 30) % 30.0 for at in began[1:]]
    assert all(min(x, 30 - x) < 1e-6 for x in late)


def test_the_first_probes_come_at_once_and_the_others_are_spread_over_the_interval() -> None:
    names = [f"target-{n}" for n in range(200)]
    shown = rehearsal(names, Rhythm(60.0))
    start = shown.clock.at
    shown.until(start + 240)
    assert {began[0] for began in shown.began.values()} == {start}
    fourths = [0, 0, 0, 0]
    for began in shown.began.values():
        fourths[int((began[3] - start) % 60 // 15)] += 1
    assert min(fourths) > 30


def test_the_phase_of_a_name_is_the_same_in_every_process() -> None:
    assert phase_of("claude") == pytest.approx(0.244386, abs=1e-6)
    assert phase_of("gpt") != phase_of("claude")


@given(
    every=st.floats(1.0, 3600.0),
    lasts=st.floats(0.0, 5000.0),
    name=st.text(min_size=1, max_size=8),
    rounds=st.integers(5, 60),
)
def test_a_probe_never_overlaps_with_itself_and_keeps_half_an_interval_of_distance(
    every: float, lasts: float, name: str, rounds: int
) -> None:
    shown = rehearsal([name], Rhythm(every), {name: lasts})
    start = shown.clock.at
    shown.until(start + rounds * (every + lasts))
    began = shown.began[name]
    gaps = [b - a for a, b in zip(began, began[1:], strict=False)]
    assert all(gap >= max(lasts, every / 2) - 1e-6 for gap in gaps)
    assert all(gap <= max(lasts, every / 2) + every + 1e-6 for gap in gaps)


@given(
    every=st.floats(10.0, 900.0),
    pause=st.floats(0.0, 20000.0),
    burst=st.integers(0, 5),
)
def test_nothing_is_probed_before_a_pause_is_over(every: float, pause: float, burst: int) -> None:
    shown = rehearsal(["a"], Rhythm(every, burst=burst), {"a": 1.0})
    shown.answer = lambda name, at: Done(failed=True, pause_s=pause)
    shown.until(shown.clock.at + 20 * (pause + every))
    began = shown.began["a"]
    assert all(b - a >= 1.0 + pause - 1e-6 for a, b in zip(began, began[1:], strict=False))
    assert all(b - a <= 1.0 + pause + 1.5 * every + 1e-6 for a, b in zip(began, began[1:], strict=False))


def test_after_a_first_failure_three_probes_follow_quickly_and_then_the_rhythm_is_the_old_one() -> None:
    shown = rehearsal(["a"], Rhythm(60.0))
    start = shown.clock.at
    shown.until(start + 600)
    broken_at = shown.clock.at
    shown.answer = lambda name, at: Done(failed=True)
    shown.until(start + 1800)
    began = [at for at in shown.began["a"] if at > broken_at]
    gaps = [b - a for a, b in zip(began, began[1:], strict=False)]
    assert gaps[:3] == pytest.approx([15.0, 15.0, 15.0])
    assert gaps[4:] == pytest.approx([60.0] * len(gaps[4:]))
    late = (began[-1] - start - phase_of("a") * 60) % 60
    assert min(late, 60 - late) < 1e-6, "a burst does not shift the phase"


def test_a_target_that_stays_down_is_not_probed_more_often_for_ever() -> None:
    shown = rehearsal(["a"], Rhythm(30.0))
    shown.answer = lambda name, at: Done(failed=True)
    shown.until(shown.clock.at + DAY_S)
    assert len(shown.began["a"]) <= DAY_S / 30 + 5


def test_a_recovery_ends_the_quick_probes() -> None:
    shown = rehearsal(["a"], Rhythm(60.0))
    shown.answer = lambda name, at: Done(failed=len(shown.began["a"]) == 1)
    shown.until(shown.clock.at + 600)
    gaps = [b - a for a, b in zip(shown.began["a"], shown.began["a"][1:], strict=False)]
    assert gaps[0] == pytest.approx(15.0)
    assert min(gaps[1:]) >= 30.0


@settings(deadline=None, max_examples=40)
@given(
    limit=st.integers(1, 20000),
    every=st.floats(20.0, 600.0),
    costs=st.dictionaries(st.text(min_size=1, max_size=4), st.integers(0, 500), min_size=1, max_size=8),
    used=st.floats(0.0, 1.0),
)
def test_no_hour_costs_more_than_the_budget(
    limit: int, every: float, costs: dict[str, int], used: float
) -> None:
    clock = Clock()
    shown = Rehearsal(Schedule(costs, Rhythm(every, tokens_per_hour=limit), clock), clock)
    spent: list[tuple[float, int]] = []

    def answer(name: str, at: float) -> Done:
        tokens = int(costs[name] * used)
        spent.append((at, tokens))
        return Done(failed=len(spent) % 7 == 0, tokens=tokens)

    shown.answer = answer
    shown.until(3 * 3600.0)
    hour: deque[tuple[float, int]] = deque()
    for at, tokens in spent:
        hour.append((at, tokens))
        while hour[0][0] <= at - 3600.0:
            hour.popleft()
        assert sum(tokens for _, tokens in hour) <= limit


def test_a_small_budget_is_spread_over_the_hour_and_over_the_targets() -> None:
    names = [f"target-{n}" for n in range(5)]
    shown = rehearsal(names, Rhythm(30.0, tokens_per_hour=1100))
    shown.answer = lambda name, at: Done(tokens=10)
    assert shown.schedule.every_s == 180.0, "30 s would cost 6,000 tokens an hour"
    start = shown.clock.at
    shown.until(start + 6 * 3600)
    counts = [len(shown.began[name]) for name in names]
    assert max(counts) - min(counts) <= 2
    assert sum(counts) >= 6 * 100 * 0.98
    gaps = [b - a for name in names for a, b in zip(shown.began[name], shown.began[name][1:], strict=False)]
    assert max(gaps) <= 2 * 180.0 + 1e-6


def test_an_estimate_that_was_too_high_gives_way_to_what_probes_really_cost() -> None:
    clock = Clock()
    schedule = Schedule({"a": 4000}, Rhythm(30.0, tokens_per_hour=4000), clock)
    shown = Rehearsal(schedule, clock)
    shown.answer = lambda name, at: Done(tokens=20)
    assert schedule.every_s == 3660.0
    shown.until(14 * 3600.0)
    assert schedule.every_s == 30.0


def test_a_probe_that_the_budget_does_not_carry_waits_and_says_so() -> None:
    clock = Clock()
    schedule = Schedule({"a": 500}, Rhythm(30.0, tokens_per_hour=400), clock)
    assert schedule.due() == []
    assert schedule.is_held("a")
    assert schedule.wait_s() is not None
    assert (schedule.wait_s() or 0) > 0


def test_a_change_of_items_keeps_what_remains_and_probes_what_is_new_at_once() -> None:
    shown = rehearsal(["a", "b"], Rhythm(60.0))
    shown.until(shown.clock.at + 300)
    before = shown.schedule.next_in_s("a")
    shown.schedule.change({"a": 10, "c": 10}, Rhythm(60.0))
    assert shown.schedule.next_in_s("a") == before
    assert shown.schedule.due() == ["c"]


def test_a_change_does_not_end_a_pause() -> None:
    clock = Clock()
    schedule = Schedule({"a": 1}, Rhythm(30.0), clock)
    assert schedule.due() == ["a"]
    schedule.done("a", Done(failed=True, pause_s=1000.0))
    schedule.change({"a": 1}, Rhythm(10.0))
    assert (schedule.next_in_s("a") or 0) >= 1000.0


def test_an_item_that_is_taken_out_while_it_is_probed_gives_its_tokens_back_and_does_not_return() -> None:
    clock = Clock()
    schedule = Schedule({"a": 100, "b": 100}, Rhythm(30.0, tokens_per_hour=200), clock)
    assert schedule.due() == ["a", "b"]
    schedule.change({"b": 100}, Rhythm(30.0, tokens_per_hour=200))
    schedule.done("a", Done(tokens=7))
    assert schedule.tokens.spent == 7
    assert schedule.tokens.reserve(93)
    assert schedule.wait_s() is None


def test_an_item_that_comes_back_while_its_probe_still_runs_is_not_probed_twice_at_once() -> None:
    clock = Clock()
    schedule = Schedule({"a": 1}, Rhythm(30.0), clock)
    assert schedule.due() == ["a"]
    schedule.change({}, Rhythm(30.0))
    schedule.change({"a": 1}, Rhythm(30.0))
    assert schedule.due() == []
    schedule.done("a", Done())
    assert schedule.wait_s() is not None


def test_a_machine_that_slept_probes_each_target_once_and_goes_on() -> None:
    shown = rehearsal(["a", "b"], Rhythm(30.0))
    shown.until(shown.clock.at + 300)
    counts = {name: len(began) for name, began in shown.began.items()}
    shown.clock.at += 8 * 3600.0
    shown.until(shown.clock.at)
    assert {name: len(began) - counts[name] for name, began in shown.began.items()} == {"a": 1, "b": 1}


def test_the_hour_forgets_by_the_minute_and_stays_small() -> None:
    clock = Clock()
    tokens = HourlyTokens(None, clock)
    for second in range(int(2 * DAY_S)):
        clock.at = float(second)
        tokens.spend(1)
    assert 3600 <= tokens.spent <= 3661
    assert len(tokens._minutes) <= 62
    clock.at += 7200.0
    assert tokens.spent == 0
