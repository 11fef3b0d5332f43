"""Sinks beyond our own webhook: Alertmanager, its document, Gatus, apprise; and times in which nothing is told."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from llmprobe.alerts import Notice
from llmprobe.alerts.alertmanager import _WARNINGS
from llmprobe.alerts.apprise_services import AppriseService
from llmprobe.alerts.text import change_json, details, headline
from llmprobe.classify import ABOUT
from llmprobe.config.alerts import parse_fail_share, parse_mute
from llmprobe.config.schema import MuteTable
from llmprobe.errors import UsageError
from llmprobe.model import Category, Family, Fault, Secret
from llmprobe.model.past import Change, ChangeKind, Incident
from llmprobe.monitor.mute import until, with_mute
from tests.hooks import Hook, hook_server
from tests.runs import MIXED
from tests.support import Served, llmprobe


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hook_server() as served:
        yield served


Check = Callable[..., Any]


@pytest.fixture
def checked(sim: Served, tmp_path: Path) -> Check:
    """One run over targets that behave as told, with `[alerts]` as given."""

    def run(alerts: str, *args: str, env: dict[str, str] | None = None, **behaviours: str) -> Any:
        path = tmp_path / "llmprobe.toml"
        tables = [
            f'[targets.{name}]\nprovider = "simulator"\nbase_url = "{sim.at(behaviour)}"\nretries = 0\n'
            for name, behaviour in behaviours.items()
        ]
        path.write_text("".join(tables) + "[alerts]\n" + alerts + "\n")
        return llmprobe("check", "-c", str(path), "--db", str(tmp_path / "h.db"), *args, env=env)

    return run


def test_alertmanager_hears_of_what_lasts_with_every_run_and_of_its_end(checked: Check, hook: Hook) -> None:
    """The labels stay, the cause may change; each alert ends by itself unless it is renewed."""
    alerts = f'alertmanager = ["{hook.url}"]\nevery = "10m"'
    for behaviour in ("overloaded", "server_error", "ok", "ok"):
        checked(alerts, "-q", a=behaviour)
    first, second, last = [call[2][0] for call in hook.calls]

    assert {call[:2] for call in hook.calls} == {("POST", "/api/v2/alerts")}
    assert first["labels"] == second["labels"] == last["labels"]
    assert first["labels"] == {
        "alertname": "LLMProbe", "target": "a", "provider": "simulator", "model": "sim-1", "severity": "critical",
    }  # fmt: skip
    assert [a["annotations"]["category"] for a in (first, second)] == ["overloaded", "server_error"]
    assert first["annotations"]["summary"] == "a is failing: overloaded (theirs)"
    assert last["annotations"]["summary"] == "a works again; the cause was: overloaded (theirs)"
    assert "hint" not in last["annotations"]
    assert first["startsAt"] == second["startsAt"] == last["startsAt"]
    held = datetime.fromisoformat(first["endsAt"]) - datetime.now(UTC)
    assert 15 * 60 < held.total_seconds() <= 25 * 60
    assert datetime.fromisoformat(last["endsAt"]) <= datetime.now(UTC)


def test_one_outage_is_one_request_to_each_alertmanager(checked: Check, hook: Hook) -> None:
    with hook_server() as other:
        alerts = f'alertmanager = ["{hook.url}", "{other.url}/am/"]\nalertmanager_token = {{ env = "TOKEN" }}'
        done = checked(
            alerts, "-q", env={"TOKEN": "secret-token-1234"}, a="overloaded", b="overloaded", c="ok"
        )
        assert [[a["labels"]["target"] for a in call[2]] for call in hook.calls] == [["a", "b"]]
        assert [call[1] for call in other.calls] == ["/am/api/v2/alerts"]
        assert hook.authorization == ["Bearer secret-token-1234"]
        assert done.stderr == ""


def test_a_dead_alertmanager_costs_no_other_its_alert(checked: Check, hook: Hook) -> None:
    alerts = f'alertmanager = ["http://127.0.0.1:9", "{hook.url}"]'
    runs = [checked(alerts, "-q", a="overloaded") for _ in range(2)]
    assert [bool(run.stderr) for run in runs] == [True, False], "it is mentioned once"
    assert len(hook.calls) == 2


def test_warnings_are_what_works_but() -> None:
    assert {c for c in Category if ABOUT[c].family is Family.DEGRADED} == _WARNINGS


def test_a_webhook_can_speak_as_alertmanager_does(checked: Check, hook: Hook) -> None:
    for behaviour in ("overloaded", "ok"):
        checked("", "-q", "--webhook", hook.url, "--webhook-format", "alertmanager", a=behaviour, b=behaviour)
    firing, resolved = [call[2] for call in hook.calls]
    assert (firing["version"], firing["status"], resolved["status"]) == ("4", "firing", "resolved")
    assert [alert["labels"]["target"] for alert in firing["alerts"]] == ["a", "b"]
    assert firing["commonLabels"]["provider"] == "simulator"
    assert "target" not in firing["commonLabels"]
    assert firing["alerts"][0]["endsAt"] == "0001-01-01T00:00:00Z"
    assert firing["groupKey"] == resolved["groupKey"]
    assert {"fingerprint", "generatorURL", "startsAt", "annotations"} <= set(firing["alerts"][0])
    assert checked("", "--webhook-format", "xml", a="ok").returncode == 2


def test_gatus_gets_each_result(checked: Check, hook: Hook) -> None:
    alerts = f'gatus = {{ url = "{hook.url}", token = {{ env = "TOKEN" }}, group = "llm apis" }}'
    checked(alerts, "-q", env={"TOKEN": "secret-token-1234"}, good="ok", bad="overloaded")
    calls = dict(call[1].split("?") for call in hook.calls)
    assert set(calls) == {f"/api/v1/endpoints/llm-apis_{name}/external" for name in ("good", "bad")}
    assert "success=true&error=&duration=" in calls["/api/v1/endpoints/llm-apis_good/external"]
    assert "success=false&error=overloaded" in calls["/api/v1/endpoints/llm-apis_bad/external"]
    assert set(hook.authorization) == {"Bearer secret-token-1234"}


def test_apprise_carries_a_change_to_a_service(checked: Check, hook: Hook) -> None:
    pytest.importorskip("apprise")
    alerts = f'apprise = ["json://{hook.url.removeprefix("http://")}/"]'
    for behaviour in ("overloaded", "overloaded", "ok"):
        done = checked(alerts, "-q", env={"PYTHONWARNINGS": ""}, a=behaviour)
        assert done.stderr == ""
    opened, closed = [call[2] for call in hook.calls]
    assert (opened["type"], closed["type"]) == ("failure", "success")
    assert opened["title"].startswith("llmprobe: a is failing since ")
    assert "seen from " in opened["message"]


def test_apprise_that_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    moment = 1_790_000_000.0
    incident = Incident(1, "a", "p", Category.AUTH, Fault.CLIENT, "because", moment, moment, None, 1)
    notice = Notice((Change(ChangeKind.OPENED, incident, moment, Category.AUTH, Fault.CLIENT, "because"),))
    service = AppriseService(Secret("json://127.0.0.1:9/secret-path"))
    error = asyncio.run(service.tell(notice, MIXED))
    assert "llmprobe-cli[notify]" in str(error)
    assert "secret-path" not in f"{service.name} {error}"


# Mute windows


@pytest.mark.parametrize(
    ("window", "at", "ends"),
    [
        ({"start": "22:00", "end": "06:00"}, "2026-11-24T23:00Z", "2026-11-25T06:00Z"),
        ({"start": "22:00", "end": "06:00"}, "2026-11-24T05:59Z", "2026-11-24T06:00Z"),
        ({"start": "22:00", "end": "06:00"}, "2026-11-24T06:00Z", None),
        ({"start": "22:00", "end": "06:00", "days": ["tue"]}, "2026-11-25T05:00Z", "2026-11-25T06:00Z"),
        ({"start": "22:00", "end": "06:00", "days": ["wed"]}, "2026-11-25T05:00Z", None),
        ({"start": "10:00", "end": "11:00", "timezone": "Europe/Berlin"}, "2026-11-24T09:30Z", "2026-11-24T10:00Z"),
        ({"start": "2026-11-24T10:00Z", "end": "2026-11-24T12:00+01:00"}, "2026-11-24T10:30Z", "2026-11-24T11:00Z"),
        ({"start": "2026-11-24T10:00", "end": "2026-11-24T12:00"}, "2026-11-24T12:00Z", None),
    ],
)  # fmt: skip
def test_a_window_is_in_force_at_its_time(window: dict[str, Any], at: str, ends: str | None) -> None:
    found = until(parse_mute(MuteTable(**window)), datetime.fromisoformat(at).timestamp())
    assert found == (None if ends is None else datetime.fromisoformat(ends))


@pytest.mark.parametrize(
    "window",
    [
        {"start": "soon", "end": "06:00"},
        {"start": "25:00", "end": "06:00"},
        {"start": "22:00", "end": "2026-11-24T10:00Z"},
        {"start": "2026-11-24T10:00Z", "end": "2026-11-24T09:00Z"},
        {"start": "22:00", "end": "06:00", "timezone": "Mars/Base"},
        {"start": "22:00", "end": "06:00", "timezone": "../etc/passwd"},
    ],
)
def test_a_window_that_is_none_is_refused(window: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        parse_mute(MuteTable(**window))


ALWAYS = '[[alerts.mute]]\nstart = "2026-01-01T00:00Z"\nend = "2099-01-01T00:00Z"\nreason = "moving house"\n'


def test_nothing_is_told_of_what_is_muted_and_the_run_says_so(checked: Check, hook: Hook) -> None:
    """The exit code stays; an outage within the window is never told, one that lasts is told after it."""
    args, quiet = ("--on-change", "--webhook", hook.url), f'{ALWAYS}targets = ["a*"]'
    first = checked(quiet, *args, a="overloaded", b="overloaded")
    assert (first.returncode, first.stdout.startswith("b is failing")) == (1, True)
    assert [call[2]["targets"] for call in hook.calls] == [["b"]]
    assert "alerts about a are muted until 2099-01-01 00:00 UTC (moving house)" in checked(
        quiet, "-f", "json", a="overloaded", b="overloaded"
    ).stdout  # fmt: skip
    after = checked("", *args, a="overloaded", b="overloaded")
    assert after.stdout.startswith("a is failing"), "it lasts beyond the window"
    checked("", *args, a="ok", b="ok")
    assert checked(ALWAYS, *args, a="overloaded", b="ok").stdout == ""
    assert checked(ALWAYS, *args, a="ok", b="ok").stdout == ""
    assert checked("", *args, a="ok", b="ok").stdout == "", "it began and ended within the window"


def test_what_is_told_late_says_that_it_began_in_a_window() -> None:
    at = datetime(2026, 11, 24, 23, 30, tzinfo=UTC).timestamp()
    [mute] = [parse_mute(MuteTable(start="22:00", end="06:00", targets=["claude"], reason="their upgrade"))]
    change = with_mute(changed("claude", ChangeKind.OPENED, at), [mute], MIXED)
    assert change.muted == "their upgrade"
    assert "alerts were muted when it began (their upgrade)" in list(details(Notice((change,)), MIXED))
    assert change_json(Notice((change,)), MIXED)["muted"] == "their upgrade"
    other = changed("busy", ChangeKind.OPENED, at)
    assert with_mute(other, [mute], MIXED) == other


# What people read


def changed(target: str, kind: ChangeKind, opened: float = 1_790_000_000.0, failures: int = 3) -> Change:
    """An overload that began then, of a target of the fixed run; `CLOSED` after an hour."""
    over = opened + 3600 if kind is ChangeKind.CLOSED else None
    cause = (Category.OVERLOADED, Fault.PROVIDER, "Anthropic says that it is overloaded", "fail over")
    incident = Incident(1, target, "anthropic", *cause[:3], opened, opened, over, failures)
    return Change(kind, incident, opened + 3600, *cause)


@pytest.mark.parametrize(
    ("kind", "targets", "lines"),
    [
        (ChangeKind.OPENED, ["claude", "slow", "busy"], [
            "all 3 targets at Anthropic are failing since 2026-09-21 14:13 UTC: overloaded (theirs)",
            "claude, slow, busy", "Anthropic says that it is overloaded", "-> fail over",
        ]),
        (ChangeKind.REMINDER, ["claude", "slow"], [
            "2 of 3 targets at Anthropic are still failing after 60 min: overloaded (theirs)",
            "claude, slow", "Anthropic says that it is overloaded", "-> fail over", "3 failed runs since 2026-09-21 14:13 UTC",
        ]),
        (ChangeKind.CLOSED, ["claude", "slow", "busy"], [
            "all 3 targets at Anthropic work again after 60 min; the cause was: overloaded (theirs)",
            "claude, slow, busy", "failed from 2026-09-21 14:13 UTC to 2026-09-21 15:13 UTC",
        ]),
        (ChangeKind.OPENED, ["claude"], [
            "claude is failing since 2026-09-21 14:13 UTC: overloaded (theirs)",
            "Anthropic says that it is overloaded", "-> fail over", "1 of 3 targets at Anthropic fails this way",
        ]),
        (ChangeKind.CLOSED, ["claude"], [
            "claude works again after 60 min; the cause was: overloaded (theirs)",
            "failed from 2026-09-21 14:13 UTC to 2026-09-21 15:13 UTC",
        ]),
    ],
)  # fmt: skip
def test_a_message_is_a_headline_and_what_one_needs_at_night(
    kind: ChangeKind, targets: list[str], lines: list[str]
) -> None:
    notice = Notice(tuple(changed(target, kind) for target in targets))
    assert [headline(notice, MIXED), *details(notice, MIXED)] == lines


def test_the_message_of_a_group_says_which_members_fail_and_why() -> None:
    [line] = [
        line for line in details(Notice((changed("group:chat", ChangeKind.OPENED),)), MIXED) if ":" in line
    ]
    assert line == "busy: overloaded (theirs)", "of the three members, those that do not work"
    many = [replace(MIXED.results[2], target=f"t{n}") for n in range(10)]
    run = replace(
        MIXED, results=many, groups=[replace(MIXED.groups[0], members=tuple(r.target for r in many))]
    )
    assert "t7: overloaded (theirs); and 2 more" in "".join(
        details(Notice((changed("group:chat", ChangeKind.OPENED),)), run)
    )


# Mistakes


@pytest.mark.parametrize(
    ("alerts", "says"),
    [
        ('fail_share = "many"', 'alerts.fail_share: expected a share such as "20% of 15m, min 10"'),
        ('alertmanager = ["ftp://x"]', "alerts.alertmanager: expected an http:// or https:// URL"),
        ('webhook_format = "xml"', "is not one of llmprobe, alertmanager"),
        (
            '[[alerts.mute]]\nstart = "soon"\nend = "06:00"',
            'alerts.mute: expected "2026-12-01T22:00Z" or "22:00"',
        ),
    ],
)
def test_mistakes_are_told_with_their_place(checked: Check, alerts: str, says: str) -> None:
    done = checked(alerts, a="ok")
    assert done.returncode == 2
    assert says in done.stderr


@pytest.mark.parametrize("text", ["20% of 15m, min 10", "0.5% of 1h", "100%of 5m,min 1"])
def test_shares_are_read(text: str) -> None:
    assert 0 < parse_fail_share(text).share <= 1


def test_a_watch_goes_by_the_share_of_failures_too(sim: Served, tmp_path: Path, hook: Hook) -> None:
    """Told once, with the third result, on standard output and to the webhook alike."""
    path = tmp_path / "llmprobe.toml"
    path.write_text(
        f'[targets.a]\nprovider = "simulator"\nbase_url = "{sim.at("overloaded")}"\nretries = 0\nproxy = ""\n'
        f'[alerts]\nwebhook = "{hook.url}"\nfail_share = "50% of 10m, min 3"\n'
    )
    flags = ["--every", "500ms", "--count", "4", "-q", "--db", str(tmp_path / "h.db")]
    done = llmprobe("watch", "-c", str(path), *flags)
    assert done.stdout.count("is failing since") == len(hook.calls) == 1
    assert "3 of 3 results failed within 10 min" in done.stdout
    assert "results failed within 10 min" in hook.calls[0][2]["reason"]
