"""The library does what the commands do, with the same result for the same configuration."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import time
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import llmprobe as library
from llmprobe.api.blocking import blocking
from tests.support import Served, a_target, llmprobe

VOLATILE = {"started_at", "duration_ms", "timings_ms", "phases", "self", "attempts", "peer", "read_at", "ms", "details",
            "request_id", "stats", "tokens", "at", "total_ms", "ttft_ms", "time_ms", "came", "lasted_s",
            "opened_at", "median_ms", "p95_ms", "until", "since", "day", "worst_hours_utc", "days", "connects",
            "rate_limit"}  # fmt: skip
"""What two runs do not share: instants, times, and what the simulator counts."""


def steady(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: steady(item) for key, item in value.items() if key not in VOLATILE}
    return [steady(item) for item in value] if isinstance(value, list) else value


@pytest.fixture
def config(tmp_path: Path, sim: Served) -> Path:
    """Two healthy members of three, a rejected key, and a history."""
    path = tmp_path / "llmprobe.toml"
    members = "".join(
        f'[targets.{name}]\nprovider = "simulator"\nbase_url = "{sim.at(behave)}"\n'
        for name, behave in (("a", "ok"), ("b", "overloaded"), ("c", "ok"), ("key", "auth"))
    )
    path.write_text(
        f'[history]\nrecord = true\npath = "{tmp_path / "h.db"}"\n'
        '[defaults]\ntimeout = "5s"\nretries = 0\nproxy = ""\n'
        f'{members}[groups.chat]\nmembers = ["a", "b"]\nneed = 1\n'
    )
    return path


# The same run


@pytest.mark.parametrize(
    ("names", "flags", "options"),
    [
        ([], [], {}),
        (["a", "b"], [], {}),
        (["b"], ["--fail-on", "never"], {"fail_on": "never"}),
        (["a", "c"], ["-n", "3", "--rate", "50"], {"samples": 3, "rate_per_s": 50}),
        (["a", "c"], ["--max-tokens-total", "1"], {"max_tokens_total": 1}),
        (["a"], ["--deadline", "1ms"], {"deadline_s": 0.001}),
    ],
)
def test_check_of_the_command_and_of_the_library_are_one(
    config: Path, names: list[str], flags: list[str], options: dict[str, Any]
) -> None:
    """Groups, limits and `--fail-on` included; and both end with the same code."""
    command = llmprobe("check", *names, "-c", str(config), "-f", "json", "--no-record", *flags)
    run = library.check_sync(library.targets_from(config, *names), record=False, **options)

    assert steady(run.to_dict()) == steady(json.loads(command.stdout))
    assert int(run.exit_code) == command.returncode


def test_names_may_be_given_instead_of_a_plan(config: Path) -> None:
    run = library.check_sync("group:chat", config=config, record=False)
    assert [r.target for r in run.results] == ["a", "b"]
    assert run.groups[0].healthy == 1
    assert run.exit_code is library.ExitCode.OK


def test_wait_gives_up_on_a_rejected_key(config: Path) -> None:
    """At once, in the command and in the library: waiting cures nothing."""
    started = time.monotonic()
    command = llmprobe("wait", "key", "-c", str(config), "--for", "60s", "-f", "json")
    run = library.wait_sync("key", config=config, for_s=60)

    assert steady(run.to_dict()) == steady(json.loads(command.stdout))
    assert int(run.exit_code) == command.returncode == 4
    assert time.monotonic() - started < 40


def test_pick_of_the_command_and_of_the_library_are_one(config: Path) -> None:
    command = llmprobe("pick", "chat", "-c", str(config), "-f", "json")
    picked = library.pick_sync("chat", config=config)

    assert picked.target is not None
    assert picked.target.name == json.loads(command.stdout)["target"] == "a"
    assert [choice.target for choice in picked.ranked] == ["a"]
    assert library.pick_sync("b", config=config).target is None


def test_diagnose_of_the_command_and_of_the_library_are_one(config: Path) -> None:
    command = llmprobe("diagnose", "key", "-c", str(config), "-f", "json", "--no-status")
    done = library.diagnose_sync("key", config=config)

    assert steady(done.to_dict()) == steady(json.loads(command.stdout))
    assert int(done.exit_code) == command.returncode


def test_models_of_the_command_and_of_the_library_are_one(config: Path) -> None:
    command = llmprobe("models", "a", "-c", str(config), "-f", "json")
    result, models = library.models_sync("a", config=config)

    assert result.status is library.Status.HEALTHY
    assert [m.id for m in models] == [m["id"] for m in json.loads(command.stdout)["models"]]


def test_the_history_answers_both_alike(config: Path, tmp_path: Path) -> None:
    """What a program's run has recorded, the commands show, and the other way round."""
    library.check_sync(library.targets_from(config))
    llmprobe("check", "-c", str(config))

    def shown(*args: str) -> Any:
        return json.loads(llmprobe(*args, "-c", str(config), "-f", "json").stdout)

    assert (
        {name: len(past) for name, past in library.history_sync(config=config).items()}
        == {target["target"]: len(target["results"]) for target in shown("history")["targets"]}
        == {"a": 2, "b": 2, "c": 2, "key": 2}
    )
    assert [i.target for i in library.incidents_sync(config=config)] == [
        i["target"] for i in shown("incidents")["incidents"]
    ]
    assert [(t.target, t.failed) for t in library.report_sync(config=config).targets] == [
        (t["target"], t["failed"]) for t in shown("report")["targets"]
    ]
    assert [b.target for b in library.baseline_sync(config=config)] == [
        b["target"] for b in shown("baseline")["baselines"]
    ]
    with pytest.raises(library.UsageError, match="nobody"):
        library.history_sync("nobody", config=config)


def test_a_program_s_trouble_beside_the_probes_is_logged(
    config: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A history that cannot be written changes no result."""
    with caplog.at_level(logging.WARNING, "llmprobe"):
        run = library.check_sync("a", config=config, db="/proc/no/h.db")
    assert run.exit_code is library.ExitCode.OK
    assert "not recorded" in caplog.text

    notes: list[str] = []
    library.check_sync("a", config=config, db="/proc/no/h.db", on_note=notes.append)
    assert any("not recorded" in note for note in notes)


# Targets of a program


def test_a_provider_s_name_makes_a_target(sim: Served) -> None:
    target = library.target("openai", model="m", env={"OPENAI_API_KEY": "sk-0123456789"})
    assert (target.provider, target.base_url) == ("openai", "https://api.openai.com/v1")
    assert target.credential is not None
    assert target.credential.header_value() == "Bearer sk-0123456789"

    given = library.target("anthropic", model="m", api_key="sk-ant-0123456789", env={})
    assert given.credential is not None
    assert (given.credential.header, given.credential.scheme) == ("x-api-key", "")
    assert "0123456789" not in repr(given)

    assert library.target("openai", env={}).missing_keys == ("OPENAI_API_KEY",)


def test_a_wire_format_s_name_makes_a_target_with_an_address(sim: Served) -> None:
    target = library.target("gemini", sim.at("ok", "/v1beta"), model="m", api_key="a-key-0123456789")
    assert target.dialect == "gemini"
    assert target.credential is not None
    assert target.credential.header == "x-goog-api-key"
    with pytest.raises(library.UsageError, match="base_url"):
        library.target("openai-chat")


def test_an_unknown_name_comes_with_the_nearest_one() -> None:
    with pytest.raises(library.UsageError) as caught:
        library.target("opnai")
    assert "opnai" in caught.value.message
    assert caught.value.hint is not None
    assert "openai" in caught.value.hint


def test_targets_of_a_program_are_one_or_many(sim: Served) -> None:
    one, two = a_target(sim.at("ok"), name="one"), a_target(sim.at("overloaded"), name="two")
    assert library.check_sync(one).exit_code is library.ExitCode.OK
    assert library.check_sync([one, two]).exit_code is library.ExitCode.FAILED
    group = library.Group("any", ("one", "two"))
    assert library.check_sync([one, two], groups=[group]).exit_code is library.ExitCode.OK


# The surface


def test_a_running_loop_gets_the_useful_message() -> None:
    async def inside() -> None:
        with pytest.raises(RuntimeError, match=r"await llmprobe\.check\("):
            library.check_sync([])

    asyncio.run(inside())


def test_the_public_names_are_the_api() -> None:
    assert dir(library) == sorted(library.__all__)
    assert {"Category", "Fault", "Status", "UsageError", "ConfigError", "check", "wait", "pick", "diagnose",
            "status", "history", "incidents", "report", "baseline"} <= set(dir(library))  # fmt: skip
    for name in library.__all__:
        assert getattr(library, name) is not None
    with pytest.raises(AttributeError, match="nothing_of_ours"):
        library.nothing_of_ours  # noqa: B018


def test_a_room_of_the_same_name_hides_no_function() -> None:
    from llmprobe.history import open_history

    assert callable(open_history)
    assert inspect.iscoroutinefunction(library.history)


@pytest.mark.parametrize("name", [n for n in library.__all__ if n != "__version__"])
def test_every_public_name_is_documented_and_its_types_resolve(name: str) -> None:
    found = getattr(library, name)
    assert inspect.getdoc(found)
    if not name.endswith("_sync"):
        assert typing.get_type_hints(found) is not None


def test_every_function_has_the_signature_of_its_twin() -> None:
    for name in library.__all__:
        if name.endswith("_sync"):
            asynchronous: Callable[..., Any] = getattr(library, name.removesuffix("_sync"))
            assert inspect.signature(getattr(library, name)) == inspect.signature(asynchronous)


def test_a_twin_returns_what_the_function_returns() -> None:
    async def double(number: int) -> int:
        """Twice the number."""
        return number * 2

    assert blocking(double)(21) == 42


def test_a_run_becomes_its_json_document(sim: Served) -> None:
    """With plain values only: what FastAPI, json and pickle can carry."""
    import jsonschema

    from llmprobe.reports.schema import run_schema

    run = library.check_sync(a_target(sim.at("ok")))
    document = run.to_dict()

    jsonschema.validate(document, run_schema())
    assert json.loads(run.to_json()) == document
    assert type(document["status"]) is str
    assert document["results"][0] == run.results[0].to_dict()
    assert typing.get_type_hints(library.Run)["results"]
