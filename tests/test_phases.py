"""Where the time went: stretches that sum up, with silence, retries and pauses of their own."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from llmprobe.model import Category, Mark, Phase, ProbeKind, Timings
from llmprobe.reports import Look, renderer
from llmprobe.reports.json_report import phases_json, run_json
from llmprobe.reports.parts.bars import cells
from llmprobe.reports.parts.phases import Stretch, by_name, in_words, length_s, phases, timeline
from llmprobe.reports.parts.support import summary
from llmprobe.transport.tokens import TokenClock
from tests.runs import GOOD, MIXED
from tests.support import Served, a_target, check, check_one

_TIME = st.none() | st.floats(0, 90, allow_nan=False)
_TIMES = {name: _TIME for name in Timings.__struct_fields__ if name.endswith("_s") and name != "total_s"}
_ANY = st.builds(
    Timings,
    total_s=st.floats(0, 100),
    silences=st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), max_size=4).map(tuple),
    **_TIMES,
)
STALLED = replace(GOOD, silences=((0.4, 0.7),))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(_ANY, st.none() | st.sampled_from(Phase))
def test_phases_follow_each_other_without_a_gap_and_sum_up_to_the_total(
    timings: Timings, ended_in: Phase | None
) -> None:
    """Whatever was measured, in whatever order, by whatever clock: from 0 to the end."""
    found = phases(timings, ended_in)
    total = timings.total_s or 0.0

    assert all(a.end_s == b.start_s for a, b in pairwise(found))
    assert all(span.seconds > 0 for span in found)
    assert [span.start_s for span in found[:1]] == ([0.0] if total else [])
    assert length_s(found) == total
    assert sum(p["duration_ms"] for p in phases_json(timings, ended_in)) == pytest.approx(
        total * 1000, abs=0.01
    )


def test_nothing_timed_has_no_phases() -> None:
    assert phases(Timings(), None) == []
    assert phases_json(Timings(dns_s=1.0), Phase.CONNECT) == []


def test_phases_of_a_whole_stream() -> None:
    assert in_words(phases(GOOD, Phase.DONE)) == (
        "dns 12 ms, connect 20 ms, tls 31 ms, send 1.0 ms, waiting 136 ms, first token 110 ms, stream 490 ms"
    )
    assert sum(count for _, count in cells(phases(GOOD, Phase.DONE), 0.8, 40)) == 40


@pytest.mark.parametrize(
    ("ended_in", "timings", "last"),
    [
        (Phase.RESOLVE, Timings(total_s=1.0), Stretch.DNS),
        (Phase.CONNECT, Timings(dns_s=0.1, total_s=1.0), Stretch.CONNECT),
        (Phase.TLS, Timings(dns_s=0.1, connect_s=0.1, total_s=1.0), Stretch.TLS),
        (Phase.SEND, Timings(connect_s=0.1, total_s=1.0), Stretch.SEND),
        (Phase.HEADERS, Timings(connect_s=0.1, send_s=0.1, sent_s=0.2, total_s=1.0), Stretch.WAITING),
        (Phase.FIRST_TOKEN, Timings(sent_s=0.2, headers_s=0.3, total_s=1.0), Stretch.FIRST_TOKEN),
        (
            Phase.STREAM,
            Timings(headers_s=0.3, ttft_s=0.4, total_s=1.0, silences=((0.5, 1.0),)),
            Stretch.SILENCE,
        ),
        (Phase.DONE, Timings(headers_s=0.3, total_s=1.0), Stretch.ANSWER),
    ],
)
def test_what_failed_keeps_its_phases_up_to_where_it_ended(
    ended_in: Phase, timings: Timings, last: Stretch
) -> None:
    assert phases(timings, ended_in)[-1].name is last
    assert length_s(phases(timings, ended_in)) == 1.0


def test_time_before_sending_that_no_phase_explains_has_a_name() -> None:
    tunnel = Timings(connect_s=0.02, send_s=0.001, sent_s=0.221, headers_s=0.3, total_s=0.4)
    assert in_words(phases(tunnel, Phase.DONE)).startswith("connect 20 ms, other 200 ms, send 1.0 ms")


def test_silence_is_cut_out_of_the_stream() -> None:
    assert in_words(phases(STALLED, Phase.DONE)).endswith("stream 190 ms, silence 300 ms")
    names = [span.name for span in phases(STALLED, Phase.DONE)]
    assert names[-3:] == [Stretch.STREAM, Stretch.SILENCE, Stretch.STREAM]


@pytest.mark.parametrize(
    ("reads", "ended", "silences"),
    [
        ([1.0, 1.02, 1.04, 1.06], 1.07, []),
        ([1.0, 1.02, 1.04, 1.06, 2.07, 2.09], 2.1, [(1.06, 2.07)]),
        ([1.0, 1.5, 2.0, 2.5, 3.0], 3.1, []),
        ([1.0, 1.5, 2.0, 2.5, 3.0, 7.0, 7.5], 7.6, [(3.0, 7.0)]),
        ([1.0, 2.0], 2.0, [(1.0, 2.0)]),
        ([1.0], 6.0, [(1.0, 6.0)]),
        ([], 6.0, []),
    ],
    ids=["steady", "a stall", "slow but steady", "slow with a stall", "two pieces", "broke off", "none"],
)
def test_a_gap_is_a_silence_where_it_is_long_beside_the_others(
    reads: list[float], ended: float, silences: list[tuple[float, float]]
) -> None:
    """A slow model's usual pace is no silence; the time after the last piece may be one."""
    clock = TokenClock()
    for number, at in enumerate(reads):
        clock.note(Mark.TEXT, at, number)
    assert clock.silences(ended) == silences


def test_only_the_longest_silences_are_kept_in_their_order() -> None:
    clock = TokenClock()
    at = 0.0
    for number in range(200):
        at += 0.01 if number % 3 else 1.0 + number / 1000
        clock.note(Mark.TEXT, at, number)
    found = clock.silences(at)
    assert len(found) == 20
    assert found == sorted(found)
    assert found[-1][1] - found[-1][0] == pytest.approx(1.198)


def test_a_stall_is_drawn_as_silence_in_every_output(sim: Served) -> None:
    """Two tokens and then nothing: most of the time was silence, and each report says so."""
    run = check(a_target(sim.at("stall")))
    found = by_name(phases(run.results[0].timings, run.results[0].phase))
    assert run.results[0].category is Category.STREAM_STALLED
    assert sum(span.seconds for span in found[Stretch.SILENCE]) >= 0.45

    document = run_json(run)["results"][0]
    for place in (document, document["attempts"][-1]):
        assert sum(p["duration_ms"] for p in place["phases"]) == pytest.approx(
            place["timings_ms"]["total"], abs=0.01
        )
        assert "silence" in [p["name"] for p in place["phases"]]
    table = renderer("table")(run, Look(width=140))
    assert "╌╌╌" in table
    assert "╌ silence" in table
    assert "___" in renderer("table")(run, Look(width=140, unicode=False))
    assert "silence " in renderer("table")(run, Look(width=80, verbose=True))
    assert 'class="silence"' in renderer("html")(run, Look())
    assert "silence " in renderer("markdown")(run, Look())
    assert "silence " in summary(run.conclusion, run.results, (), run.started_at_utc, run.version), (
        "the bundle's"
    )


def test_retries_and_the_pauses_before_them_are_measured_and_drawn(sim: Served) -> None:
    target = a_target(sim.at("overloaded"), retries=1)
    seen = check_one(target, ProbeKind.CHAT)
    assert [a.waited_s is not None for a in seen.attempts] == [False, True]
    assert (seen.attempts[1].waited_s or 0) >= 0.3

    names = [span.name for span in timeline(seen)]
    assert names[:2] == [Stretch.RETRY, Stretch.PAUSE]
    assert length_s(timeline(seen)) > seen.timings.total_s if seen.timings.total_s else False
    assert "pause" in renderer("table")(replace(MIXED, results=[seen]), Look(width=80, verbose=True))
    assert 'class="retry"' in renderer("html")(replace(MIXED, results=[seen]), Look())


def test_samples_are_no_retries_of_each_other(sim: Served) -> None:
    seen = check_one(a_target(sim.url + "/v1"), ProbeKind.CHAT, samples=3)
    assert Stretch.RETRY not in [span.name for span in timeline(seen)]
