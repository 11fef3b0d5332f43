"""`-m '*'` and `models = ["*"]`: each model that the provider lists."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import llmprobe as library
from tests.support import Served, llmprobe


def config(tmp_path: Path, sim: Served, models: str, behaviour: str = "ok", extra: str = "") -> Path:
    path = tmp_path / "llmprobe.toml"
    path.write_text(
        f'[defaults]\ntimeout = "5s"\nretries = 0\nproxy = ""\n[targets.gw]\nprovider = "simulator"\n'
        f'base_url = "{sim.at(behaviour)}"\nmodels = {models}\n{extra}\n'
    )
    return path


def probed(*args: str) -> tuple[dict[str, str], str]:
    """Each target's probe, and standard error."""
    done = llmprobe("check", "-f", "json", *args)
    assert done.returncode == 0, done.stderr
    return {r["target"]: r["probe"] for r in json.loads(done.stdout)["results"]}, done.stderr


@pytest.mark.parametrize(
    ("models", "found"),
    [
        ('["*"]', {"gw/sim-1": "stream", "gw/sim-2": "stream", "gw/sim-embed": "embeddings"}),
        ('["sim-?"]', {"gw/sim-1": "stream", "gw/sim-2": "stream"}),
        ('["sim-2", "sim-?"]', {"gw/sim-2": "stream", "gw/sim-1": "stream"}),
        ('["*"]\nprobes = ["chat"]', {"gw/sim-1": "chat", "gw/sim-2": "chat"}),
        ('["*"]\nprobes = ["embeddings"]', {"gw/sim-embed": "embeddings"}),
    ],
)
def test_a_pattern_means_each_listed_model_that_the_probe_fits(
    sim: Served, tmp_path: Path, models: str, found: dict[str, str]
) -> None:
    assert probed("-c", str(config(tmp_path, sim, models)))[0] == found


def test_the_count_and_the_cost_are_said_first(sim: Served, tmp_path: Path) -> None:
    _, said = probed("-c", str(config(tmp_path, sim, '["sim-?"]')))
    _, twice = probed("-c", str(config(tmp_path, sim, '["sim-?"]')), "-n", "2")

    def tokens(text: str) -> int:
        return int(text.partition("at most about ")[2].split()[0])

    assert said.startswith("2 models of gw/sim-?: at most about ")
    assert tokens(twice) == 2 * tokens(said) > 0


def test_the_flag_sweeps_without_a_file_and_asks_once_for_the_list(sim: Served) -> None:
    before = sim.simulator.requests
    found, _ = probed("--base-url", sim.at("ok"), "--dialect", "openai-chat", "-m", "sim-?")

    assert [name.partition("/")[2] for name in found] == ["sim-1", "sim-2"]
    assert sim.simulator.requests - before == 3


def test_too_many_models_are_2_with_their_count_and_the_way_out(sim: Served, tmp_path: Path) -> None:
    path = config(tmp_path, sim, '["*"]')
    before = sim.simulator.requests
    done = llmprobe("check", "-c", str(path), "--max-models", "2")

    assert done.returncode == 2
    assert "3 models" in done.stderr
    assert "--max-models 3" in done.stderr
    assert done.stdout == ""
    assert sim.simulator.requests - before == 1
    with pytest.raises(library.UsageError, match="3 models"):
        library.check_sync(config=path, max_models=2)


@pytest.mark.parametrize(
    ("models", "behaviour", "category"),
    [('["*"]', "auth", "auth"), ('["no-such-*"]', "ok", "model_not_found")],
)
def test_no_list_and_no_match_are_the_target_s_result(
    sim: Served, tmp_path: Path, models: str, behaviour: str, category: str
) -> None:
    """Beside the others, which are probed all the same."""
    other = f'[targets.b]\nprovider = "simulator"\nbase_url = "{sim.at("ok")}"'
    done = llmprobe("check", "-f", "json", "-c", str(config(tmp_path, sim, models, behaviour, other)))
    results = {r["target"]: r for r in json.loads(done.stdout)["results"]}

    assert done.returncode == 4
    assert {name: r["category"] for name, r in results.items()} == {f"gw/{models[2:-2]}": category, "b": "ok"}
    assert "Traceback" not in done.stderr


def test_a_group_holds_what_the_pattern_found(sim: Served, tmp_path: Path) -> None:
    group = '[groups.chat]\nmembers = ["gw"]\nneed = 2\n'
    run = library.check_sync(config=config(tmp_path, sim, '["sim-?"]', extra=group), on_note=print)

    assert run.groups[0].healthy == 2
    assert run.exit_code is library.ExitCode.OK


def test_the_library_sweeps_its_own_targets(sim: Served) -> None:
    notes: list[str] = []
    target = library.target("simulator", sim.at("ok"), model="*", name="mine")
    run = library.check_sync(target, on_note=notes.append)

    assert [r.target for r in run.results] == ["mine/sim-1", "mine/sim-2"]
    assert notes[0].startswith("2 models of mine")


def test_a_dry_run_shows_the_question_for_the_list(sim: Served, tmp_path: Path) -> None:
    before = sim.simulator.requests
    done = llmprobe("check", "--dry-run", "-c", str(config(tmp_path, sim, '["*"]')))

    assert "/models" in done.stdout
    assert '"*"' not in done.stdout
    assert sim.simulator.requests == before


@pytest.mark.parametrize("command", ["wait", "pick", "diagnose"])
def test_other_commands_ask_for_a_name(sim: Served, tmp_path: Path, command: str) -> None:
    done = llmprobe(command, "gw/*", "-c", str(config(tmp_path, sim, '["*"]')))

    assert done.returncode == 2
    assert "pattern" in done.stderr
    assert "Traceback" not in done.stderr


def test_models_lists_for_a_target_whose_model_is_a_pattern(sim: Served, tmp_path: Path) -> None:
    done = llmprobe("models", "gw", "-c", str(config(tmp_path, sim, '["*"]')))
    assert "sim-embed" in done.stdout


def test_the_key_of_a_sweep_is_read_once_and_sent_with_each_probe(sim: Served, tmp_path: Path) -> None:
    """A key's command may ask a person, or a vault."""
    read = tmp_path / "read"
    command = f'api_key = {{ command = ["sh", "-c", "echo once >> {read}; echo sk-planted-91c4e7"] }}'
    found, _ = probed("-c", str(config(tmp_path, sim, '["*"]', extra=command)))

    assert len(found) == 3
    assert read.read_text() == "once\n"


def test_a_sweep_without_any_model_is_no_success(sim: Served, tmp_path: Path) -> None:
    run = library.check_sync(config=config(tmp_path, sim, '["*"]', "overloaded"))

    assert [(r.target, r.probe, r.category) for r in run.results] == [("gw/*", "models", "overloaded")]
    assert run.exit_code == 1
