"""Rate-limit headers of many vendors, read by shape."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmprobe.model import Window
from llmprobe.providers.rate_limit import windows_of

NOW = 1_700_000_000.0


def test_openai_and_groq() -> None:
    """Go durations for the resets."""
    headers = [
        ("X-RateLimit-Limit-Requests", "500"), ("x-ratelimit-remaining-requests", "499"), ("x-ratelimit-reset-requests", "120ms"),
        ("x-ratelimit-limit-tokens", "200000"), ("x-ratelimit-remaining-tokens", "1000"), ("x-ratelimit-reset-tokens", "6m0s"),
    ]  # fmt: skip
    requests, tokens = windows_of(headers, NOW)

    assert requests == Window(500, 499, 0.12)
    assert tokens == Window(200000, 1000, 360)


def test_anthropic_shows_its_tightest_token_window() -> None:
    """Tokens, input and output tokens are three windows; the tightest one counts."""
    headers = [
        ("anthropic-ratelimit-requests-limit", "1000"), ("anthropic-ratelimit-requests-remaining", "998"),
        ("anthropic-ratelimit-requests-reset", "2023-11-14T22:14:20Z"),
        ("anthropic-ratelimit-input-tokens-limit", "1000"), ("anthropic-ratelimit-input-tokens-remaining", "1000"),
        ("anthropic-ratelimit-output-tokens-limit", "1000"), ("anthropic-ratelimit-output-tokens-remaining", "10"),
    ]  # fmt: skip
    requests, tokens = windows_of(headers, NOW)

    assert requests == Window(1000, 998, 60)
    assert tokens is not None
    assert tokens.remaining == 10


def test_mistral_and_cerebras_name_their_window() -> None:
    requests, _ = windows_of(
        [("x-ratelimit-limit-req-minute", "60"), ("x-ratelimit-remaining-req-minute", "59")], NOW
    )
    daily, tokens = windows_of(
        [("x-ratelimit-limit-requests-day", "100"), ("x-ratelimit-remaining-requests-day", "7"), ("x-ratelimit-reset-requests-day", "59.5"),
         ("x-ratelimit-limit-tokens-minute", "10")], NOW)  # fmt: skip

    assert requests == Window(60, 59, None, "minute")
    assert daily == Window(100, 7, 59.5, "day")
    assert tokens == Window(10, None, None, "minute")


def test_hugging_face_together_and_cohere() -> None:
    """The IETF form, one without a kind, and one with another name."""
    assert windows_of([("ratelimit", '"api";r=0;t=55')], NOW)[0] == Window(None, 0, 55)
    assert windows_of([("x-ratelimit-limit", "10"), ("x-ratelimit-remaining", "9")], NOW)[0] == Window(10, 9)
    assert windows_of([("x-tokenlimit-limit", "10"), ("x-tokenlimit-remaining", "1")], NOW)[1] == Window(
        10, 1
    )
    trial = [("x-trial-endpoint-call-limit", "40"), ("x-trial-endpoint-call-remaining", "39")]
    assert windows_of(trial, NOW)[0] == Window(40, 39)


def test_unknown_figures_stay_unknown() -> None:
    """Azure says -1 for unknown; nonsense is no figure either."""
    headers = [
        ("x-ratelimit-remaining-tokens", "-1"),
        ("x-ratelimit-limit-tokens", "many"),
        ("x-ratelimit-reset-tokens", "soon"),
    ]

    assert windows_of(headers, NOW) == (None, None)
    assert windows_of([("content-type", "application/json")], NOW) == (None, None)


@given(
    st.lists(
        st.tuples(st.sampled_from(["x-ratelimit-reset", "ratelimit", "x-ratelimit-limit-tokens"]), st.text())
    )
)
def test_no_header_makes_it_raise(headers: list[tuple[str, str]]) -> None:
    requests, tokens = windows_of(headers, NOW)
    assert requests is None or isinstance(requests, Window)
    assert tokens is None or isinstance(tokens, Window)
