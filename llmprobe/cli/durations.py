"""Durations on the command line."""

from __future__ import annotations

from typing import overload

from llmprobe.durations import parse_duration_s
from llmprobe.errors import UsageError


@overload
def parse_duration_flag(flag: str, text: str, *, zero: bool = False) -> float: ...
@overload
def parse_duration_flag(flag: str, text: None, *, zero: bool = False) -> None: ...
def parse_duration_flag(flag: str, text: str | None, *, zero: bool = False) -> float | None:
    """
    Seconds; None where the flag was not given.

    Raises:
        UsageError: The text is no duration, or is 0 where that makes no sense.
    """
    if text is None:
        return None
    seconds = parse_duration_s(text)
    if seconds is None or (seconds == 0 and not zero):
        raise UsageError(f'{flag}: expected a duration such as "30s", got "{text}"')
    return seconds
