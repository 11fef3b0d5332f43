"""The report over a time: its sentence, its page, and its pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from llmprobe.config.load import parse
from llmprobe.config.rules import rules
from llmprobe.history import History, open_history
from llmprobe.history.report import report
from llmprobe.model import Category, Fault, RateLimit, Window
from llmprobe.model.past import Availability, Cell, Incident, Pace, PastReport
from llmprobe.reports import Look
from llmprobe.reports.past import drawing, html, markdown
from llmprobe.reports.past.text import incident_table, report_table
from llmprobe.reports.past.words import headline, together
from tests.pictures import HISTORIES, SHOTS
from tests.pictures import NOW as PICTURED
from tests.runs import HOSTILE
from tests.support import ROOT, llmprobe
from tests.test_formats import Tags
from tests.test_history import DAY, HOUR, MINUTE, NOON, a_run, bad, cron, good

TUESDAY = 1_764_079_380.0
"""25 November 2025, 14:03 UTC."""
UNTIL = TUESDAY + 2 * DAY


@pytest.fixture
def history(tmp_path: Path) -> History:
    return open_history(tmp_path / "h.db")


@pytest.fixture(scope="module")
def first_day() -> PastReport:
    return HISTORIES["first-day"]()


@pytest.fixture(scope="module")
def week() -> PastReport:
    return HISTORIES["week"]()


def a_target(name: str, failed: int = 0, incidents: int = 0) -> Availability:
    return Availability(name, "anthropic", 1000, failed, 0, 0, incidents, None)


def an_incident(target: str = "claude", minutes: float | None = 41, **changes: object) -> Incident:
    values: dict[str, object] = {
        "provider": "anthropic", "category": Category.OVERLOADED, "fault": Fault.PROVIDER, "reason": "busy",
        "opened_at_utc": TUESDAY, "confirmed_at_utc": TUESDAY, "failures": 8,
        "closed_at_utc": None if minutes is None else TUESDAY + minutes * MINUTE, **changes,
    }  # fmt: skip
    return Incident(1, target, **values)  # type: ignore[arg-type]


def told(targets: list[Availability], *incidents: Incident, first: float = UNTIL - 7 * DAY) -> str:
    return headline(PastReport(UNTIL - 7 * DAY, UNTIL, targets, incidents, first))


# The sentence


def test_the_sentence_of_one_target() -> None:
    claude = a_target("claude", 8, 1)
    assert told([claude], an_incident()) == (
        "claude: 99.20 % in 7 days, one outage of 41 min on Tuesday at 14:03, theirs"
    )
    assert told([claude], an_incident(fault=Fault.CLIENT)).endswith("14:03, yours")
    assert told([a_target("claude")]) == "claude: 100 % in 7 days, no outage"
    assert told([a_target("claude", 2)]) == "claude: 99.80 % in 7 days, no outage, 2 of 1000 checks failed"
    assert told([]) == "Nothing was recorded in the last 7 days"


def test_the_sentence_of_several_outages_names_the_longest_and_the_one_that_lasts() -> None:
    earlier = an_incident(minutes=10, opened_at_utc=TUESDAY - DAY, closed_at_utc=TUESDAY - DAY + 600)
    claude = a_target("claude", 8, 2)
    assert told([claude], an_incident(), earlier) == (
        "claude: 99.20 % in 7 days, 2 outages, the longest 41 min on Tuesday at 14:03, theirs"
    )
    assert told([claude], an_incident(minutes=None), earlier) == (
        "claude: 99.20 % in 7 days, down since Tuesday at 14:03 (2 d) after 1 earlier outage, theirs"
    )


def test_the_sentence_of_several_targets() -> None:
    steady = [a_target("gpt"), a_target("gemini", 1)]
    assert told(steady) == "All 2 targets: no outage in 7 days, 99.90 % at least (gemini)"
    assert told([a_target("claude", 8, 1), *steady], an_incident()) == (
        "claude: 99.20 % in 7 days, one outage of 41 min on Tuesday at 14:03, theirs; the other 2 had none"
    )
    three = [a_target(name, 8, 1) for name in ("claude", "batch", "gpt")]
    incidents = [
        an_incident(),
        an_incident("batch", opened_at_utc=TUESDAY + 60),
        an_incident("gpt", 5, opened_at_utc=TUESDAY - DAY, closed_at_utc=TUESDAY - DAY + 300),
    ]
    assert told(three, *incidents) == (
        "3 of 3 targets had outages in 7 days: the longest 41 min on Tuesday at 14:03 "
        "(claude and batch: overloaded, theirs)"
    )


def test_a_young_history_says_how_young_it_is() -> None:
    assert "100 % in the first 3 hours" in told([a_target("claude")], first=UNTIL - 3 * HOUR)
    assert "100 % in the first minute" in told([a_target("claude")], first=UNTIL - 61)
    assert "100 % in the first 2 seconds" in told([a_target("claude")], first=UNTIL - 2)


def test_what_began_together_is_one_cause() -> None:
    alone = an_incident("gpt", opened_at_utc=TUESDAY + 30 * MINUTE)
    group = an_incident("group:chat")
    found = list(
        together([an_incident(), an_incident("batch", opened_at_utc=TUESDAY + 300), alone, group], UNTIL)
    )
    assert [[i.target for i in each] for each in found] == [["claude", "batch"]]


def test_what_fails_by_chance_at_the_same_time_is_not_one_cause() -> None:
    """Another side, or another vendor with another failure."""
    key = an_incident("gpt", provider="openai", category=Category.AUTH, fault=Fault.CLIENT)
    slow = an_incident("gemini", provider="gemini", category=Category.GATEWAY)
    assert list(together([an_incident(), key, slow], UNTIL)) == []
    both = [
        an_incident(name, provider=provider, category=Category.DNS, fault=Fault.NETWORK)
        for name, provider in (("claude", "anthropic"), ("gpt", "openai"))
    ]
    assert [len(found) for found in together(both, UNTIL)] == [2], (
        "no name resolves: one cause for two vendors"
    )


def test_an_outage_that_lasts_is_told_as_such_among_many() -> None:
    three = [a_target(name, 8, 1) for name in ("claude", "batch", "gpt")]
    lasting = an_incident("gpt", None, provider="openai", category=Category.GATEWAY)
    assert told(three, an_incident(), an_incident("batch"), lasting) == (
        "3 of 3 targets had outages in 7 days: one has lasted 2 d since Tuesday at 14:03 (gpt: gateway error, theirs)"
    )


# Cells


def test_few_checks_have_a_cell_each_that_lasts_until_the_next(history: History) -> None:
    for n in range(30):
        cron(history, a_run(NOON + n * 5 * MINUTE, bad() if n == 7 else good()))
    found = report(history, NOON - 6 * DAY, NOON + 150 * MINUTE, with_cells=True)
    [row] = found.targets

    assert (len(row.cells), found.cell_s, found.first_utc) == (30, None, NOON)
    assert [n for n, cell in enumerate(row.cells) if cell.failed] == [7]
    assert row.cells[7].end_utc - row.cells[7].start_utc == 5 * MINUTE
    assert row.cells[-1].end_utc == NOON + 150 * MINUTE
    assert len(row.paces) == 29, "nothing came from the one that failed"


@pytest.mark.parametrize(
    ("lasts", "every", "cell"),
    [
        (7 * DAY, 5 * MINUTE, HOUR),
        (7 * DAY, HOUR, 2 * HOUR),
        (DAY, MINUTE, 10 * MINUTE),
        (30 * DAY, HOUR, 4 * HOUR),
        (365 * DAY, 6 * HOUR, 3 * DAY),
    ],
)
def test_many_checks_share_cells_of_days_hours_or_minutes(
    history: History, lasts: float, every: float, cell: float
) -> None:
    """Each as long as the time asks for; their sums are exact, and none is empty by chance."""
    from llmprobe.history import rollup
    from llmprobe.history.columns import insert_all

    count = int(lasts / every)
    names = (
        "run_id",
        "at",
        "target",
        "provider",
        "probe",
        "status",
        "category",
        "reason",
        "ttft_s",
        "total_s",
    )
    with history.writing() as db:
        for n in range(count):
            db.execute("INSERT INTO runs VALUES (?, ?)", (n + 1, NOON + n * every))
        insert_all(db, "results", names, ((n + 1, NOON + n * every, "a", "p", "chat", "failed" if n == 99 else "healthy", "overloaded" if n == 99 else "ok", "r", 0.2, 0.3) for n in range(count)))  # fmt: skip
        rollup.add(db, 1, count)
    found = report(history, NOON, NOON + lasts, with_cells=True)
    [row] = found.targets

    assert found.cell_s == cell
    assert len(row.cells) <= 180 + 2
    assert sum(c.n for c in row.cells) == count
    assert [c.failed for c in row.cells if c.failed] == [1]
    assert all(a.end_utc == b.start_utc for a, b in zip(row.cells, row.cells[1:], strict=False))
    [failed] = [c for c in row.cells if c.failed]
    assert failed.start_utc <= NOON + 99 * every < failed.end_utc


def test_an_outage_of_ninety_minutes_in_a_week_is_seen_with_its_hour(week: PastReport) -> None:
    claude = next(row for row in week.targets if row.target == "claude")
    red = [cell for cell in claude.cells if cell.failed]
    text = html.render(week)

    assert week.cell_s == HOUR
    assert [cell.failed for cell in red] == [7, 11] or sum(cell.failed for cell in red) == 18
    assert "Wed 19 Nov 14:00–15:00: 11 of 12 failed (overloaded 11)" in text
    assert "90 min on Wednesday at 13:25" in text
    assert 'class="failed"' in text


def test_one_failure_in_a_long_cell_is_still_red() -> None:
    cell = Cell(0, HOUR, 1000, 1, 0)
    drawing_ = drawing.strip([cell], drawing.Scale(0, DAY), "a")
    height = float(re.search(r'class="failed"[^>]*height="([\d.]+)%"', drawing_)[1])  # type: ignore[index]
    assert height >= 100 / 3


def test_a_narrow_screen_has_fewer_cells_of_the_same_sums() -> None:
    cells = [Cell(n * HOUR, (n + 1) * HOUR, 12, int(n == 40), 0) for n in range(168)]
    text = drawing.strip(cells, drawing.Scale(0, 7 * DAY), "a")
    wide, narrow = text.split('class="strip narrow"')
    assert wide.count("<g>") == 168
    assert narrow.count("<g>") <= 61
    assert narrow.count("1 of") == 1


# The page


def test_the_first_day_fills_the_page(first_day: PastReport) -> None:
    """Asked for seven days, with five hours of checks: five hours are drawn."""
    text = html.render(first_day)
    first = drawing.when(first_day.targets[0].cells[0].start_utc, first_day.targets[0].cells[0].end_utc)
    xs = [float(x) for x in re.findall(r'<rect class="healthy" x="([\d.]+)%"', text)]
    assert "in the first 5 hours" in text
    assert first.startswith("Mon 24 Nov 12:00")
    assert min(xs) < 1
    assert "13:00</text>" in text, "the axis has hours"
    assert "each answer" in text


def test_the_page_is_whole_and_loads_nothing(week: PastReport) -> None:
    hostile = replace(week, incidents=[replace(i, reason=HOSTILE) for i in week.incidents], rules=[HOSTILE])
    tags = Tags()
    text = html.render(hostile)
    tags.feed(text)

    assert tags.open == []
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in tags.seen}
    addresses = re.findall(r' (?:src|href|xlink:href)="([^"]*)"', text)
    assert addresses
    assert all(address.startswith("#t") for address in addresses), "links lead to the page's own plots"
    assert "url(" not in text
    assert "<script>" not in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_the_page_says_when_over_what_and_by_which_version_it_was_made(week: PastReport) -> None:
    text = html.render(week)
    assert "<h1" in text
    assert "3 of 5 targets had outages in 7 days: the longest 90 min on Wednesday" in text
    assert "2025-11-17 17:00 to 2025-11-24 17:00, times in UTC. A cell is 60 min" in text
    assert re.search(r"Made 2025-11-24 17:00 UTC by llmprobe \d", text)
    assert "An outage begins after 2 failed runs in a row and ends after one good run." in text
    assert "of requests, " in text
    assert "On Wednesday at 13:25, together: claude, claude-batch (anthropic: overloaded, theirs)" in text


def test_latency_has_a_line_and_a_band_up_to_the_p95(week: PastReport) -> None:
    text = html.render(week)
    assert "first token, line: median, band: up to the p95" in text
    assert text.count('<polygon class="band"') >= 5
    assert re.search(r"median \d+ ms, p95 \d+ ms, slowest [\d.]+ m?s \(n \d\d\)", text)


def test_no_p95_is_drawn_that_its_n_cannot_carry() -> None:
    few = [Pace(n * HOUR, (n + 1) * HOUR, 5, 0.2, None, 0.4) for n in range(5)]
    assert drawing.band_words(few).endswith("the slowest")
    assert "p95" not in drawing.latency(few, drawing.Scale(0, DAY), "a")
    last = [replace(pace, n=24, p95_s=0.3) for pace in few[:4]] + few[4:]
    edge = re.search(r'class="edge" points="([^"]*)"', drawing.latency(last, drawing.Scale(0, DAY), "a"))
    assert edge is not None
    assert edge[1].split()[-1].endswith(f",{100 * (1 - 0.2 / 0.3):.1f}"), (
        "where n is too small the band closes on the median"
    )


def test_nothing_is_drawn_where_nothing_was_measured() -> None:
    apart = [Pace(n * HOUR, (n + 1) * HOUR, 5, 0.2, None, 0.4) for n in (0, 1, 6, 7)]
    assert drawing.latency(apart, drawing.Scale(0, DAY), "a").count('class="median"') == 2


def test_hundreds_of_incidents_stay_readable() -> None:
    """All are drawn; the newest are told, and where the others are."""
    many = [
        an_incident(opened_at_utc=TUESDAY - n * HOUR, closed_at_utc=TUESDAY - n * HOUR + 60)
        for n in range(150)
    ]
    text = html.render(
        PastReport(UNTIL - 7 * DAY, UNTIL, [a_target("claude", 150, 150)], many, UNTIL - 7 * DAY)
    )
    assert text.count('<rect class="provider"') == 150
    assert text.count('<span class="long">busy') == 100
    assert "50 earlier ones: llmprobe incidents" in text


def test_an_empty_report_has_a_page_too() -> None:
    nothing = PastReport(NOON, NOON + DAY, [], [])
    assert "Nothing was recorded" in html.render(nothing)
    assert "Nothing was recorded" in report_table(nothing, Look())
    assert "Nothing was recorded" in markdown.render(nothing)


def test_headroom_is_recorded_and_reported_with_its_least(history: History) -> None:
    for n, left in enumerate((900, 120, 600)):
        limits = RateLimit(Window(1000, left), Window(100.0, 50.0))
        cron(history, a_run(NOON + n * HOUR, replace(good(), rate_limit=limits)))
    cron(history, a_run(NOON + 3 * HOUR, bad()))
    [row] = report(history, NOON, NOON + DAY, with_cells=True).targets
    assert row.headroom is not None
    assert (row.headroom.requests, row.headroom.tokens, row.headroom.least) == (0.6, 0.5, 0.12)
    assert row.headroom.least_at_utc == NOON + HOUR


def test_the_rules_in_force_are_told() -> None:
    loaded = parse(
        '[alerts]\nconfirm = 3\nrecover = 2\n[defaults]\nthresholds = { ttft = "2s", total = { warn = "10s", crit = "30s" } }\n'
        '[targets.a]\nprovider = "anthropic"\nthresholds = { headroom = 0.1 }\n[targets.b]\nprovider = "openai"\n',
        Path("llmprobe.toml"),
    )
    assert rules(loaded, ["a"]) == [
        "An outage begins after 3 failed runs in a row and ends after 2 good runs in a row.",
        "A target is degraded beyond ttft 2 s, total 10 s (failed beyond 30 s).",
        "a is degraded beyond 10 % of a rate limit left.",
    ]


# Text


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140, 200])
def test_reasons_are_whole_at_every_width(width: int) -> None:
    reason = (
        "Anthropic says that it is overloaded: the model claude-haiku-4-5 cannot take more requests just now"
    )
    text = incident_table([an_incident(reason=reason)], Look(width=width), UNTIL)
    assert " ".join(text.split()).endswith(reason)
    assert max(map(len, text.splitlines())) <= width


def test_the_sentence_comes_first_in_every_format(week: PastReport) -> None:
    head = "3 of 5 targets had outages in 7 days: the longest 90 min on Wednesday at 13:25"
    assert report_table(week, Look(width=140)).startswith(head)
    assert markdown.render(week).startswith(f"**{head}")


def test_figures_stand_at_the_right_at_80_columns(week: PastReport) -> None:
    lines = report_table(week, Look(width=80)).splitlines()
    head = next(n for n, line in enumerate(lines) if line.startswith("target"))
    ends = {line.index("%") for line in lines[head + 1 : head + 6]}
    assert len(ends) == 1
    assert max(map(len, lines)) <= 80
    assert all("p50/p95/p99" in line for line in lines[head : head + 1])


# Files


def test_a_report_is_written_whole_and_a_failure_loses_nothing(tmp_path: Path) -> None:
    page, db = tmp_path / "report.html", tmp_path / "h.db"
    with open_history(db) as history:
        cron(history, a_run(NOON, good("a")))
    made = llmprobe("report", "--since", "9999d", "-o", str(page), "--db", str(db))
    assert (made.returncode, made.stdout) == (0, "")
    whole = page.read_text()
    assert whole.startswith("<!doctype html>")
    assert whole.endswith("</html>\n")

    missing = str(tmp_path / "none.db")
    lost = llmprobe("report", "-f", "html", "-o", str(page), "--db", missing)
    assert lost.returncode == 2
    assert "there is no history" in lost.stderr
    assert page.read_text() == whole
    assert [
        p.name for p in tmp_path.iterdir() if p.suffix not in (".db", ".html", ".db-shm", ".db-wal")
    ] == []


@pytest.mark.parametrize("name", SHOTS)
def test_the_pictures_are_small(name: str) -> None:
    picture = ROOT / "examples" / f"{name}.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size <= 150_000


def test_the_pictured_histories_are_always_the_same() -> None:
    make: Callable[[], PastReport] = HISTORIES["first-day"]
    assert html.render(make()) == html.render(make())
    assert make().until_utc == PICTURED
