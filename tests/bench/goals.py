"""What the figures of a full run are held to, and whether they get there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Figures = Mapping[str, float]


@dataclass(frozen=True)
class Goal:
    """`value` reads the figures by name, and raises KeyError where one was not measured."""

    what: str
    limit: float
    unit: str
    value: Callable[[Figures], float]


def _figure(name: str) -> Callable[[Figures], float]:
    return lambda figures: figures[name]


def _worse(*names: str) -> Callable[[Figures], float]:
    return lambda figures: max(figures[name] for name in names)


def _ratio(name: str, base: str) -> Callable[[Figures], float]:
    return lambda figures: figures[name] / figures[base]


def _growth(figures: Figures) -> float:
    one, hundred, thousand = (figures[f"wall {count}"] for count in (1, 100, 1000))
    return (thousand - one) / (hundred - one)


GOALS = (
    Goal("`--version`", 1.8, "x `python -c pass`", _figure("start version")),
    Goal("`--help` into a pipe", 5.5, "x", _figure("start help")),
    Goal("`--help` on a terminal", 10, "x", _figure("start help terminal")),
    Goal("`check` of one target, JSON", 13, "x", _figure("start json")),
    Goal("the same", 0.5, "x httpie", _ratio("start json", "start httpie")),
    Goal("`check` of one target, table", 1.2, "x JSON", _ratio("start table", "start json")),
    Goal("first byte, 10 targets, plain and TLS", 0.15, "ms p99", _worse("10 first", "10 tls first")),
    Goal("first byte, 100 targets", 0.8, "ms p99", _worse("100 first", "100 tls first")),
    Goal("first byte, 1000 targets", 1, "ms p99", _worse("1000 first", "1000 tls first")),
    Goal("first byte, 10 and 50 targets beside busy loops", 0.2, "ms p99", _worse("10 busy first", "50 busy first")),
    Goal("first token, 50 TLS streams", 0.2, "ms p99", _figure("50 tls stream ttft")),
    Goal("gaps between tokens, the same", 0.05, "ms p99", _figure("50 tls stream gap")),
    Goal("TCP and TLS phases, 100 TLS targets", 1, "ms p99", _worse("100 tls connect", "100 tls tls")),
    Goal("user clock, 100 targets, plain", 1, "ms p99", _figure("100 user first")),
    Goal("user clock, 100 targets, TLS", 2, "ms p99", _figure("100 tls user first")),
    Goal("DNS beyond the resolver's own 50 ms", 6, "ms p99", lambda figures: figures["dns"] - 50),
    Goal("1000 targets at the defaults, wall", 3.5, "x `curl -Z`", _ratio("wall 1000", "wall curl")),
    Goal("the same", 0.12, "x a bare httpx gather", _ratio("wall 1000", "wall gather")),
    Goal("(1000 - 1) against (100 - 1) targets, wall", 13, "x", _growth),
    Goal("1000 targets against 1, peak memory", 1.3, "x", _ratio("peak 1000", "peak 1")),
    Goal("report over a million results", 500, "ms CPU", _figure("report")),
)  # fmt: skip


def rows(figures: Figures) -> Iterator[str]:
    """A Markdown table; a figure whose tool is not installed is said to be missing."""
    yield "| goal | at most | measured |"
    yield "|---|---|---|"
    for goal in GOALS:
        yield f"| {goal.what} | {goal.limit:g} {goal.unit} | {_told(goal, figures)} |"


def _told(goal: Goal, figures: Figures) -> str:
    try:
        value = goal.value(figures)
    except KeyError as missing:
        return f"not measured: {missing.args[0]}"
    return f"{value:.3g}" if value <= goal.limit else f"**{value:.3g}**, missed"
