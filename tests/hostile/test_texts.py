"""What servers write into headers: any text is a fact or nothing, never an exception and never a long search."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmprobe.classify.retry_after import retry_after_s, wait_in_text
from llmprobe.model import Evidence, Exchange, Phase, ProbeKind
from llmprobe.providers.rate_limit import windows_of

NOW_S = 1_790_000_000.0
NUMBERS = st.one_of(
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(["1e999", "NaN", "-1", "0x10", "1_000", "9" * 400]),
)
DATES = st.datetimes().map(lambda at: at.strftime("%a, %d %b %Y %H:%M:%S GMT"))
VALUES = st.one_of(st.text(max_size=80), NUMBERS, DATES, NUMBERS.map(lambda number: number + "s"))
NAMES = st.sampled_from([
    "retry-after", "retry-after-ms", "x-ratelimit-reset-requests", "x-ratelimit-limit", "ratelimit", "x-tokenlimit-remaining",
    "anthropic-ratelimit-tokens-reset", "x-ratelimit-remaining-tokens",
])  # fmt: skip


@given(st.lists(st.tuples(NAMES, VALUES), max_size=6))
def test_no_header_makes_a_wait_that_is_no_wait(headers: list[tuple[str, str]]) -> None:
    """Seconds that one can wait, or none at all: never negative, never infinite."""
    seen = Exchange(Phase.DONE, status=429, headers=tuple(headers))
    wait_s = retry_after_s(Evidence("p", "openai-chat", ProbeKind.CHAT, seen, now_s=NOW_S))
    assert wait_s is None or 0 <= wait_s < float("inf")


@given(st.lists(st.tuples(NAMES, VALUES), max_size=6))
def test_no_header_makes_a_window_of_nonsense(headers: list[tuple[str, str]]) -> None:
    for window in windows_of(headers, NOW_S):
        figures = (window.limit, window.remaining, window.reset_s) if window else ()
        assert all(figure is None or 0 <= figure < float("inf") for figure in figures)


@given(st.text(max_size=300))
def test_no_text_makes_a_wait_that_is_no_wait(text: str) -> None:
    wait_s = wait_in_text(text)
    assert wait_s is None or 0 <= wait_s < float("inf")
