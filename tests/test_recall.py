"""The commands that ask the history, and those that choose and wait."""

from __future__ import annotations

import csv
import io
import json
import shlex
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from llmprobe.engine.outcome.pick import choices
from llmprobe.history import open_history
from llmprobe.history.queries import incidents, recent
from llmprobe.history.report import report
from llmprobe.model import Category, Fault, Status, Timings
from llmprobe.model.choice import Lately
from llmprobe.reports import Look
from llmprobe.reports.parts.sparkline import sparkline
from llmprobe.reports.past import as_json as past_json
from llmprobe.reports.past import html as past_html
from llmprobe.reports.past import markdown as past_markdown
from llmprobe.reports.past import text as past_text
from llmprobe.reports.past.words import percent
from tests.runs import HOSTILE, result
from tests.support import Served, llmprobe, started
from tests.test_formats import Tags
from tests.test_history import DAY, HOUR, NOON, a_run, bad, cron, good


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Three days, hourly: `a` has an outage of three hours, `b` is steady."""
    path = tmp_path / "h.db"
    with open_history(path) as history:
        for hour in range(72):
            a = bad("a") if 30 <= hour < 33 else good("a", ttft=0.2 + (hour % 24) / 100)
            cron(history, a_run(NOON + hour * HOUR, a, good("b", ttft=0.1)))
    return path


def test_a_sparkline_shows_height_and_failures() -> None:
    assert sparkline([0.1, 0.2, None, 0.8]) == "▁▂✗█"
    assert sparkline([0.1, 0.2, None, 0.8], unicode=False) == "_.x#"
    assert sparkline([]) == ""
    assert sparkline([0.5, 0.5]) == "██", "the scale begins at zero: what is steady is flat"


@pytest.mark.parametrize(
    ("share", "text"), [(None, "–"), (1, "100 %"), (0, "0 %"), (0.99999, "99.99 %"), (0.5, "50.00 %")]
)
def test_uptime_is_never_rounded_up_to_all(share: float | None, text: str) -> None:
    assert percent(share) == text


def test_the_report_in_a_terminal(db: Path) -> None:
    with open_history(db) as history:
        found = report(history, NOON, NOON + 3 * DAY)
    assert past_text.report_table(found, Look(width=140)) == snapshot("""\
a: 95.83 % in 3 days, one outage of 3 h on Friday at 18:00, theirs; the other target had none.
2025-10-09 12:00 to 2025-10-12 12:00 UTC

target   uptime   n  failed  incidents  recovery  causes           ttft p50/p95/p99  worst hours (UTC)
a       95.83 %  72       3          1       3 h  overloaded 3  320 ms / 420 ms / –  18h 1/3, 19h 1/3, 20h 1/3
b         100 %  72       0          0         –                100 ms / 100 ms / –

Incidents

began (UTC)       lasted  target  what        side    failures
2025-10-10 18:00  3 h     a       overloaded  theirs  3
    because
""")
    narrow = past_text.report_table(found, Look(width=40))
    assert max(map(len, narrow.splitlines())) <= 40


def test_the_report_as_markdown_and_json(db: Path) -> None:
    with open_history(db) as history:
        found = report(history, NOON, NOON + 3 * DAY)
    document = json.loads(past_json.report_json(found))
    text = past_markdown.render(found)

    assert document["targets"][0]["uptime"] == 0.958333
    assert document["targets"][0]["ttft_ms"] == {
        "n": 69,
        "median": 320.0,
        "p95": 420.0,
        "p99": None,
    }
    assert document["incidents"][0]["lasted_s"] == 3 * HOUR
    assert "| a | 95.83 % | 72 | 3 | 1 | 3 h | overloaded 3 |" in text
    assert "## Incidents" in text


def test_the_report_s_page_is_whole_and_draws_each_check(db: Path) -> None:
    with open_history(db) as history:
        cron(history, a_run(NOON + 3 * DAY, bad("a", reason=HOSTILE)))
        found = report(history, NOON, NOON + 4 * DAY, with_cells=True)
    text = past_html.render(found)
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    assert text.count('class="strip wide"') == 2
    assert "Fri 10 Oct 18:00–19:00: failed (overloaded)" in text
    assert "<script>" not in text


def test_the_commands(db: Path) -> None:
    """Tables for people, JSON for programs, over the real command."""
    since = f"{int(time.time() - NOON + DAY)}s"
    flags = ["--db", str(db)]

    history = llmprobe("history", *flags)
    assert [line.split()[:3] for line in history.stdout.splitlines()] == [
        ["status", "target", "what"],
        ["healthy", "a", "ok"],
        ["healthy", "b", "ok"],
    ]
    one = json.loads(llmprobe("history", "a", "-n", "5", *flags, "-f", "json").stdout)["targets"]
    assert [len(target["results"]) for target in one] == [5]
    found = json.loads(llmprobe("incidents", "--since", since, *flags, "-f", "json").stdout)["incidents"]
    assert [(i["target"], i["category"], i["failures"]) for i in found] == [("a", "overloaded", 3)]
    whole = json.loads(llmprobe("report", "b", "--since", since, *flags, "-f", "json").stdout)
    assert [(t["target"], t["n"]) for t in whole["targets"]] == [("b", 72)]
    assert llmprobe("report", "--since", since, *flags, "-f", "html").stdout.startswith("<!doctype html>")
    assert "# LLM APIs" in llmprobe("report", "--since", since, *flags, "-f", "markdown").stdout
    assert json.loads(llmprobe("baseline", *flags, "-f", "json").stdout)["baselines"] == []


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["history", "aa"], 'did you mean "a"?'),
        (["report", "--since", "soon"], "--since: expected a duration"),
        (["incidents", "--db", "/nonexistent/h.db"], "there is no history at"),
        (["pick", "none", "-f", "yaml"], 'unknown format "yaml"'),
        (["wait", "openai", "--for", "0"], "--for: expected a duration"),
    ],
)
def test_wrong_questions_are_2(db: Path, args: list[str], says: str) -> None:
    more = [] if "--db" in args or args[0] == "wait" else ["--db", str(db)]
    done = llmprobe(*args, *more)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


def test_the_history_agrees_with_its_own_reports(db: Path) -> None:
    """Counts by SQL and counts by hand."""
    with open_history(db) as history:
        past = recent(history, "a", 1000)
        [row, _] = report(history, NOON, NOON + 3 * DAY).targets
        assert row.n == len(past)
        assert row.failed == sum(p.status is Status.FAILED for p in past)
        assert row.incidents == len(incidents(history, NOON, "a"))


# pick


def test_the_healthy_come_first_then_the_steady_then_the_fast() -> None:
    slow = result("slow", Status.HEALTHY, Category.OK, timings=Timings(ttft_s=0.9))
    fast = result("fast", Status.HEALTHY, Category.OK, timings=Timings(ttft_s=0.2))
    shaky = result("shaky", Status.HEALTHY, Category.OK, timings=Timings(ttft_s=0.1))
    degraded = result(
        "degraded", Status.DEGRADED, Category.SLOW, Fault.PROVIDER, timings=Timings(ttft_s=0.05)
    )
    down = result("down", Status.FAILED, Category.OVERLOADED, Fault.PROVIDER)
    lately = {"shaky": Lately(12, 5), "slow": Lately(12, 0), "fast": Lately(100, 1)}
    assert [c.target for c in choices([slow, down, degraded, shaky, fast], lately)] == [
        "fast",
        "slow",
        "shaky",
        "degraded",
    ]


@pytest.fixture
def group(sim: Served, tmp_path: Path) -> Callable[..., Path]:
    def write(**behaviours: str) -> Path:
        lines = ["[defaults]", "retries = 0"]
        for name, behaviour in behaviours.items():
            lines += [f"[targets.{name}]", 'provider = "simulator"', f'base_url = "{sim.at(behaviour)}"']
        path = tmp_path / "llmprobe.toml"
        path.write_text("\n".join([*lines, "[groups.chat]", f"members = {json.dumps(list(behaviours))}", ""]))
        return path

    return write


def test_pick_names_the_member_to_use(group: Callable[..., Path], tmp_path: Path) -> None:
    path = group(down="overloaded", slow="slow_first_token:300ms", fine="ok")
    flags = ["-c", str(path), "--db", str(tmp_path / "none.db")]
    text, shell = llmprobe("pick", "chat", *flags), llmprobe("pick", "chat", "-f", "shell", *flags)
    document = json.loads(llmprobe("pick", "chat", "-f", "json", *flags).stdout)

    assert (text.returncode, text.stdout) == (0, "fine\n")
    assert [c["target"] for c in document["ranked"]] == ["fine", "slow"]
    done = subprocess.run(
        ["sh", "-c", f'{shell.stdout}\necho "$LLMPROBE_TARGET $LLMPROBE_MODEL"'],
        capture_output=True,
        text=True,
    )
    assert done.stdout == "fine sim-1\n"


def test_pick_considers_the_last_hour(group: Callable[..., Path], tmp_path: Path) -> None:
    """What has failed half of the time is not picked for being fast just now."""
    path, db = group(shaky="ok", steady="slow_first_token:200ms"), tmp_path / "h.db"
    with open_history(db) as history:
        for n in range(10):
            at = time.time() - 600 + n
            cron(history, a_run(at, bad("shaky") if n % 2 else good("shaky"), good("steady")))
    assert llmprobe("pick", "chat", "-c", str(path), "--db", str(db)).stdout == "steady\n"


def test_pick_with_nothing_to_pick_says_why(group: Callable[..., Path], tmp_path: Path) -> None:
    done = llmprobe(
        "pick", "chat", "-c", str(group(a="auth", b="overloaded")), "--db", str(tmp_path / "none.db")
    )
    assert (done.returncode, done.stdout) == (4, "")
    assert "0 of 2 healthy" in done.stderr


def test_pick_shows_no_key(group: Callable[..., Path]) -> None:
    path = group(a="ok")
    path.write_text(
        path.read_text().replace(
            'provider = "simulator"', 'provider = "simulator"\napi_key = { env = "SIM_KEY" }'
        )
    )
    done = llmprobe("pick", "chat", "-f", "shell", "-c", str(path), env={"SIM_KEY": "sk-very-secret-value"})
    assert "export LLMPROBE_KEY_ENV=SIM_KEY" in done.stdout.splitlines()
    assert "secret-value" not in done.stdout + done.stderr
    assert all(len(shlex.split(line)) == 2 for line in done.stdout.splitlines())


# wait


def test_wait_ends_when_all_is_well(sim: Served) -> None:
    """Refused twice, then healthy: it looks again soon at first."""
    url = sim.at(f"flaky:2:overloaded:{time.time()}")
    started = time.monotonic()
    done = llmprobe("wait", "--base-url", url, "--model", "sim-1", "--for", "30s")

    assert done.returncode == 0, done.stderr
    assert time.monotonic() - started < 10
    assert done.stderr.startswith("waiting: ")
    assert done.stdout.startswith("Healthy.\n")


def test_wait_ends_at_its_deadline_with_the_last_verdict(sim: Served) -> None:
    """Also where the last look was cut off: what was known stands."""
    started = time.monotonic()
    done = llmprobe("wait", "--base-url", sim.at("auth"), "--model", "m", "--for", "3s", "-f", "json")
    assert done.returncode == 4
    assert json.loads(done.stdout)["results"][0]["category"] == "auth"
    assert time.monotonic() - started < 8


def test_wait_for_a_server_that_is_not_there_yet(sim: Served) -> None:
    done = llmprobe("wait", "--base-url", "http://127.0.0.1:9", "--model", "m", "--for", "2s", "-q")
    assert (done.returncode, done.stdout) == (5, "")


def test_wait_interrupted_reports_what_it_knows(sim: Served) -> None:
    import signal

    process = started("wait", "--base-url", sim.at("auth"), "--model", "m", "--for", "60s")
    assert process.stderr is not None
    assert process.stderr.readline().startswith("waiting: ")
    process.send_signal(signal.SIGINT)
    stdout, _ = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "key rejected" in stdout


def test_history_and_csv_agree_on_units(sim: Served, tmp_path: Path) -> None:
    """The same run, written two ways."""
    db, sheet = tmp_path / "h.db", tmp_path / "r.csv"
    llmprobe(
        "check", "--base-url", sim.url, "--model", "sim-1", "--record", "--db", str(db), "-o", f"csv:{sheet}"
    )
    kept = json.loads(llmprobe("history", "--db", str(db), "-f", "json").stdout)["targets"][0]["results"][0]
    row = next(csv.DictReader(io.StringIO(sheet.read_text())))
    assert kept["ttft_ms"] == pytest.approx(float(row["ttft_ms"]))
    assert kept["status"] == row["status"] == "healthy"
