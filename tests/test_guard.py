"""The cost guard, on a clock that the test turns."""

from __future__ import annotations

from llmprobe.config.serve import GuardSettings
from llmprobe.model import Category, Fault, HttpFacts, Pause, ProbeKind, RateLimit, Result, Status, Tokens
from llmprobe.model.served import Hit
from llmprobe.monitor.guard import Guard, Key, cost_of

KEY: Key = ("t", ProbeKind.STREAM)
OTHER: Key = ("u", ProbeKind.STREAM)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def result(
    status: Status = Status.HEALTHY, category: Category = Category.OK, *, http: int | None = 200,
    retry_after_s: float | None = None, tokens: Tokens | None = None,
) -> Result:  # fmt: skip
    return Result(
        "t", "p", "d", "m", ProbeKind.STREAM, "http://x", status, category, None, None, "",
        http=HttpFacts(http), rate_limit=RateLimit(retry_after_s=retry_after_s),
        tokens=tokens or Tokens(10, 5, counted_by="server"),
    )  # fmt: skip


def guard(min_interval_s: float = 30.0, tokens_per_hour: int | None = None) -> tuple[Guard, Clock]:
    clock = Clock()
    return Guard(GuardSettings(min_interval_s, tokens_per_hour), clock), clock


def probed(guard: Guard, key: Key = KEY, found: Result | None = None, **how: bool) -> Hit | None:
    hit = guard.admit(key, 40, **how)
    if hit is None:
        guard.end(key, found or result())
    return hit


def test_a_request_that_comes_too_soon_gets_no_new_probe() -> None:
    one, clock = guard()
    assert probed(one) is None
    clock.now += 29.9
    assert probed(one) is Hit.INTERVAL
    assert probed(one, OTHER) is None
    clock.now += 0.2
    assert probed(one) is None


def test_what_is_due_by_its_schedule_is_never_too_soon() -> None:
    one, clock = guard()
    assert probed(one) is None
    clock.now += 1
    assert probed(one, on_schedule=True) is None
    assert probed(one) is Hit.INTERVAL


def test_the_hour_s_tokens_are_for_all_targets_together_and_come_back_after_an_hour() -> None:
    one, clock = guard(0.0, tokens_per_hour=60)
    assert probed(one) is None
    assert probed(one, OTHER) is None
    assert probed(one) is Hit.BUDGET
    assert one.tokens.spent == 30
    clock.now += 3700
    assert probed(one) is None


def test_tokens_of_probes_under_way_are_held_back() -> None:
    one, _ = guard(0.0, tokens_per_hour=60)
    assert one.admit(KEY, 40) is None
    assert one.running == 1
    assert one.admit(OTHER, 40) is Hit.BUDGET
    one.end(KEY, result())
    assert one.running == 0
    assert one.admit(OTHER, 40) is None


def test_a_pause_that_a_server_asked_for_is_kept_and_then_over() -> None:
    one, clock = guard(0.0)
    limited = result(Status.FAILED, Category.RATE_LIMITED, http=429, retry_after_s=60)
    assert probed(one, found=limited) is None
    clock.now += 45
    assert probed(one) is Hit.PAUSE
    assert one.paused_s(KEY) == 15
    clock.now += 15
    assert probed(one) is None
    assert one.paused_s(KEY) == 0


def test_pauses_of_an_earlier_process_are_remembered() -> None:
    one, clock = guard()
    one.remember(KEY, Pause("asked for", Category.RATE_LIMITED, Fault.CLIENT, 12.0))
    assert probed(one) is Hit.PAUSE
    clock.now += 12
    assert probed(one) is None


def test_other_limits_hold_at_once_and_costs_stay_known() -> None:
    one, clock = guard(30.0)
    assert probed(one) is None
    one.change(GuardSettings(5.0, 20))
    clock.now += 6
    assert probed(one) is Hit.BUDGET
    one.change(GuardSettings(5.0, None))
    assert probed(one) is None


def test_a_refusal_costs_nothing_and_an_answer_without_a_count_costs_what_it_may() -> None:
    assert cost_of(result(), 40) == 15
    assert cost_of(result(http=401), 40) == 0
    assert cost_of(result(http=None), 40) == 0
    assert cost_of(result(tokens=Tokens(output=3, counted_by="events")), 40) == 40
