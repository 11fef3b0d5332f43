"""Durations, dates and resets in every form that a header can take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmprobe.dates import parse_http_date, parse_reset_s, parse_rfc3339
from llmprobe.durations import format_duration, parse_duration_s

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30), ("12ms", 0.012), ("6m0s", 360), ("1h30m", 5400), ("2m59.56s", 179.56), ("30", 30), ("2.5", 2.5),
        ("1d", 86400), ("7.66s", 7.66), ("500us", 0.0005), (" 1m ", 60),
    ],
)  # fmt: skip
def test_a_duration_is_read(text: str, seconds: float) -> None:
    """Go durations, plain seconds and what people write in a file."""
    assert parse_duration_s(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "soon", "-5s", "nan", "inf", "5 parsecs", "1e9999", "s", "1m x"])
def test_nonsense_is_no_duration(text: str) -> None:
    """Nonsense is unknown, never zero."""
    assert parse_duration_s(text) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12ms", 0.012),
        ("59.7", 59.7),
        (str(int(NOW) + 90), 90),
        (str(int(NOW * 1000) + 90_000), 90),
        ("2023-11-14T22:14:20Z", 60),
        ("Tue, 14 Nov 2023 22:14:20 GMT", 60),
        ("2023-11-14T22:00:00Z", 0),
    ],
)
def test_a_reset_is_read_in_every_form(text: str, seconds: float) -> None:
    """A duration, seconds, epoch in seconds or milliseconds, RFC 3339 and HTTP dates; the past is 0."""
    assert parse_reset_s(text, NOW) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "soon", "-1", "nan", "Zun, 29 Sep 2023 16:26:27 GMT", "Fri, 29 Sep 100000 16:26:57 GMT"]
)
def test_a_reset_that_makes_no_sense_is_unknown(text: str) -> None:
    assert parse_reset_s(text, NOW) is None


def test_dates_are_no_dates_when_malformed() -> None:
    """Neither parser raises or guesses."""
    assert parse_http_date("yesterday") is None
    assert parse_rfc3339("2023-99-99T00:00:00Z") is None


@given(st.text())
def test_no_text_makes_the_parsers_raise(text: str) -> None:
    """Headers are under the other side's control."""
    for value in (parse_duration_s(text), parse_reset_s(text, NOW)):
        assert value is None or value >= 0


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "–"),
        (0.0004, "0.4 ms"),
        (0.038, "38 ms"),
        (1.239, "1.24 s"),
        (12.4, "12 s"),
        (540, "9 min"),
        (7200, "2 h"),
        (260000, "3 d"),
    ],
)
def test_a_duration_is_shown_short(seconds: float | None, shown: str) -> None:
    assert format_duration(seconds) == shown
