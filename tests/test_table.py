"""The table for people: what it keeps at every width, what it tells together, and where it concludes."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from llmprobe.model import SIDE_WORDS, Attempt, Category, Fault, ProbeKind, Result, Run, Stats, Status
from llmprobe.reports import Look, renderer
from tests.runs import GOOD, MIXED, attempt, result

WIDTHS = range(40, 201)
HINT = "wait and retry with back-off, or fail over to another model or provider"


def overloaded(name: str, **changes: object) -> Result:
    changes = {"reason": "Anthropic says that it is overloaded: “Overloaded”", "hint": HINT, **changes}
    return result(name, Status.FAILED, Category.OVERLOADED, Fault.PROVIDER, **changes)


def run_of(*results: Result) -> Run:
    return replace(MIXED, results=results, groups=[], notes=[])


MANY = run_of(
    result("openrouter/meta-llama/llama-3.3-70b-instruct:free", Status.HEALTHY, Category.OK, hint=None),
    result("gpt", Status.FAILED, Category.TIMEOUT_FIRST_TOKEN, Fault.UNKNOWN, reason="no token within 30 s"),
    result("gpt", Status.DEGRADED, Category.MODEL_MISMATCH, Fault.PROVIDER, probe=ProbeKind.EMBEDDINGS),
    result("key", Status.FAILED, Category.AUTH, Fault.CLIENT),
    result("way", Status.FAILED, Category.DNS, Fault.NETWORK),
    *(overloaded(f"claude-{n}") for n in range(7)),
)


def shown(run: Run, width: int, **look: bool) -> str:
    return renderer("table")(run, Look(width=width, **look))


def table_of(text: str) -> str:
    """The second part: between the conclusion and the details."""
    return text.split("\n\n")[1]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("run", [MIXED, MANY], ids=["short names", "long names"])
def test_status_target_what_and_side_stay_at_every_width(run: Run, width: int) -> None:
    text = shown(run, width)
    table = table_of(text)
    head = table.splitlines()[0]
    assert "target" in head
    assert "what" in head
    assert "side" in head
    assert all(cell_len(line) <= width for line in text.splitlines())
    for one in run.results[:5]:
        if one.fault is not None:
            assert SIDE_WORDS[one.fault] in table, "the side is never left out"
    for symbol in ("✓", "!", "✗"):
        assert re.search(rf"^{symbol}", table, re.MULTILINE)


@pytest.mark.parametrize("width", WIDTHS)
def test_bars_come_after_every_figure(width: int) -> None:
    head = table_of(shown(MIXED, width)).splitlines()[0]
    figures = ["n", "good", "ttft p50", "ttft p95"]
    if " time" in head:
        assert all(f" {name}" in head for name in figures)
    plain = replace(MIXED, results=[replace(r, stats=None) for r in MIXED.results])
    head = table_of(shown(plain, width)).splitlines()[0]
    shown_figures = [name for name in ("total", "ttft", "http") if f" {name}" in head]
    assert shown_figures == ["total", "ttft", "http"][: len(shown_figures)], "the most telling first"
    assert " time" not in head or len(shown_figures) == 3


def test_the_conclusion_is_the_first_line_and_the_last_of_a_long_report() -> None:
    """`watch` and `head` keep the top; a terminal that scrolls keeps the bottom."""
    short = shown(run_of(result("claude", Status.HEALTHY, Category.OK, hint=None)), 80).splitlines()
    long = shown(MANY, 120).splitlines()
    assert short[0] == MANY.conclusion
    assert short.count(MANY.conclusion) == 1
    assert long[0] == long[-1] == MANY.conclusion


def test_many_failures_of_one_cause_are_told_once_with_every_name() -> None:
    text = shown(MANY, 100)
    assert text.count("7 targets at Anthropic") == 2, "a row, and a block"
    assert text.count(HINT) == 1
    assert text.count("overloaded: “Overloaded”") == 1
    assert all(f"claude-{n}" in text for n in range(7))
    assert re.search(r"7 targets at Anthropic +overloaded +theirs", text)


def test_different_reasons_of_one_cause_keep_their_names() -> None:
    text = shown(run_of(*(overloaded(f"t{n}", reason=f"reason {n}") for n in range(4))), 100)
    assert "t0 stream: reason 0" in text
    assert "t2 stream: reason 2" in text
    assert "and t3" in text


def test_different_hints_are_never_told_as_one() -> None:
    text = shown(run_of(*(overloaded(f"t{n}", hint=f"hint {n}") for n in range(6))), 100)
    assert all(f"→ hint {n}" in text for n in range(6))


def test_the_verbose_report_tells_each_result_alone() -> None:
    assert "7 targets" not in shown(MANY, 100, verbose=True)


@pytest.mark.parametrize("width", [40, 60, 80])
def test_words_stay_whole(width: int) -> None:
    """Every word of a hint that fits a line stands whole on one."""
    hint = "set `first_token_timeout` or SSL_CERT_FILE; see https://example.com/a/long-path-1 about HTTPS-proxies"
    text = shown(run_of(overloaded("a", hint=hint, reason=hint)), width)
    words = text.split()
    assert all(word in words for word in hint.split() if len(word) < width - 4)


def stats(n: int, p95: float | None) -> Stats:
    return Stats(n, 1, 1 - 1 / n, {"min": 0.1, "median": 0.2, "p95": p95, "p99": None, "max": 0.4}, None)


def test_samples_show_their_number_share_and_what_n_can_carry() -> None:
    few = result("few", Status.HEALTHY, Category.OK, hint=None, stats=stats(5, None))
    table = table_of(shown(run_of(few), 100))
    assert re.search(r"few +ok +5 +80% +200 ms$", table, re.MULTILINE)
    assert "p95" not in table, "n = 5 carries no p95"
    many = result("many", Status.HEALTHY, Category.OK, hint=None, stats=stats(20, 0.3))
    table = table_of(shown(run_of(few, many), 100))
    assert re.search(r"many +ok +20 +95% +200 ms +300 ms$", table, re.MULTILINE)
    assert "310 ms" not in table, "the last sample's figure is not that of all"


def tried(*categories: Category) -> tuple[Attempt, ...]:
    return tuple(
        attempt(n, c, Status.HEALTHY if c is Category.OK else Status.FAILED)
        for n, c in enumerate(categories, 1)
    )


def test_verbose_sums_up_attempts_the_last_included() -> None:
    five = result("a", Status.HEALTHY, Category.OK, attempts=tried(*[Category.OK] * 5))
    assert re.search(r"attempts +5: 5 ok\n", shown(run_of(five), 100, verbose=True))
    mixed = tried(Category.OK, Category.OVERLOADED, Category.OK, Category.OK, Category.OK)
    text = shown(run_of(replace(five, attempts=mixed)), 100, verbose=True)
    assert re.search(r"attempts +5: 4 ok, 1 overloaded\n", text)
    assert re.search(r"attempt 2 +overloaded: because", text)
    few = tried(Category.OVERLOADED, Category.OK)
    text = shown(run_of(replace(five, attempts=few)), 100, verbose=True)
    assert re.search(r"attempt 1 +overloaded", text)
    assert re.search(r"attempt 2 +ok", text)


def test_verbose_names_its_clocks_the_proxy_and_the_first_words() -> None:
    timings = replace(GOOD, first_reasoning_s=0.25, ttft_s=0.25)
    one = result(
        "a", Status.HEALTHY, Category.OK, hint=None, timings=timings, peer="1.2.3.4:443", connection="reused",
        proxy="http://proxy:3128 (from HTTPS_PROXY)", answer_start="Kiwi is a bird",
    )  # fmt: skip
    text = shown(run_of(one), 120, verbose=True)
    assert "first reasoning 250 ms, first text 310 ms" in text
    assert "reused connection" in text
    assert "http://proxy:3128 (from HTTPS_PROXY)" in text
    assert "“Kiwi is a bird”" in text


@pytest.mark.parametrize("format", ["table", "json", "ndjson", "html", "markdown", "csv", "junit"])
def test_the_answer_is_shown_by_the_verbose_table_alone(format: str) -> None:
    one = result("a", Status.HEALTHY, Category.OK, hint=None, answer_start="Kiwi is a bird")
    assert "Kiwi" not in renderer(format)(run_of(one), Look(width=100))
