"""What ends a run early, and limits that turn a working answer into a failure."""

from __future__ import annotations

import pytest

from llmprobe.engine.outcome.exit_code import FailOn
from llmprobe.engine.outcome.merge import merged
from llmprobe.engine.probing.budget import estimate
from llmprobe.model import Category, ExitCode, Fault, Limit, ProbeKind, Status, Thresholds
from tests.support import Served, a_target, check, check_one


def test_what_is_unfinished_at_the_deadline_is_skipped_and_not_green(sim: Served) -> None:
    """What was measured before stays; what was cut off says so."""
    quick, slow = a_target(sim.url, name="quick"), a_target(sim.at("slow_headers:1500ms"), name="slow")
    done = check(quick, slow, deadline_s=0.5)

    assert [r.status for r in done.results] == [Status.HEALTHY, Status.SKIPPED]
    assert done.results[1].category is Category.DEADLINE
    assert done.results[1].reason == "unfinished when the run's deadline of 500 ms came"
    assert done.exit_code is ExitCode.FAILED


def test_what_waits_for_a_slot_at_the_deadline_was_not_begun(sim: Served) -> None:
    targets = [a_target(sim.at("slow_headers:1500ms"), name=str(n)) for n in range(2)]
    done = check(*targets, deadline_s=0.3, concurrency=1)
    assert [r.reason.split(" when")[0] for r in done.results] == ["unfinished", "not begun"]


def test_a_budget_is_shared_and_what_it_cannot_carry_is_skipped(sim: Served) -> None:
    """Requests wait for what others may give back: the budget is used, not just reserved."""
    targets = [a_target(sim.url, name=str(n)) for n in range(20)]
    one = check_one(targets[0]).tokens
    assert one.input is not None
    assert one.output is not None
    most = estimate(targets[0], ProbeKind.STREAM)
    limit = most + 5 * (one.input + one.output)
    done = check(*targets, max_tokens_total=limit)

    spent = sum((r.tokens.input or 0) + (r.tokens.output or 0) for r in done.results)
    assert spent <= limit
    healthy = [r for r in done.results if r.status is Status.HEALTHY]
    assert len(healthy) >= 6
    assert {r.category for r in done.results if r not in healthy} == {Category.BUDGET}
    assert done.exit_code is ExitCode.FAILED


def test_free_probes_need_no_budget(sim: Served) -> None:
    target = a_target(sim.url, probes=(ProbeKind.MODELS,))
    assert check(target, max_tokens_total=1).results[0].status is Status.HEALTHY


def test_a_budget_ends_samples_and_retries(sim: Served) -> None:
    target = a_target(sim.url)
    most = estimate(target, ProbeKind.STREAM)
    result = check(target, max_tokens_total=2 * most, samples=50).results[0]

    assert result.status is Status.HEALTHY
    assert result.stats is not None
    assert 2 <= result.stats.n < 50
    assert f"token budget used up after {result.stats.n} of 50 samples" in result.notes


def test_a_refusal_costs_nothing(sim: Served) -> None:
    """So a run of refused requests does not use up the budget of those that follow."""
    targets = [a_target(sim.at("auth"), name=str(n)) for n in range(5)]
    most = estimate(targets[0], ProbeKind.STREAM)
    done = check(*targets, max_tokens_total=most)
    assert {r.category for r in done.results} == {Category.AUTH}


@pytest.mark.parametrize(
    ("warn", "crit", "status"),
    [
        (0.05, None, Status.DEGRADED),
        (0.05, 0.1, Status.FAILED),
        (5.0, 9.0, Status.HEALTHY),
        (None, 0.1, Status.FAILED),
    ],
)
def test_a_critical_threshold_makes_slow_a_failure(
    sim: Served, warn: float | None, crit: float | None, status: Status
) -> None:
    thresholds = Thresholds(ttft_s=warn, critical={"ttft": crit} if crit else {})
    result = check_one(a_target(sim.at("slow_first_token:300ms"), thresholds=thresholds))

    assert result.status is status
    assert result.limits == {"ttft": Limit(warn, crit)}
    if status is Status.FAILED:
        assert result.category is Category.SLOW
        assert result.fault is Fault.PROVIDER
        assert "critical limit 100 ms" in result.reason


def test_a_second_look_replaces_the_first(sim: Served) -> None:
    """What was probed again speaks; the rest stays as it was."""
    bad, good = a_target(sim.at("overloaded"), name="a"), a_target(sim.url, name="b")
    first = check(bad, good)
    second = check(a_target(sim.url, name="a"))
    both = merged(first, second, [], FailOn())

    assert first.exit_code is ExitCode.FAILED
    assert [r.status for r in both.results] == [Status.HEALTHY, Status.HEALTHY]
    assert (both.exit_code, both.conclusion) == (ExitCode.OK, "All 2 healthy.")
