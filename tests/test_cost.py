"""Cost: list prices, what an answer says of itself, forecasts, the budget in USD, and where all of it is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pytest_httpx import HTTPXMock

from llmprobe.counts import counted, money
from llmprobe.engine.probing.budget import Budget
from llmprobe.engine.probing.preview import preview
from llmprobe.model import Category, ProbeKind, Status
from llmprobe.model.cost import Spent, total
from llmprobe.providers import providers
from llmprobe.providers.prices import Price, price_date, price_of
from llmprobe.reports import Look, renderer
from llmprobe.reports.schema import run_schema
from tests.make_prices import Price as Listed
from tests.make_prices import merged, of_litellm, text_of
from tests.support import Served, a_target, check, check_one, llmprobe

USAGE = {"prompt_tokens": 30, "completion_tokens": 16}
UNPRICED = {"huggingface", "nvidia", "azure", "together"}
"""Providers whose default no list prices, or which have none."""


def answer(usage: dict[str, Any] | None = None, model: str = "gpt-6-luna") -> dict[str, Any]:
    choice = {"message": {"content": "hi"}, "finish_reason": "stop"}
    return {"model": model, "choices": [choice], **({"usage": usage} if usage else {})}


def luna(url: str = "http://mock/v1", **changes: Any) -> Any:
    return a_target(url, **{"provider": "openai", "model": "gpt-6-luna", **changes})


def test_default_models_have_a_price() -> None:
    missing = {
        p.id
        for p in providers().values()
        if p.model and not p.local and not p.retired and price_of(p.id, p.model) is None
    }
    assert missing <= UNPRICED


@pytest.mark.parametrize(
    ("provider", "model", "price"),
    [
        ("openai", "gpt-6-luna", Price(0.1, 0.5)),
        ("anthropic", "claude-haiku-5-5", Price(0.1, 0.5)),
        ("mistral", "ministral-3b-latest", Price(0.1, 0.1)),
        ("perplexity", "sonar", Price(1, 1, 12)),
        ("deepseek", "deepseek-flash", Price(0.3, 1.2)),
        ("zai", "glm-4.7-flash", Price(0, 0)),
        ("openai", "gpt-6-nonesuch", None),
        ("vllm", "gpt-6-luna", None),
        ("nonesuch", "gpt-6-luna", None),
    ],
)
def test_list_prices_are_those_of_a_short_prompt(provider: str, model: str, price: Price | None) -> None:
    """USD for a million tokens, and for a thousand requests; what no list names is unknown, never 0."""
    assert price_of(provider, model) == price


def test_a_snapshot_costs_what_its_model_costs_and_the_answers_name_helps() -> None:
    assert price_of("openai", "gpt-6-luna-2026-09-01") == Price(0.1, 0.5)
    assert price_of("openai", "my-alias", "gpt-6-luna") == Price(0.1, 0.5)
    assert price_of("fireworks", "accounts/fireworks/models/gpt-oss-20b") == Price(0.07, 0.3)
    assert len(price_date()) == len("2026-11-24")


def test_an_answer_costs_its_tokens_at_list_prices(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json=answer(USAGE))
    spent = check_one(luna(), ProbeKind.CHAT).spent
    assert spent is not None
    assert spent == Spent(1, 30, 16, spent.usd, "list")
    assert spent.usd == pytest.approx(30 * 0.1e-6 + 16 * 0.5e-6)


@pytest.mark.parametrize(
    ("cost", "usd"),
    [(0.0005, 0.0005), ({"request_cost": 0.005, "total_cost": 0.00502}, 0.00502), (0, 0.0)],
)
def test_what_the_answer_says_of_its_cost_comes_first(httpx_mock: HTTPXMock, cost: Any, usd: float) -> None:
    httpx_mock.add_response(json=answer({**USAGE, "cost": cost}))
    spent = check_one(luna(), ProbeKind.CHAT).spent
    assert spent is not None
    assert (spent.usd, spent.source) == (usd, "answer")


@pytest.mark.parametrize("cost", [True, "a lot", -1, 1e300, {"total_cost": None}, []])
def test_an_amount_that_makes_no_sense_is_not_believed(httpx_mock: HTTPXMock, cost: Any) -> None:
    text = json.dumps(answer({**USAGE, "cost": cost}))
    httpx_mock.add_response(text=text, headers={"content-type": "application/json"})
    spent = check_one(luna(), ProbeKind.CHAT).spent
    assert spent is not None
    assert spent.source == "list"


def test_a_request_fee_counts(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json=answer({"prompt_tokens": 10, "completion_tokens": 10}))
    target = luna(provider="perplexity", model="sonar")
    spent = check_one(target, ProbeKind.CHAT).spent
    assert spent is not None
    assert spent.usd == pytest.approx(0.012 + 20e-6)
    assert (preview(target, ProbeKind.CHAT).max_usd or 0) > 0.012


@pytest.mark.parametrize(
    "usage", [None, {"prompt_tokens": 10**400, "completion_tokens": 1}, {"prompt_tokens": 1}]
)
def test_what_nobody_counted_is_unknown_and_never_zero(
    httpx_mock: HTTPXMock, usage: dict[str, Any] | None
) -> None:
    httpx_mock.add_response(text=json.dumps(answer(usage)), headers={"content-type": "application/json"})
    spent = check_one(luna(), ProbeKind.CHAT).spent
    assert spent is not None
    assert (spent.usd, spent.source) == (None, None)


def test_a_refusal_and_what_was_never_sent_cost_nothing(sim: Served, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=401, json={"error": {"message": "Incorrect API key provided"}})
    assert check_one(luna(), ProbeKind.CHAT).spent == Spent(requests=1)
    assert check_one(luna(missing_keys=("OPENAI_API_KEY",)), ProbeKind.CHAT).spent == Spent()


def test_retries_and_samples_add_up(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=503, json={"error": {"message": "overloaded"}})
    for _ in range(3):
        httpx_mock.add_response(json=answer(USAGE))
    done = check(luna(retries=1, probes=(ProbeKind.CHAT,)), samples=3)
    spent = done.results[0].spent
    assert spent is not None
    assert (spent.requests, spent.input, spent.output) == (4, 90, 48)
    assert spent.usd == pytest.approx(3 * (30 * 0.1e-6 + 16 * 0.5e-6))


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    assert total([Spent(1, 1, 1, 0.5, "list"), Spent(1, 0, 0, None)]).usd is None
    assert total([Spent(1, 1, 1, 0.5, "list"), Spent(1, 1, 1, 0.5, "answer")]) == Spent(2, 2, 2, 1.0, "both")


def test_json_table_and_metrics_tell_the_cost(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json=answer(USAGE))
    httpx_mock.add_response(json=answer(USAGE))
    run = check(
        luna(name="known", probes=(ProbeKind.CHAT,)),
        luna(name="unknown", provider="vllm", probes=(ProbeKind.CHAT,)),
    )
    document = json.loads(renderer("json")(run, Look()))
    jsonschema.validate(document, run_schema())
    usd = 0.000011
    assert document["summary"]["cost"] == {
        "requests": 2, "input_tokens": 60, "output_tokens": 32, "usd": usd, "unknown": 1,
    }  # fmt: skip
    assert [r["cost"]["usd"] for r in document["results"]] == [usd, None]
    line = "used 92 tokens in 2 requests, about $0.000011; the cost of 1 probe is not known"
    assert line in renderer("table")(run, Look(width=120))
    assert "\nllmprobe_cost_usd{" in (prometheus := renderer("prometheus")(run, Look()))
    assert prometheus.count("llmprobe_cost_usd{") == 1, "an unknown cost is no sample"


def test_the_cost_budget_holds_and_says_what_was_too_much(httpx_mock: HTTPXMock) -> None:
    for _ in range(3):
        httpx_mock.add_response(json=answer(USAGE), is_optional=True)
    targets = [luna(name=str(n), probes=(ProbeKind.CHAT,)) for n in range(20)]
    most = preview(targets[0], ProbeKind.CHAT).max_usd or 0.0
    each = 0.000011
    done = check(*targets, max_cost_usd=most + 2 * each, concurrency=1)
    assert sum(r.status is Status.HEALTHY for r in done.results) == 3
    assert {r.category for r in done.results if r.status is not Status.HEALTHY} == {Category.BUDGET}
    assert "cost budget of $" in done.results[-1].reason
    assert "is used up" in done.results[-1].reason


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        (Budget(tokens=1), "the run's token budget of 1 is too small: this request may need "),
        (
            Budget(usd=1e-7),
            "the run's cost budget of $0.00000010 is too small: this request may need $0.0000",
        ),
    ],
)
def test_a_budget_that_was_never_used_is_not_called_used_up(budget: Budget, words: str) -> None:
    assert budget.why_not(luna(), ProbeKind.CHAT).startswith(words)


def test_max_cost_and_the_forecast_of_a_dry_run(sim: Served, tmp_path: Path) -> None:
    path = tmp_path / "llmprobe.toml"
    path.write_text(
        f'[targets.a]\nprovider = "openai"\nmodel = "gpt-6-luna"\nbase_url = "{sim.url}"\napi_key = false\n'
        f'[targets.b]\nprovider = "vllm"\nmodel = "m"\nbase_url = "{sim.url}"\n'
    )
    text = llmprobe("check", "-c", str(path), "--dry-run").stdout.splitlines()[-1]
    assert text.startswith("cost: at most about $0.000")
    assert text.endswith(f" (list prices of {price_date()}), 1 request at an unknown price")
    document = json.loads(llmprobe("check", "-c", str(path), "--dry-run", "-f", "json").stdout)
    assert document["unpriced"] == 1
    assert 0 < document["max_usd"] < 0.01
    assert [r["max_usd"] is None for r in document["requests"]] == [False, True]
    poor = llmprobe("check", "a", "-c", str(path), "--max-cost", "0", "-f", "json", "--no-record")
    assert json.loads(poor.stdout)["results"][0]["category"] == "budget"


@pytest.mark.parametrize(
    ("usd", "words"),
    [
        (0, "$0"),
        (1.1e-5, "$0.000011"),
        (0.012, "$0.012"),
        (0.5, "$0.50"),
        (1.3, "$1.30"),
        (1234.5, "$1,234.50"),
    ],
)
def test_money_has_no_exponent(usd: float, words: str) -> None:
    assert money(usd) == words


def test_nouns_agree_with_their_numbers() -> None:
    assert [counted(n, "target") for n in (0, 1, 2)] == ["0 targets", "1 target", "2 targets"]
    assert counted(2, "retry") == "2 retries"


def test_the_table_of_prices_is_made_from_two_lists() -> None:
    """The first list wins, the second fills gaps, and a difference of more than a tenth is told."""
    entries = {
        "xai/grok-9": {"litellm_provider": "xai", "mode": "chat", "input_cost_per_token": 2e-6, "output_cost_per_token": 4e-6},
        "xai/grok-10": {"litellm_provider": "xai", "mode": "chat", "input_cost_per_token": 1e-6, "output_cost_per_token": 4e-6},
        "xai/imagine": {"litellm_provider": "xai", "mode": "image_generation", "input_cost_per_token": 1e-6},
    }  # fmt: skip
    second = of_litellm(entries, ("xai",))
    both, remarks = merged({"grok-9": Listed(1.0, 4.0)}, second, "xai")
    assert both == {"grok-9": Listed(1.0, 4.0), "grok-10": Listed(1.0, 4.0)}
    assert remarks == ["xai: grok-9: (1.0, 4.0, 0.0) and (2.0, 4.0, 0.0)"]
    from datetime import date

    assert (
        text_of({"xai": both}, date(2026, 11, 24), ["a list"]).splitlines()[-1]
        == "xai\t1\t4\t0\tgrok-10 grok-9"
    )
