"""The real command: exit codes, streams, formats, and words for people."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from msgspec.structs import fields

from llmprobe.config.schema import AlertsTable
from llmprobe.reports.schema import run_schema
from tests.support import ROOT, Served, clean_env, llmprobe, started


def config(tmp_path: Path, served: Served, *behaviours: str, extra: str = "") -> Path:
    """A file with one target for each behaviour."""
    lines = ["[defaults]", 'timeout = "2s"', "retries = 0", 'proxy = ""']
    for behaviour in behaviours:
        name = behaviour.replace(":", "-")
        lines += [f'[targets."{name}"]', 'provider = "simulator"', f'base_url = "{served.at(behaviour)}"']
    path = tmp_path / "llmprobe.toml"
    path.write_text("\n".join([*lines, extra, ""]))
    return path


def check_json(*args: str, **more: Any) -> dict[str, Any]:
    done = llmprobe("check", "-f", "json", *args, **more)
    document: dict[str, Any] = json.loads(done.stdout)
    jsonschema.validate(document, run_schema())
    assert document["exit_code"] == done.returncode
    return document


@pytest.mark.parametrize(
    ("behaviours", "args", "code"),
    [
        (["ok"], [], 0),
        (["overloaded"], [], 1),
        (["overloaded"], ["--fail-on", "never"], 0),
        (["buffered:600ms"], [], 0),
        (["buffered:600ms"], ["--fail-on", "degraded"], 3),
        (["auth", "overloaded"], [], 4),
        (["quota"], [], 4),
        (["rate_limited"], [], 4),
        (["model_not_found"], [], 4),
        (["reset", "overloaded"], [], 5),
        (["proxy_407"], [], 5),
    ],
)
def test_exit_codes(sim: Served, tmp_path: Path, behaviours: list[str], args: list[str], code: int) -> None:
    """One by one, through the real command, and the same in the JSON."""
    path = config(tmp_path, sim, *behaviours)
    assert check_json("-c", str(path), *args)["exit_code"] == code


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["check"], "nothing to probe"),
        (["check", "-c", "/nonexistent.toml"], 'no file "/nonexistent.toml"'),
        (["check", "no-such-provider"], 'no target matches "no-such-provider"'),
        (["check", "--base-url", "h"], "--base-url: expected"),
        (["check", "openai", "--dialect", "opneai-chat"], 'did you mean "openai-chat"?'),
        (["check", "openai", "--probe", "strem"], 'did you mean "stream"?'),
        (["check", "openai", "--timeout", "soon"], "--timeout: expected a duration"),
        (["check", "openai", "--fail-on", "faild"], 'did you mean "failed"?'),
        (["check", "openai", "-o", "json"], "expected FORMAT:PATH"),
        (["check", "openai", "-o", "jsn:x"], 'did you mean "json"?'),
        (["check", "openai", "-o", "json:/nonexistent/x"], "no folder"),
        (["check", "--retries", "x"], "retries"),
        (["nonsense"], "nonsense"),
        (["providers", "antropic"], 'did you mean "anthropic"?'),
        (["explain", "ovrloaded"], 'did you mean "overloaded"?'),
        (["config", "check"], "no configuration"),
        (["simulate", "-b", "nonsense"], "unknown behaviour"),
        (["simulate", "--tls", "expird"], 'did you mean "expired"?'),
    ],
)
def test_usage_errors_are_2_with_a_clear_word(args: list[str], says: str) -> None:
    """No traceback; nothing on standard output; what to do."""
    done = llmprobe(*args)

    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_wrong_file_is_2_with_every_mistake(tmp_path: Path) -> None:
    path = tmp_path / "llmprobe.toml"
    path.write_text('[defaults]\ntimeout = "x"\n[targets.a]\nprovider = "opnai"\n')
    done = llmprobe("check", cwd=tmp_path)

    assert done.returncode == 2
    assert done.stderr.count("error:") == 2
    assert 'hint: did you mean "openai"?' in done.stderr


def test_everything_skipped_is_2(tmp_path: Path) -> None:
    """A file without targets leaves nothing to probe."""
    (tmp_path / "llmprobe.toml").write_text("")
    assert llmprobe("check", cwd=tmp_path).returncode == 2


def test_a_bug_is_70(sim: Served, tmp_path: Path) -> None:
    """Said so, blamed on nobody, with a traceback only for --debug."""
    path = config(tmp_path, sim, "ok")
    code = (
        "import sys, llmprobe.engine.run as r\n"
        "async def boom(*a, **k): raise RuntimeError('planted')\n"
        "r.run_probe = boom\n"
        "from llmprobe.cli.main import run_cli\n"
        f"sys.exit(run_cli(['check', '-c', {str(path)!r}, *sys.argv[1:]]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=clean_env())
    debug = subprocess.run(
        [sys.executable, "-c", code, "--debug"], capture_output=True, text=True, env=clean_env()
    )

    assert done.returncode == debug.returncode == 70
    assert "bug in llmprobe" in done.stdout
    assert "Traceback" not in done.stderr
    assert "RuntimeError: planted" in debug.stderr


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_reports_what_is_finished(sim: Served, tmp_path: Path, signum: int, code: int) -> None:
    path = config(tmp_path, sim, "ok", "no_headers")
    path.write_text(path.read_text().replace('"2s"', '"30s"'))
    before = sim.simulator.requests
    process = started("check", "-c", str(path), "-f", "json")
    give_up = time.monotonic() + 30
    while sim.simulator.requests < before + 2 and time.monotonic() < give_up:
        time.sleep(0.05)
    time.sleep(1.0)  # the good answer comes at once, and has to be read
    process.send_signal(signum)
    stdout, stderr = process.communicate(timeout=30)

    assert process.returncode == code
    assert [r["category"] for r in json.loads(stdout)["results"]] == ["ok", "cancelled"]
    assert "interrupted" in stderr


def test_the_key_failures_in_table_and_json_alike(sim: Served, tmp_path: Path, refused_url: str) -> None:
    """A wrong key, an unknown model, a stopped server, a stalled stream, an overload event in a 200 stream."""
    names = ["auth", "model_not_found", "stall", "stream_overloaded"]
    path = config(
        tmp_path,
        sim,
        *names,
        extra=f'[targets.stopped]\nprovider = "simulator"\nbase_url = "{refused_url}"\n',
    )
    run = check_json("-c", str(path))
    table = llmprobe("check", "-c", str(path), env={"COLUMNS": "140"})

    found = {r["target"]: (r["category"], r["fault"]) for r in run["results"]}
    assert found == {
        "auth": ("auth", "client"), "model_not_found": ("model_not_found", "client"), "stall": ("stream_stalled", "provider"),
        "stream_overloaded": ("overloaded", "provider"), "stopped": ("connect", "network"),
    }  # fmt: skip
    assert table.returncode == run["exit_code"] == 4
    assert all(r["hint"] and r["hint"] in table.stdout.replace("\n", " ") for r in run["results"])
    for word in (
        "key rejected",
        "no such model",
        "stream stalled",
        "overloaded",
        "cannot connect",
        "yours",
        "theirs",
        "network",
    ):
        assert word in table.stdout


def test_standard_output_is_exactly_one_json_document(sim: Served, tmp_path: Path) -> None:
    done = llmprobe("check", "-c", str(config(tmp_path, sim, "ok", "auth")), "-f", "json")
    assert json.loads(done.stdout)["schema"] == "llmprobe.run/1"
    assert done.stderr == ""


def test_ndjson_is_one_object_a_line_as_results_arrive(sim: Served, tmp_path: Path) -> None:
    done = llmprobe("check", "-c", str(config(tmp_path, sim, "slow_headers:300ms", "ok")), "-f", "ndjson")
    lines = [json.loads(line) for line in done.stdout.splitlines()]

    assert [line["target"] for line in lines] == ["ok", "slow_headers-300ms"]
    schema = run_schema()
    jsonschema.validate(lines[0], {**schema["$defs"]["result"], "$defs": schema["$defs"]})


def test_quiet_says_nothing_when_all_is_well(sim: Served, tmp_path: Path) -> None:
    """And one line for each failure: what cron mails."""
    assert llmprobe("check", "-c", str(config(tmp_path, sim, "ok")), "-q").stdout == ""
    lines = llmprobe(
        "check", "-c", str(config(tmp_path, sim, "ok", "auth", "stall")), "-q"
    ).stdout.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("auth stream: failed auth (client): ")


def test_files_are_written_as_well(sim: Served, tmp_path: Path) -> None:
    """Several formats in one run; the screen keeps its own."""
    out = tmp_path / "out"
    out.mkdir()
    done = llmprobe(
        "check",
        "-c",
        str(config(tmp_path, sim, "ok")),
        "-o",
        f"json:{out}/r.json",
        "-o",
        f"ndjson:{out}/r.ndjson",
        "-o",
        f"table:{out}/r.txt",
    )

    assert sorted(p.name for p in out.iterdir()) == ["r.json", "r.ndjson", "r.txt"]
    assert json.loads((out / "r.json").read_text())["status"] == "healthy"
    assert "healthy" in done.stdout
    assert "\x1b" not in (out / "r.txt").read_text()


def test_a_file_that_cannot_be_written_costs_no_result(sim: Served, tmp_path: Path) -> None:
    """Told on standard error; the run's own result is still printed."""
    done = llmprobe("check", "-c", str(config(tmp_path, sim, "ok")), "-o", "json:/proc/x.json")
    assert "cannot write" in done.stderr
    assert "healthy" in done.stdout
    assert done.returncode == 0


def test_a_closed_pipe_ends_it_quietly(sim: Served, tmp_path: Path) -> None:
    path = config(tmp_path, sim, *(["ok"] + [f"slow_headers:{i}ms" for i in range(1, 40)]))
    command = f"{sys.executable} -m llmprobe check -c {path} -f ndjson | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, env=clean_env())

    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    "command", ["check -f ndjson", "check -v", "check -f html", "diagnose --no-status", "models"]
)
def test_a_reader_that_goes_away_is_no_failure(sim: Served, command: str) -> None:
    """Quietly, and with 0: what was not read is nobody's fault."""
    line = f"{sys.executable} -m llmprobe {command} --base-url {sim.url} -m sim-1 | true; echo ${{PIPESTATUS[0]}}"
    line = line.replace(" -m sim-1", "") if command == "models" else line
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=clean_env())
    assert (done.stdout, done.stderr) == ("0\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "words", ["check --base-url URL -m sim-1", "--help", "--version", "providers", "check --help"]
)
def test_a_full_standard_output_is_said(sim: Served, words: str, unbuffered: str) -> None:
    """Whoever writes it, at once or at the end; no traceback, and no bug of ours."""
    line = f"{sys.executable} -m llmprobe {words.replace('URL', sim.url)} > /dev/full"
    env = clean_env({"PYTHONUNBUFFERED": unbuffered})
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=env)
    assert done.returncode == 2
    assert done.stderr == "error: cannot write to standard output: No space left on device\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_standard_error_leaves_the_exit_code(tmp_path: Path) -> None:
    line = f"{sys.executable} -m llmprobe check -c {tmp_path}/none.toml 2> /dev/full"
    assert subprocess.run(["bash", "-c", line], env=clean_env()).returncode == 2


def test_a_dry_run_sends_nothing_and_shows_everything_but_the_key(
    serve: Callable[..., Served], tmp_path: Path
) -> None:
    served = serve()
    env = {"K": "sk-canary-0123456789"}
    args = (
        "check",
        "--base-url",
        served.url,
        "--model",
        "sim-1",
        "--api-key-env",
        "K",
        "--probe",
        "models,stream",
        "--dry-run",
    )
    text, values = llmprobe(*args, env=env), json.loads(llmprobe(*args, "-f", "json", env=env).stdout)

    assert served.simulator.last_headers == {}
    assert "POST " + served.url + "/v1/chat/completions" in text.stdout
    assert "Authorization: Bearer ***" in text.stdout
    assert "at most 16 output tokens; nothing was sent" in text.stdout
    assert "canary" not in text.stdout + text.stderr + json.dumps(values)
    assert [r["probe"] for r in values["requests"]] == ["models", "stream"]


def test_a_dry_run_counts_every_sample(sim: Served) -> None:
    args = ("check", "--base-url", sim.url, "--model", "sim-1", "--dry-run")
    once, thrice = llmprobe(*args).stdout, llmprobe(*args, "-n", "3").stdout

    assert "\n1 request, at most 16 output tokens; nothing was sent" in once
    assert "\n3 requests, at most 48 output tokens; nothing was sent" in thrice
    assert "  sent 3 times\n" in thrice
    values = json.loads(llmprobe(*args, "-n", "3", "-f", "json").stdout)
    assert (values["max_tokens"], [r["times"] for r in values["requests"]]) == (48, [3])


def test_samples_are_told_without_verbose(sim: Served) -> None:
    done = llmprobe("check", "--base-url", sim.url, "--model", "sim-1", "-n", "2", "--no-record")
    assert "  samples: 2, 100% good; ttft: min " in done.stdout


@pytest.mark.parametrize("dialect", ["openai-chat", "anthropic-messages", "gemini", "ollama"])
def test_ad_hoc_without_a_file(sim: Served, dialect: str) -> None:
    """`--base-url … --dialect … --model m` is all it needs."""
    run = check_json("--base-url", sim.url, "--dialect", dialect, "--model", "sim-1")
    assert (run["status"], run["results"][0]["dialect"]) == ("healthy", dialect)


def test_an_env_file_brings_keys(sim: Served, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f'OPENAI_API_KEY="sk-from-env-file"\nOPENAI_BASE_URL={sim.url}\n')
    run = check_json("--env-file", str(tmp_path / ".env"), "--model", "sim-1", cwd=tmp_path)

    assert run["results"][0]["target"] == "openai"
    assert sim.simulator.last_headers["authorization"] == "Bearer sk-from-env-file"


def test_groups_decide_the_exit_code(sim: Served, tmp_path: Path) -> None:
    """One working member is enough; with need = 2 it is not."""
    group = '[groups.chat]\nmembers = ["ok", "overloaded"]\nneed = {}\n'
    one = check_json("-c", str(config(tmp_path, sim, "ok", "overloaded", extra=group.format(1))))
    two = check_json("-c", str(config(tmp_path, sim, "ok", "overloaded", extra=group.format(2))))

    assert (one["exit_code"], one["groups"][0]["status"], one["status"]) == (0, "degraded", "degraded")
    assert (two["exit_code"], two["groups"][0]["status"]) == (1, "failed")


def test_samples_show_statistics(sim: Served, tmp_path: Path) -> None:
    path = config(tmp_path, sim, "ok")
    run = check_json("-c", str(path), "--samples", "4")
    text = llmprobe("check", "-c", str(path), "--samples", "4", "-v").stdout

    assert run["results"][0]["stats"]["n"] == 4
    assert run["results"][0]["stats"]["ttft_ms"]["p95"] is None
    assert "4, 100% good; ttft: min " in text


def test_verbose_shows_a_waterfall(sim: Served, tmp_path: Path) -> None:
    text = llmprobe("check", "-c", str(config(tmp_path, sim, "slow_first_token:100ms")), "-v").stdout
    for word in ("connect", "waiting", "first token", "stream", "peer", "request id", "clock", "tokens"):
        assert word in text


def terminal(args: list[str], columns: int, **env: str) -> str:
    """What the command prints on a terminal of that width."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(
            sys.executable,
            [sys.executable, "-m", "llmprobe", *args],
            {"TERM": "xterm", **clean_env(env), "COLUMNS": str(columns), "LINES": "40"},
        )
    text = b""
    while True:
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        text += data
    os.waitpid(pid, 0)
    os.close(fd)
    return text.decode("utf-8", "replace")


def plain(text: str) -> list[str]:
    """Lines as they stand on the screen: no colour, no progress line."""
    import re

    text = re.sub(r"\r?\x1b\[2K|[^\n]*\r(?!\n)", "", text)
    return [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip("\r") for line in text.split("\n")]


@pytest.mark.parametrize("columns", [20, 60, 80, 100, 140, 200])
def test_the_table_fits_every_terminal(sim: Served, tmp_path: Path, columns: int) -> None:
    """No line is wider than the screen; status, target and reason are always there."""
    path = config(tmp_path, sim, "ok", "stall", "auth")
    lines = plain(terminal(["check", "-c", str(path)], columns))

    assert max(map(len, lines)) <= columns
    assert "stall" in " ".join(lines)
    assert "healthy" in " ".join(lines)


def test_colour_is_for_terminals_only(sim: Served, tmp_path: Path) -> None:
    """And not where NO_COLOR or --no-color forbid it."""
    args = ["check", "-c", str(config(tmp_path, sim, "ok"))]

    assert "\x1b[" in terminal(args, 80).replace("\x1b[2K", "")
    assert "\x1b[3" not in terminal(args, 80, NO_COLOR="1")
    assert "\x1b[3" not in terminal([*args, "--no-color"], 80)
    assert "\x1b" not in llmprobe(*args).stdout


def test_an_ascii_terminal_gets_ascii(sim: Served, tmp_path: Path) -> None:
    path = config(tmp_path, sim, "ok", "stall", "gateway")
    done = llmprobe("check", "-c", str(path), env={"PYTHONIOENCODING": "ascii", "COLUMNS": "140"})

    assert done.stdout.isascii()
    assert "x failed" in done.stdout
    assert "+ healthy" in done.stdout


def test_progress_goes_to_standard_error_of_a_terminal(sim: Served, tmp_path: Path) -> None:
    text = terminal(["check", "-c", str(config(tmp_path, sim, "slow_headers:1s"))], 80)
    assert "waiting for slow_headers-1s" in text
    assert "waiting for" not in "\n".join(plain(text))


def test_a_dumb_terminal_gets_no_escape_sequence(sim: Served, tmp_path: Path) -> None:
    path = str(config(tmp_path, sim, "slow_headers:800ms"))
    assert "\x1b[2K" in terminal(["check", "-c", path], 80)
    assert "\x1b" not in terminal(["check", "-c", path], 80, TERM="dumb")


def test_demo_works_without_keys_or_network() -> None:
    """Quickly, with many kinds of trouble, and exit code 0."""
    started = time.monotonic()
    done = llmprobe("demo")

    assert done.returncode == 0
    assert time.monotonic() - started < 10
    for word in (
        "healthy",
        "degraded",
        "overloaded",
        "rate limited",
        "key rejected",
        "stream stalled",
        "TLS failed",
        "llmprobe check",
    ):
        assert word in done.stdout
    assert "gemini (Gemini): overloaded" in done.stdout
    assert "openrouter (Gemini)" not in done.stdout
    assert all(len(line) <= 80 for line in llmprobe("demo", env={"COLUMNS": "80"}).stdout.splitlines())
    run = json.loads(llmprobe("demo", "-f", "json").stdout)
    jsonschema.validate(run, run_schema())
    assert len({r["category"] for r in run["results"]}) >= 9


def test_simulate_serves_until_it_is_told_to_stop() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "llmprobe", "simulate", "--port", "0", "--behave", "auth", "--for", "20s"],
        stdout=subprocess.PIPE, text=True, env=clean_env(),
    )  # fmt: skip
    assert process.stdout is not None
    url = process.stdout.readline().split(" on ")[1].split(" ")[0]
    run = check_json("--base-url", url, "--model", "sim-1", "--retries", "0")
    process.terminate()

    assert run["results"][0]["category"] == "auth"
    assert process.wait(10) == 0
    process.stdout.close()


def test_simulate_says_when_a_port_is_taken(sim: Served) -> None:
    done = llmprobe("simulate", "--port", sim.url.rsplit(":", 1)[1])
    assert done.returncode == 2
    assert "--port 0 takes a free one" in done.stderr


def test_simulate_lists_its_behaviours() -> None:
    assert "stall_heartbeat" in llmprobe("simulate", "--list").stdout


@pytest.mark.parametrize("which", ["run", "config"])
def test_the_schemas_are_schemas(which: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(llmprobe("schema", which).stdout))


def test_providers_are_listed_for_people_and_scripts() -> None:
    table = llmprobe("providers", env={"COLUMNS": "160"}).stdout
    listed = json.loads(llmprobe("providers", "-f", "json").stdout)["providers"]

    assert "ANTHROPIC_API_KEY" in table
    assert "GitHub Models was retired" in table
    assert len(listed) >= 28
    assert (
        json.loads(llmprobe("providers", "openai", "-f", "json").stdout)["providers"][0]["token_param"]
        == "max_completion_tokens"
    )


def test_a_retired_provider_says_so_instead_of_failing() -> None:
    run = check_json("github-models")
    assert "retired on 2026-07-30" in run["results"][0]["reason"]


def test_a_key_that_was_not_sent_is_not_called_wrong(sim: Served, tmp_path: Path) -> None:
    """With `api_key = false` a 401 asks for a key; with a key it speaks of that key."""
    keyed = config(tmp_path, sim, "auth", extra='api_key = { command = ["echo", "a-key-of-some-length"] }')
    rejected = check_json("-c", str(keyed))["results"][0]
    keyless = config(tmp_path, sim, "auth", extra="api_key = false")
    without = check_json("-c", str(keyless))["results"][0]

    assert (rejected["category"], without["category"]) == ("auth", "auth")
    assert "none was sent" not in rejected["reason"]
    assert "wants a key, and none was sent" in without["reason"]
    assert "set api_key" in without["hint"]


def test_explain_tells_what_to_do() -> None:
    """For one category with its signals, and for all of them."""
    one = llmprobe("explain", "quota_exhausted").stdout
    every = json.loads(llmprobe("explain", "-f", "json").stdout)["categories"]

    assert "add credit" in one
    assert "insufficient_quota" in one
    assert len(every) == 41
    assert "overloaded" in llmprobe("explain").stdout


def test_config_check_is_fit_for_a_hook(sim: Served, tmp_path: Path) -> None:
    """Exit 0 and one line, or 2 and every mistake."""
    path = config(tmp_path, sim, "ok", "auth")
    done = llmprobe("config", "check", "-c", str(path))

    assert (done.returncode, done.stdout) == (0, f"{path}: 2 targets, 2 probes, 0 groups, no mistakes\n")


def test_config_show_tells_every_key_of_the_alerts_without_an_address(tmp_path: Path) -> None:
    path = tmp_path / "llmprobe.toml"
    path.write_text(
        '[targets.a]\nprovider = "simulator"\nbase_url = "http://127.0.0.1:9/v1"\n[alerts]\nevery = "1m"\n'
        'fail_share = "20% of 15m"\nalertmanager = ["http://127.0.0.1:9/canary-path"]\nexec = ["notify", "canary-word"]\n'
        'gatus = { url = "http://127.0.0.1:9", token = { env = "GATUS_TOKEN" } }\n'
        '[[alerts.mute]]\nstart = "22:00"\nend = "06:00"\n'
    )
    done = llmprobe("config", "show", "-c", str(path), "-f", "json", env={"GATUS_TOKEN": "canary-0123456789"})
    run = json.loads(done.stdout)["run"]

    assert {f"alerts.{field.name}" for field in fields(AlertsTable)} <= set(run)
    assert run["alerts.every"]["value"] == "60 s"
    assert run["alerts.mute"]["value"] == ["22:00 to 06:00"]
    assert run["alerts.alertmanager"]["value"] == ["configuration"]
    assert "canary" not in done.stdout + done.stderr


def test_config_show_tells_values_and_where_they_come_from(sim: Served, tmp_path: Path) -> None:
    path = config(tmp_path, sim, "ok")
    path.write_text(
        path.read_text()
        + 'api_key = { env = "SHOWN_KEY" }\nheaders = { "x-secret-token" = "canary-header-value" }\n'
    )
    env = {"SHOWN_KEY": "canary-0123456789"}
    text = llmprobe("config", "show", "-c", str(path), env=env).stdout
    values = json.loads(llmprobe("config", "show", "-c", str(path), "-f", "json", env=env).stdout)["targets"][
        0
    ]["values"]

    assert values["timeout"] == {"value": "2.00 s", "origin": "[defaults]"}
    assert values["base_url"]["origin"].endswith("llmprobe.toml:7")
    assert values["api_key"] == {"value": "***", "origin": "env SHOWN_KEY"}
    assert values["probes"]["origin"] == "default"
    assert "canary" not in text + json.dumps(values)


def test_help_is_there_for_every_command() -> None:
    """With an example, and grouped."""
    for command in ("check", "demo", "explain", "providers", "schema", "simulate"):
        done = llmprobe(command, "--help")
        assert done.returncode == 0
        assert "Example" in done.stdout
    assert "Exit codes" in llmprobe("--help").stdout
    assert llmprobe("--version").stdout == llmprobe("-V").stdout == "llmprobe 0.1.0\n"


def test_help_stands_in_sections_by_topic() -> None:
    """Commands and options alike; each topic once."""
    commands, options = llmprobe("--help").stdout, llmprobe("check", "--help").stdout
    for topic, name in (("Probing:", "check"), ("History:", "incidents"), ("In an outage:", "diagnose")):
        assert commands.count(f"\n{topic}\n") == 1
        assert f"  {name} " in commands.partition(f"\n{topic}\n")[2].partition("\n\n")[0]
    output = options.partition("\nOutput:\n")[2].partition("\n\n")[0]
    assert "--format" in output
    assert "--timeout" not in output


def test_help_has_colours_on_a_terminal_only() -> None:
    """The same text, with headings and names marked."""
    on_terminal, piped = terminal(["--help"], 80), llmprobe("--help").stdout
    assert "\x1b[1mProbing:\x1b[0m" in on_terminal
    assert "  \x1b[36mcheck\x1b[0m  " in on_terminal
    assert "\x1b[" not in terminal(["--help"], 80, NO_COLOR="1")
    assert "\x1b[" not in piped
    assert [line.rstrip() for line in plain(on_terminal.rstrip())] == [
        line.rstrip() for line in piped.splitlines()
    ]


def test_completion_can_be_installed() -> None:
    assert "--install-completion" in llmprobe("--help").stdout


def test_the_module_runs_like_the_script() -> None:
    script = Path(sys.executable).with_name("llmprobe")
    assert subprocess.run([script, "--version"], capture_output=True, text=True).stdout == "llmprobe 0.1.0\n"
    assert ROOT.joinpath("llmprobe", "py.typed").exists()


def test_closed_streams_do_not_hurt(sim: Served) -> None:
    """As under some init systems: the exit code is all there is."""
    command = f"{sys.executable} -m llmprobe check --base-url {sim.url} --model sim-1 --retries 0"
    assert subprocess.run(command + " >&- 2>&-", shell=True, env=clean_env()).returncode == 0
    assert subprocess.run(command + "0 -p models <&- >&-", shell=True, env=clean_env()).returncode == 0


@pytest.mark.parametrize(
    ("variable", "value", "rule"),
    [
        ("HTTPS_PROXY", "ftp://x:1", "net.proxy.settings"),
        ("SSL_CERT_FILE", "/nonexistent", "net.tls.settings"),
    ],
)
def test_settings_of_this_machine_that_make_no_sense_are_yours(variable: str, value: str, rule: str) -> None:
    run = check_json("--base-url", "https://127.0.0.1:9", "--model", "m", env={variable: value})
    result = run["results"][0]
    assert (result["rule"], result["fault"], run["exit_code"]) == (rule, "client", 4)


@pytest.mark.parametrize("url", ["http://host:99999", "http://", "http://[bad", "ftp://x", "http://u:p@h"])
def test_an_address_that_makes_no_sense_is_a_usage_error(url: str) -> None:
    done = llmprobe("check", "--base-url", url, "--model", "m")
    assert done.returncode == 2
    assert done.stderr.startswith("error: --base-url:")


@pytest.mark.parametrize(
    ("behaviour", "args", "code", "word"),
    [
        ("ok", [], 0, "OK"),
        ("overloaded", [], 2, "CRITICAL"),
        ("overloaded", ["--fail-on", "auth"], 0, "OK"),
        ("buffered:600ms", [], 1, "WARNING"),
        ("ok", ["--config", "/nonexistent.toml"], 3, "UNKNOWN"),
    ],
)
def test_a_nagios_plugin_speaks_as_one(
    sim: Served, tmp_path: Path, behaviour: str, args: list[str], code: int, word: str
) -> None:
    """One line on standard output and Nagios' own codes, also when the set-up is wrong."""
    path = config(tmp_path, sim, behaviour)
    done = llmprobe("check", "-f", "nagios", "-c", str(path), *args)

    assert (done.returncode, done.stdout.split()[1]) == (code, word)
    assert len(done.stdout.splitlines()) == 1


def test_several_reports_in_one_run(sim: Served, tmp_path: Path) -> None:
    """JSON on standard output, JUnit and Prometheus beside it as files."""
    path = config(tmp_path, sim, "ok", "overloaded")
    document = check_json(
        "-c", str(path), "-o", f"junit:{tmp_path}/report.xml", "-o", f"prometheus:{tmp_path}/llmprobe.prom"
    )

    assert document["exit_code"] == 1
    assert 'type="overloaded"' in (tmp_path / "report.xml").read_text()
    assert "llmprobe_up{" in (tmp_path / "llmprobe.prom").read_text()


def test_github_s_summary_page_is_written(sim: Served, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    done = llmprobe(
        "check",
        "-f",
        "github",
        "-c",
        str(config(tmp_path, sim, "auth")),
        env={"GITHUB_STEP_SUMMARY": str(summary)},
    )

    assert done.stdout.startswith("::error title=auth stream")
    assert summary.read_text().startswith("before\n**❌")


def test_the_deadline_and_the_budget_of_a_run(sim: Served, tmp_path: Path) -> None:
    path = config(tmp_path, sim, "ok", "slow_headers:1500ms")
    late = check_json("-c", str(path), "--deadline", "700ms")
    poor = check_json("-c", str(path), "--max-tokens-total", "1")

    assert [r["category"] for r in late["results"]] == ["ok", "deadline"]
    assert late["exit_code"] == 1
    assert [r["category"] for r in poor["results"]] == ["budget", "budget"]
    assert poor["exit_code"] == 2


@pytest.mark.parametrize(
    "args",
    [
        ("check", "--format", "sk-proj-abcdefgh12345678"),
        ("check", "--formt=sk-proj-abcdefgh12345678"),
        ("check", "--retries", "sk-proj-abcdefgh12345678"),
        ("sk-proj-abcdefgh12345678",),
        ("explain", "-f", "sk-proj-abcdefgh12345678", "529"),
    ],
)
def test_a_mistake_on_the_command_line_never_repeats_a_key(args: tuple[str, ...]) -> None:
    """A key lands there when a flag is forgotten; a word with a typing error is still quoted."""
    done = llmprobe(*args)
    assert done.returncode == 2
    assert "abcdefgh" not in done.stdout + done.stderr
    assert done.stderr.startswith("error: ")
    assert "'chekc'" in llmprobe("chekc").stderr


def test_a_group_without_a_command_shows_its_help() -> None:
    done = llmprobe("config")
    assert done.returncode == 2
    assert (done.stdout + done.stderr).startswith("Usage: llmprobe config")
