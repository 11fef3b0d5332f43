"""Configuration: what is right becomes targets, what is wrong is told with its place, all at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from llmprobe.config import Plan, Selection, make_plan
from llmprobe.config.files import find_config, read_env_file
from llmprobe.config.load import parse
from llmprobe.config.schema import ApiKeyTable, TargetTable, config_schema
from llmprobe.errors import ConfigError, LlmprobeError, MissingExtraError, SecretError, UsageError
from llmprobe.model import ProbeKind, Target
from tests.support import ROOT, clean_env, llmprobe

CONFIGS = Path(__file__).parent / "configs"
KEYS = {
    "GATEWAY_KEY": "key-of-the-gateway",
    "SOME_KEY": "some-other-key",
    "AZURE_OPENAI_ENDPOINT": "https://res.openai.azure.com",
}


def plan(text: str, tmp_path: Path, env: dict[str, str] | None = None, **wanted: object) -> Plan:
    file = tmp_path / "llmprobe.toml"
    file.write_text(text, encoding="utf-8")
    return make_plan(Selection(config=file, **wanted), env or {})  # type: ignore[arg-type]


def only(found: Plan) -> Target:
    assert len(found.built) == 1
    return found.built[0].target


@pytest.mark.parametrize("path", sorted((CONFIGS / "valid").glob("*.toml")), ids=lambda p: p.stem)
def test_a_valid_file_becomes_targets(path: Path) -> None:
    assert make_plan(Selection(config=path), KEYS).built


@pytest.mark.parametrize("path", sorted((CONFIGS / "invalid").glob("*.toml")), ids=lambda p: p.stem)
def test_one_mistake_is_told_with_its_place(path: Path) -> None:
    """File, line, key, what was expected, and the nearest name; the text beside each file says what is told."""
    expected, _, hint = path.with_suffix(".txt").read_text(encoding="utf-8").strip().partition(" | ")

    with pytest.raises(ConfigError) as caught:
        make_plan(Selection(config=path), {})
    assert [f"{m.where}: {m.what}".replace(str(path), "FILE") for m in caught.value.mistakes] == [expected]
    assert hint in (caught.value.mistakes[0].hint or "")


def test_all_mistakes_are_told_at_once() -> None:
    text = '[defaults]\ntimeout = "x"\nretires = 1\n[targets.a]\nprovider = "opnai"\nmodel = 1\n[groups.g]\nmembers = []\n'

    with pytest.raises(ConfigError) as caught:
        parse(text, Path("f.toml"))
    assert len(caught.value.mistakes) == 5


def test_a_secret_in_the_wrong_place_is_not_repeated() -> None:
    """A key pasted where a number belongs must not end up in a log."""
    with pytest.raises(ConfigError) as caught:
        parse('[defaults]\nretries = "sk-live-0123456789abcdef0123456789"\n', Path("f.toml"))
    assert "0123456789abcdef" not in str(caught.value)


def test_the_documented_file_is_read_as_documented(tmp_path: Path) -> None:
    """Expansion of models, tags, headers, thresholds, groups."""
    found = make_plan(Selection(config=CONFIGS / "valid" / "design.toml"), KEYS)
    claude, small, large = (built.target for built in found.built)

    assert claude.probes == (ProbeKind.MODELS, ProbeKind.STREAM)
    assert claude.thresholds.ttft_s == 2
    assert claude.missing_keys == ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
    assert (small.name, large.name) == ("gateway/small", "gateway/large")
    assert small.headers == {"x-team": "search"}
    assert small.credential is not None
    assert small.credential.secret.reveal() == "key-of-the-gateway"
    assert small.tags == ("internal",)
    assert found.groups[0].members == ("claude", "gateway/small", "gateway/large")
    assert found.concurrency == 32


def test_discovery_follows_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--config, $LLMPROBE_CONFIG, ./llmprobe.toml, the user's folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    named, variable, user = (
        tmp_path / "a.toml",
        tmp_path / "b.toml",
        tmp_path / "home" / "llmprobe" / "llmprobe.toml",
    )
    user.parent.mkdir(parents=True)
    for file in (named, variable, user, tmp_path / "llmprobe.toml"):
        file.write_text("")
    env = {"LLMPROBE_CONFIG": str(variable)}

    assert find_config(named, env) == named
    assert find_config(None, env) == variable
    assert find_config(None, {}) == Path("llmprobe.toml")
    (tmp_path / "llmprobe.toml").unlink()
    assert find_config(None, {}) == user
    with pytest.raises(UsageError):
        find_config(tmp_path / "none.toml", {})


@pytest.mark.parametrize(
    ("env", "names"),
    [
        ({"OPENAI_API_KEY": "k1-0123456"}, ["openai"]),
        ({"OPENAI_API_KEY": "  "}, []),
        ({"GEMINI_API_KEY": "k1-0123456"}, ["gemini"]),
        ({"GEMINI_API_KEY": "k1-0123456", "GOOGLE_GENAI_USE_VERTEXAI": "true"}, []),
        ({"GITHUB_TOKEN": "k1-0123456"}, []),
        ({"AZURE_OPENAI_API_KEY": "k1-0123456"}, []),
        (
            {"AZURE_OPENAI_API_KEY": "k1-0123456", "AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com"},
            ["azure"],
        ),
        ({"AWS_BEARER_TOKEN_BEDROCK": "k1-0123456", "AWS_DEFAULT_REGION": "eu-west-1"}, ["bedrock"]),
        ({"VLLM_API_KEY": "k1-0123456"}, []),
    ],
)
def test_without_a_file_every_provider_with_a_key_is_probed(env: dict[str, str], names: list[str]) -> None:
    """By each provider's own rules; a token of another service selects nothing."""
    if not names:
        with pytest.raises(UsageError, match="nothing to probe"):
            make_plan(Selection(), env)
    else:
        assert [b.target.name for b in make_plan(Selection(), env).built] == names


def test_each_provider_has_its_own_precedence() -> None:
    """GOOGLE_API_KEY over GEMINI_API_KEY; an Entra token over a key; an API key over an auth token."""

    def credential(name: str, env: dict[str, str]) -> str:
        target = make_plan(Selection(targets=[name]), env).built[0].target
        assert target.credential is not None
        return f"{target.credential.origin} {target.credential.header}: {target.credential.scheme}".strip()

    both = {"GOOGLE_API_KEY": "google-key", "GEMINI_API_KEY": "gemini-key"}
    azure = {
        "AZURE_OPENAI_AD_TOKEN": "entra-token",
        "AZURE_OPENAI_API_KEY": "azure-key",
        "AZURE_OPENAI_ENDPOINT": "https://r",
    }
    assert credential("gemini", both) == "env GOOGLE_API_KEY x-goog-api-key:"
    assert credential("azure", azure) == "env AZURE_OPENAI_AD_TOKEN Authorization: Bearer"
    assert (
        credential("anthropic", {"ANTHROPIC_API_KEY": "a-key-123", "ANTHROPIC_AUTH_TOKEN": "token-123"})
        == "env ANTHROPIC_API_KEY x-api-key:"
    )
    assert (
        credential("anthropic", {"ANTHROPIC_AUTH_TOKEN": "token-123"})
        == "env ANTHROPIC_AUTH_TOKEN Authorization: Bearer"
    )


def test_variables_of_the_vendors_sdks_are_honoured() -> None:
    """Base URL, organisation, project and custom headers; an empty variable counts as unset."""
    env = {
        "OPENAI_API_KEY": "key-123456",
        "OPENAI_BASE_URL": "https://proxy.example/v1/",
        "OPENAI_ORG_ID": "org",
        "OPENAI_CUSTOM_HEADERS": "X-A: b\nX-C: d",
    }
    target = only(make_plan(Selection(), env))

    assert target.base_url == "https://proxy.example/v1"
    assert target.wire.headers == {"OpenAI-Organization": "org", "x-a": "b", "x-c": "d"}
    assert (
        only(make_plan(Selection(), {**env, "OPENAI_BASE_URL": ""})).base_url == "https://api.openai.com/v1"
    )


def test_secrets_come_from_where_the_file_says(tmp_path: Path) -> None:
    """A variable, a file, a command, a literal (with a warning), or none at all."""
    (tmp_path / "key").write_text("key-in-a-file\n")
    head = '[targets.a]\nprovider = "openai"\n'

    def key(source: str) -> str | None:
        credential = only(plan(head + f"api_key = {source}\n", tmp_path, {"V": "key-in-env"})).credential
        return credential.secret.reveal() if credential else None

    assert key('{ env = "V" }') == "key-in-env"
    assert key(f'{{ file = "{tmp_path}/key" }}') == "key-in-a-file"
    assert key('{ command = ["printf", "key-of-command"] }') == "key-of-command"
    assert key('"key-in-clear-text"') == "key-in-clear-text"
    assert key("false") is None
    assert "clear text" in plan(head + 'api_key = "key-in-clear-text"\n', tmp_path).warnings[0]


@pytest.mark.parametrize(
    "source",
    [
        '{ file = "/nonexistent" }',
        '{ command = ["false"] }',
        '{ command = ["no-such-command-at-all"] }',
        '{ command = ["true"] }',
        '"kéy-with-ümlauts"',
    ],
)
def test_a_secret_that_cannot_be_read_stops_before_anything_is_sent(source: str, tmp_path: Path) -> None:
    with pytest.raises(SecretError, match='target "a"'):
        plan(f'[targets.a]\nprovider = "openai"\napi_key = {source}\n', tmp_path)


def test_the_keyring_is_an_extra(tmp_path: Path) -> None:
    """Its absence is one clear sentence that names the extra."""
    with pytest.raises((MissingExtraError, SecretError)) as caught:
        plan('[targets.a]\nprovider = "openai"\napi_key = { keyring = "svc/me" }\n', tmp_path)
    assert "keyring" in (caught.value.hint or caught.value.message)


def test_no_secret_is_read_when_nothing_will_be_sent(tmp_path: Path) -> None:
    """`config check` and `--dry-run` run no command."""
    marker = tmp_path / "ran"
    text = f'[targets.a]\nprovider = "openai"\napi_key = {{ command = ["touch", "{marker}"] }}\n'

    plan(text, tmp_path, read_secrets=False)
    assert not marker.exists()


def test_another_vendors_key_is_told_before_it_is_sent() -> None:
    found = make_plan(Selection(targets=["openai"]), {"OPENAI_API_KEY": "sk-ant-0123456789"})
    assert "looks like one of Anthropic" in found.warnings[0]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (["claude"], ["claude"]), (["gateway/*"], ["gateway/small", "gateway/large"]), (["gateway"], ["gateway/small", "gateway/large"]),
        (["@internal"], ["gateway/small", "gateway/large"]), (["group:chat"], ["claude", "gateway/small", "gateway/large"]),
        (["gateway/large", "claude"], ["claude", "gateway/large"]), (["mistral/x"], ["mistral/x"]),
    ],
)  # fmt: skip
def test_targets_are_selected_by_name_glob_tag_and_group(wanted: list[str], names: list[str]) -> None:
    """In the file's order, whatever the order of the command line."""
    found = make_plan(Selection(targets=wanted, config=CONFIGS / "valid" / "design.toml"), KEYS)
    assert [built.target.name for built in found.built] == names


def test_an_unknown_target_gets_the_nearest_name() -> None:
    with pytest.raises(UsageError) as caught:
        make_plan(Selection(targets=["cluade"], config=CONFIGS / "valid" / "design.toml"), KEYS)
    assert caught.value.hint == 'did you mean "claude"?'


def test_a_url_is_probed_without_a_file() -> None:
    """`--base-url` with a dialect and a model; no key unless one is named."""
    overrides = TargetTable(base_url="http://127.0.0.1:8000", dialect="anthropic-messages", model="m")
    target = only(
        make_plan(
            Selection(overrides=overrides), {"OPENAI_API_KEY": "must-not-travel", "KEY": "the-key-to-use"}
        )
    )
    with_key = TargetTable(base_url="http://h", model="m", api_key=ApiKeyTable(env="KEY"))

    assert (target.base_url, target.dialect, target.credential) == (
        "http://127.0.0.1:8000/v1",
        "anthropic-messages",
        None,
    )
    assert only(make_plan(Selection(overrides=with_key), {"KEY": "the-key-to-use"})).credential is not None


def test_an_embedding_model_is_probed_as_one(tmp_path: Path) -> None:
    text = '[targets.a]\nprovider = "openai"\nmodel = "text-embedding-3-small"\napi_key = false\n'
    assert only(plan(text, tmp_path)).probes == (ProbeKind.EMBEDDINGS,)


def test_a_probe_that_the_dialect_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no probe"):
        plan('[targets.a]\nprovider = "anthropic"\nprobes = ["embeddings"]\n', tmp_path)


def test_an_env_file_is_read_as_shells_write_it(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# comment\nexport A=1\nB='two words'\nC=\"three\" # not this\nD=four # comment\n\nE=\n")

    assert read_env_file(file) == {"A": "1", "B": "two words", "C": "three", "D": "four", "E": ""}
    file.write_text("A=1\nthis is no assignment\n")
    with pytest.raises(UsageError, match=":2: expected NAME=value"):
        read_env_file(file)


def test_the_published_schema_accepts_what_the_program_accepts() -> None:
    """jsonschema and our own conversion agree on every example file."""
    import tomllib

    import jsonschema

    validator = jsonschema.Draft202012Validator(config_schema())
    for path in (CONFIGS / "valid").glob("*.toml"):
        validator.validate(tomllib.loads(path.read_text(encoding="utf-8")))
    assert list(validator.iter_errors({"targets": {"a": {"base_ulr": "x"}}}))


@given(st.text(max_size=120))
def test_no_text_makes_it_raise_anything_else(text: str) -> None:
    """A file is right, or it is told what is wrong with it."""
    try:
        parse(text, Path("f.toml"))
    except LlmprobeError as error:
        assert str(error)


TOML = st.recursive(
    st.booleans() | st.integers(-5, 99) | st.text("ab", max_size=3),
    lambda x: st.lists(x, max_size=2) | st.dictionaries(st.sampled_from(["targets", "a", "provider", "api_key", "defaults", "groups", "timeout", "env", "models", "members"]), x, max_size=3),
    max_leaves=10,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["targets", "defaults", "groups", "x"]), TOML, max_size=3))
def test_wrong_types_anywhere_are_mistakes_not_crashes(value: dict[str, object]) -> None:
    import tomli_w

    try:
        parse(tomli_w.dumps(value), Path("f.toml"))
    except ConfigError as error:
        assert error.mistakes


def test_the_environment_is_not_changed(tmp_path: Path) -> None:
    """Reading a plan has no side effects on the process."""
    before = dict(os.environ)
    plan('[targets.a]\nprovider = "openai"\napi_key = { env = "V" }\n', tmp_path, {"V": "0123456789"})
    assert dict(os.environ) == before


# The JSON Schema, for editors


def schema_keys() -> list[tuple[str, str, dict[str, Any]]]:
    found = []
    for table, about in config_schema()["$defs"].items():
        found += [(table, key, value) for key, value in about["properties"].items()]
    return found


@pytest.mark.parametrize(
    ("table", "key", "about"), schema_keys(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_each_key_is_described_with_examples_that_load(table: str, key: str, about: dict[str, Any]) -> None:
    """Words, a unit where there is one, and values that both the schema and the loader accept."""
    assert len(about["description"].split()) >= 3
    assert about["description"].endswith(".")
    assert about["examples"]
    schema = config_schema()
    for example in [*about["examples"], *([about["default"]] if "default" in about else [])]:
        jsonschema.validate(example, {"$defs": schema["$defs"], **about})


def test_the_defaults_that_the_schema_tells_are_the_programs() -> None:
    """By building a target and the settings with nothing said."""
    from llmprobe.config.alerts import AlertSettings
    from llmprobe.config.history import HistorySettings
    from llmprobe.config.schema_notes import DEFAULTS
    from llmprobe.durations import parse_duration_s

    plan = make_plan(Selection(targets=["simulator"]), {})
    target = plan.built[0].target
    told = {
        key: parse_duration_s(value) if isinstance(value, str) else value for key, value in DEFAULTS.items()
    }
    assert told == {
        "timeout": target.timeouts.total_s, "connect_timeout": target.timeouts.connect_s, "stall_timeout": target.timeouts.stall_s,
        "retries": target.retries, "probes": [str(p) for p in target.probes], "http2": target.http2, "tls_verify": target.verify_tls,
        "per_host": plan.per_host, "record": HistorySettings().record, "keep": HistorySettings().keep_s,
        "max_mb": HistorySettings().max_bytes // 2**20, "confirm": AlertSettings().confirm, "recover": AlertSettings().recover,
        "min_interval": plan.serve().guard.min_interval_s, "tokens_per_hour": plan.serve().guard.tokens_per_hour,
        "need": 1, "challenge": target.expect.challenge, "stream_usage": target.wire.stream_usage,
    }  # fmt: skip


def test_check_jsonschema_accepts_the_schema_and_our_examples(tmp_path: Path) -> None:
    """A validator of others: the schema is valid, good files pass, a typing error does not."""
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps(config_schema()))
    command = [sys.executable, "-m", "check_jsonschema"]
    good = [str(p) for p in sorted((ROOT / "examples").glob("*.toml")) if p.name != "outage.toml"]
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('[targets.a]\nprovidr = "openai"\n')

    def run(*args: str) -> int:
        return subprocess.run(
            [*command, *args], capture_output=True, env={**clean_env(), "PYTHONWARNINGS": ""}
        ).returncode

    assert run("--check-metaschema", str(schema)) == 0
    assert run("--schemafile", str(schema), *good) == 0
    assert run("--schemafile", str(schema), str(wrong)) == 1


def test_the_pre_commit_hook_runs_what_is_there(tmp_path: Path) -> None:
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    program, *args = hook["entry"].split()
    wrong = tmp_path / "llmprobe.toml"
    wrong.write_text('[targets.a]\nprovidr = "openai"\n')
    assert program == "llmprobe"
    assert llmprobe(*args, str(wrong)).returncode == 2
    good = [str(ROOT / "examples" / name) for name in ("llmprobe.toml", "local.toml")]
    assert llmprobe(*args, *good).returncode == 0
    assert llmprobe(*args, good[0], str(wrong)).returncode == 2


SELECTION = """
[targets.claude]
provider = "anthropic"
tags = ["cloud"]
[targets.gateway]
provider = "openai-compatible"
base_url = "http://127.0.0.1:1"
models = ["small", "large"]
[groups.chat]
members = ["claude", "gateway/small"]
"""


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        (["!claude"], ["gateway/small", "gateway/large"]),
        (["!@cloud"], ["gateway/small", "gateway/large"]),
        (["!cloud"], ["gateway/small", "gateway/large"]),
        (["!gateway"], ["claude"]),
        (["!*/large"], ["claude", "gateway/small"]),
        (["!group:chat"], ["gateway/large"]),
        (["gateway", "!gateway/small"], ["gateway/large"]),
        (["group:chat", "!cloud"], ["gateway/small"]),
    ],
)
def test_an_exclamation_mark_leaves_targets_out(tmp_path: Path, wanted: list[str], left: list[str]) -> None:
    path = tmp_path / "llmprobe.toml"
    path.write_text(SELECTION)
    plan = make_plan(Selection(wanted, path, read_secrets=False), {})
    assert [target.name for target in plan] == left


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (["!clade"], 'no target matches "!clade"'),
        (["claude", "!claude"], '"claude" "!claude" leaves no target'),
    ],
)
def test_a_negation_that_means_nothing_is_a_mistake(tmp_path: Path, wanted: list[str], words: str) -> None:
    """Else a typing error would probe what was meant to be left out."""
    path = tmp_path / "llmprobe.toml"
    path.write_text(SELECTION)
    with pytest.raises(UsageError) as caught:
        make_plan(Selection(wanted, path, read_secrets=False), {})
    assert caught.value.message == words


def test_a_negation_without_a_file_is_of_the_environments_providers() -> None:
    env = {"OPENAI_API_KEY": "sk-123456", "GROQ_API_KEY": "gsk_123456"}
    plan = make_plan(Selection(["!groq"]), env)
    assert [target.name for target in plan] == ["openai"]


def test_every_timing_and_the_rate_have_limits_by_name(tmp_path: Path) -> None:
    path = tmp_path / "llmprobe.toml"
    path.write_text(
        '[targets.a]\nprovider = "openai"\nthresholds = { first_event = "1s", dns = { warn = "50ms", crit = "1s" }, '
        'itl_p95 = "p95 < 2s", tokens_per_second = { warn = 20, crit = 5 }, cert_days = { warn = 30 } }\n'
    )
    found = make_plan(Selection(config=path, read_secrets=False), {})[0].thresholds
    assert (found.first_event_s, found.dns_s) == (1.0, 0.05)
    assert found.critical == {"dns": 1.0, "tokens_per_second": 5}
    assert [limit.metric for limit in found.quantiles] == ["itl_p95"]
    assert (found.tokens_per_second, found.cert_days, found.cert_critical_days) == (20, 30, 3)


@pytest.mark.parametrize(
    ("table", "days"),
    [
        ("", (14, 3)),
        ("cert_days = 30", (30, 3)),
        ("cert_days = 2", (2, 2)),
        ("cert_days = 0", (None, None)),
        ("cert_days = { crit = 7 }", (14, 7)),
        ("cert_days = { warn = 20, crit = 0 }", (20, None)),
    ],
)
def test_certificates_are_told_at_fourteen_days_and_fail_at_three(
    tmp_path: Path, table: str, days: tuple[float | None, float | None]
) -> None:
    path = tmp_path / "llmprobe.toml"
    path.write_text(f'[targets.a]\nprovider = "openai"\nthresholds = {{ {table} }}\n')
    found = make_plan(Selection(config=path, read_secrets=False), {})[0].thresholds
    assert (found.cert_days, found.cert_critical_days) == days


def test_no_baseline_is_asked_of_what_the_history_does_not_keep(tmp_path: Path) -> None:
    path = tmp_path / "llmprobe.toml"
    path.write_text('[targets.a]\nprovider = "openai"\nthresholds = { first_event = "2x baseline" }\n')
    with pytest.raises(ConfigError):
        make_plan(Selection(config=path, read_secrets=False), {})
