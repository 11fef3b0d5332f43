"""Every JSON document names its schema with a number, and keeps to what `llmprobe schema NAME` publishes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from llmprobe.alerts.notice import notices_of
from llmprobe.alerts.text import change_json
from llmprobe.model import Category, ExitCode, Fault, Run, Status
from llmprobe.model.past import Change, ChangeKind, Incident
from llmprobe.reports.schemas import NAMES, schema_of
from tests.support import Served, llmprobe


def published(name: str) -> Any:
    done = llmprobe("schema", name)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def config(tmp_path: Path, sim: Served) -> str:
    path = tmp_path / "llmprobe.toml"
    path.write_text(
        f'[history]\nrecord = true\npath = "{tmp_path / "h.db"}"\n'
        '[defaults]\ntimeout = "5s"\nretries = 0\nproxy = ""\n'
        + "".join(
            f'[targets.{name}]\nprovider = "simulator"\nbase_url = "{sim.at(name)}"\n'
            for name in ("ok", "auth")
        )
        + '[groups.chat]\nmembers = ["ok"]\n'
    )
    return str(path)


COMMANDS = {
    "run": ("check",),
    "diagnosis": ("diagnose", "auth", "--no-status"),
    "history": ("history",),
    "incidents": ("incidents",),
    "report": ("report",),
    "baseline": ("baseline",),
    "pick": ("pick", "chat"),
    "models": ("models", "ok"),
    "settings": ("config", "show"),
    "requests": ("check", "--dry-run"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_s_json_keeps_to_its_schema(name: str, config: str) -> None:
    """Also over a history with a failure in it."""
    llmprobe("check", "-c", config)
    document = json.loads(llmprobe(*COMMANDS[name], "-c", config, "-f", "json").stdout)
    jsonschema.validate(document, published(name))
    assert document["schema"].startswith("llmprobe.")


@pytest.mark.parametrize(("name", "flags"), [("result", ()), ("request", ("--dry-run",))])
def test_each_line_of_ndjson_names_its_schema(name: str, flags: tuple[str, ...], config: str) -> None:
    lines = llmprobe("check", "-c", config, "-f", "ndjson", *flags).stdout.splitlines()
    assert len(lines) == 2
    for line in lines:
        jsonschema.validate(json.loads(line), published(name))


def test_the_catalogue_and_the_explanation_keep_to_their_schemas() -> None:
    jsonschema.validate(json.loads(llmprobe("providers", "-f", "json").stdout), published("providers"))
    jsonschema.validate(json.loads(llmprobe("explain", "429", "-f", "json").stdout), published("explain"))
    for asked in ((), ("auth",)):
        jsonschema.validate(
            json.loads(llmprobe("explain", *asked, "-f", "json").stdout), published("categories")
        )


def test_the_status_pages_keep_to_their_schema(tmp_path: Path, refused_url: str) -> None:
    path = tmp_path / "c.toml"
    path.write_text(
        f'[targets.a]\nprovider = "simulator"\nbase_url = "{refused_url}"\nstatus_page = "{refused_url}"\n'
    )
    done = llmprobe("status", "a", "-c", str(path), "-f", "json")
    jsonschema.validate(json.loads(done.stdout), published("status"))


def test_a_notice_keeps_to_its_schema() -> None:
    incident = Incident(
        id=1, target="a", provider="openai", category=Category.OVERLOADED, fault=Fault.PROVIDER, reason="busy",
        opened_at_utc=0.0, confirmed_at_utc=0.0, closed_at_utc=None, failures=2,
    )  # fmt: skip
    change = Change(ChangeKind.OPENED, incident, 60.0, Category.OVERLOADED, Fault.PROVIDER, "busy")
    run = Run("1", 0.0, 1.0, Status.FAILED, "a is busy", ExitCode.FAILED, ())
    document = change_json(notices_of([change])[0], run)

    jsonschema.validate(document, schema_of("change"))
    assert set(document) == set(schema_of("change")["$defs"]["ChangeNotice"]["properties"])


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_one_and_has_a_number(name: str) -> None:
    schema = schema_of(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["title"].startswith("llmprobe.")
    assert schema["title"].endswith("/1")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": "llmprobe.other/1"}, schema)


def test_the_names_are_listed_and_an_unknown_one_is_2() -> None:
    assert llmprobe("schema").stdout.split() == ["config", *NAMES]
    done = llmprobe("schema", "rum")
    assert done.returncode == 2
    assert "run" in done.stderr
