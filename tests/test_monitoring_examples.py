"""The examples for Prometheus, Alertmanager, Grafana, systemd and Kubernetes: each is read by what it is for."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from llmprobe.cli.app import whole_app
from llmprobe.config import Selection, make_plan
from llmprobe.model import metrics
from llmprobe.model.metrics import Kind, Metric
from tests.docs import EXAMPLES

PROMETHEUS = EXAMPLES / "prometheus"
DASHBOARD = json.loads((EXAMPLES / "grafana-dashboard.json").read_text(encoding="utf-8"))
YAML = sorted([*EXAMPLES.glob("*.y*ml"), *PROMETHEUS.glob("*.y*ml")])
SUFFIXES = {Kind.GAUGE: ("",), Kind.COUNTER: ("_total",), Kind.HISTOGRAM: ("_bucket", "_sum", "_count")}


def rules(name: str) -> list[dict[str, Any]]:
    groups = yaml.safe_load((PROMETHEUS / f"{name}.rules.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def queries() -> Iterator[str]:
    """Every expression of the rules and of the dashboard."""
    yield from (rule["expr"] for name in ("recording", "alerts") for rule in rules(name))
    yield from (target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])


def exported() -> set[str]:
    """Every name that the program's tables hand out."""
    tables = [value for value in vars(metrics).values() if isinstance(value, tuple)]
    found = [metric for table in tables for metric in table if isinstance(metric, Metric)]
    return {f"{metric.prometheus_name}{suffix}" for metric in found for suffix in SUFFIXES[metric.kind]}


def installed(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_each_yaml_file_loads(path: Path) -> None:
    assert all(isinstance(one, dict) for one in yaml.safe_load_all(path.read_text(encoding="utf-8")))


def test_rules_and_panels_ask_for_what_there_is() -> None:
    recorded = {rule["record"] for rule in rules("recording")}
    known = exported()
    for query in queries():
        for name in re.findall(
            r"(?<![\w:])(?:\w+:)*(?:llmprobe|probe)_\w+(?::\w+)*", re.sub(r"\{[^}]*\}", "", query)
        ):
            assert name in (recorded if ":" in name else known), (name, query)


@pytest.mark.parametrize(
    "command",
    [
        ["promtool", "check", "config", "prometheus.yml"],
        ["promtool", "check", "rules", "recording.rules.yml", "alerts.rules.yml"],
        ["promtool", "test", "rules", "rules.test.yml"],
        ["amtool", "check-config", "../alertmanager.yml"],
    ],
    ids=" ".join,
)
def test_their_own_tools_accept_them(command: list[str]) -> None:
    done = subprocess.run(
        [installed(command[0]), *command[1:]], cwd=PROMETHEUS, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ("alertname=LLMGroupDown severity=critical", "pager"),
        ("alertname=LLMTargetFailing fault=client severity=critical", "pager"),
        ("alertname=LLMTargetFailing fault=network severity=critical", "network"),
        ("alertname=LLMTargetFailing fault=provider severity=critical", "team"),
        ("alertname=LLMTargetFailing fault=unknown severity=critical", "team"),
        ("alertname=LLMHeadroomLow fault=client severity=warning", "team"),
        ("alertname=LLMProbe provider=anthropic severity=critical", "team"),
    ],
)
def test_the_side_decides_who_is_called(labels: str, receiver: str) -> None:
    config = f"--config.file={EXAMPLES / 'alertmanager.yml'}"
    command = [installed("amtool"), "config", "routes", "test", config, *labels.split()]
    assert subprocess.run(command, capture_output=True, text=True).stdout.strip() == receiver


def test_each_alert_says_how_grave_it_is_and_has_a_summary() -> None:
    for rule in rules("alerts"):
        assert rule["labels"]["severity"] in ("critical", "warning"), rule["alert"]
        assert rule["annotations"]["summary"], rule["alert"]


def test_each_rule_is_tested() -> None:
    tests = yaml.safe_load((PROMETHEUS / "rules.test.yml").read_text())["tests"]
    tried = {
        case["alertname"] for test in tests for case in test.get("alert_rule_test", ()) if case["exp_alerts"]
    }
    assert tried == {rule["alert"] for rule in rules("alerts")}


def test_the_operator_s_probe_has_the_fields_of_its_schema() -> None:
    """`monitoring.coreos.com/v1`, as the operator's custom resource definition says."""
    probe = yaml.safe_load((PROMETHEUS / "probe.yaml").read_text())
    assert (probe["apiVersion"], probe["kind"]) == ("monitoring.coreos.com/v1", "Probe")
    spec = probe["spec"]
    assert set(spec) <= {"jobName", "interval", "scrapeTimeout", "module", "prober", "targets"}
    assert set(spec["prober"]) <= {"url", "scheme", "path", "proxyUrl"}
    assert not spec["prober"]["url"].startswith("http"), "the scheme is a field of its own"
    assert set(spec["targets"]) == {"staticConfig"}
    assert set(spec["targets"]["staticConfig"]) <= {"static", "labels", "relabelingConfigs"}
    service = kubernetes()["Service"]
    name, port = service["metadata"]["name"], service["spec"]["ports"][0]["port"]
    assert spec["prober"]["url"] == f"{name}.monitoring.svc:{port}"


# Grafana


def test_the_panels_lie_side_by_side_and_none_over_another() -> None:
    assert [panel["id"] for panel in DASHBOARD["panels"]] == list(range(1, len(DASHBOARD["panels"]) + 1))
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells


def test_the_panels_use_the_variables_that_there_are() -> None:
    """The data source is the reader's own; no panel names one of ours."""
    variables = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    own = {"__rate_interval", "__range", "__interval"}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(DASHBOARD["panels"])))
    assert used - own == variables
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {"${datasource}"}


def test_causes_verdicts_times_headroom_and_cost_have_a_panel() -> None:
    text = " ".join(panel["title"].lower() for panel in DASHBOARD["panels"])
    for subject in ("verdicts", "by side", "first token", "headroom", "tokens"):
        assert subject in text


# systemd and Kubernetes


UNITS = {"llmprobe-serve.service": "serve", "llmprobe-watch.service": "watch"}


@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_the_unit_and_finds_it_well_confined(tmp_path: Path, name: str) -> None:
    unit = tmp_path / name
    text = (EXAMPLES / name).read_text()
    unit.write_text(text.replace("/usr/local/bin/llmprobe", shutil.which("true") or "/bin/true"))
    analyze = installed("systemd-analyze")
    done = subprocess.run([analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    judge = [analyze, "security", "--offline=true", "--threshold=20", str(unit)]
    done = subprocess.run(judge, capture_output=True, text=True)
    if "unrecognized option" in done.stderr or "Unknown" in done.stderr:
        pytest.skip("this systemd cannot judge a unit that is not loaded")
    assert done.returncode == 0, done.stdout[-300:]


@pytest.mark.parametrize(("name", "command"), UNITS.items())
def test_the_command_of_each_unit_has_the_flags(name: str, command: str) -> None:
    """Flags that do not exist would raise."""
    found = re.search(r"^ExecStart=(.+)$", (EXAMPLES / name).read_text(), re.M)
    assert found is not None
    takes(command, found[1].split())


def takes(name: str, words: list[str]) -> None:
    """Whether the command line is one of ours."""
    assert (words[0].rpartition("/")[2], words[1]) == ("llmprobe", name)
    command = get_command(whole_app()).commands[name]  # type: ignore[attr-defined]
    assert command.make_context(name, words[2:]).info_name == name


def kubernetes() -> dict[str, Any]:
    text = (EXAMPLES / "kubernetes-deployment.yaml").read_text()
    return {one["kind"]: one for one in yaml.safe_load_all(text)}


def test_the_deployment_fits_together_and_is_confined() -> None:
    """What refers to another object names one that is there; the container can write nowhere but to its volume."""
    found = kubernetes()
    pod = found["Deployment"]["spec"]["template"]
    labels = pod["metadata"]["labels"]
    [container] = pod["spec"]["containers"]
    assert found["Deployment"]["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert found["Service"]["spec"]["selector"].items() <= labels.items()
    assert container["envFrom"][0]["secretRef"]["name"] == found["Secret"]["metadata"]["name"]
    assert pod["spec"]["volumes"][0]["configMap"]["name"] == found["ConfigMap"]["metadata"]["name"]
    assert {m["name"] for m in container["volumeMounts"]} == {v["name"] for v in pod["spec"]["volumes"]}
    [port] = container["ports"]
    assert found["Service"]["spec"]["ports"][0]["targetPort"] == port["name"]
    assert {container[kind]["httpGet"]["path"] for kind in ("livenessProbe", "readinessProbe")} == {
        "/-/healthy",
        "/-/ready",
    }
    assert pod["spec"]["securityContext"]["runAsNonRoot"]
    assert pod["spec"]["securityContext"]["runAsUser"] > 0
    assert not pod["spec"]["automountServiceAccountToken"]
    context = container["securityContext"]
    assert context["readOnlyRootFilesystem"]
    assert not context["allowPrivilegeEscalation"]
    assert context["capabilities"] == {"drop": ["ALL"]}


def test_the_command_of_the_container_has_the_flags() -> None:
    [container] = kubernetes()["Deployment"]["spec"]["template"]["spec"]["containers"]
    takes("serve", container["command"])


def test_the_configuration_of_the_deployment_is_valid(tmp_path: Path) -> None:
    file = tmp_path / "llmprobe.toml"
    file.write_text(kubernetes()["ConfigMap"]["data"]["llmprobe.toml"])
    assert make_plan(Selection(config=file, read_secrets=False), {}).built


def test_the_telegraf_plugin_has_its_settings() -> None:
    """Telegraf's file is TOML; its timeout lets our deadline come first."""
    [plugin] = tomllib.loads((EXAMPLES / "telegraf.conf").read_text())["inputs"]["exec"]
    assert plugin["data_format"] == "prometheus"
    deadline = re.search(r"--deadline (\d+)s", plugin["commands"][0])
    assert deadline is not None
    assert int(deadline[1]) < int(plugin["timeout"].rstrip("s")) < int(plugin["interval"].rstrip("s"))
