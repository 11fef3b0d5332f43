"""
Make `llmprobe/providers/prices.tsv` from two public lists of prices; nobody types a price.

    pip install genai-prices
    python -m tests.make_prices --litellm model_prices_and_context_window.json > prices.tsv

genai-prices (MIT) comes first, LiteLLM's map (MIT, taken as a file, never as a package) fills its gaps. Where
both speak and differ by more than a tenth, and where a default model of the catalogue has no price or an
end in sight, that is printed on standard error. USD for a million tokens, standard tier, short prompt; where
the hour decides, the dearest hour.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from llmprobe.providers import providers
from llmprobe.providers.prices import bare_name

_IDS = {
    "openai": ("openai", ("openai",)),
    "anthropic": ("anthropic", ("anthropic",)),
    "gemini": ("google", ("gemini",)),
    "vertex": ("google", ("vertex_ai-language-models", "vertex_ai")),
    "azure": ("azure", ("azure",)),
    "bedrock": ("aws", ("bedrock", "bedrock_converse")),
    "mistral": ("mistral", ("mistral",)),
    "cohere": ("cohere", ("cohere", "cohere_chat")),
    "groq": ("groq", ("groq",)),
    "deepseek": ("deepseek", ("deepseek",)),
    "xai": ("x-ai", ("xai",)),
    "together": ("together", ("together_ai",)),
    "fireworks": ("fireworks", ("fireworks_ai",)),
    "openrouter": ("openrouter", ()),
    "perplexity": ("perplexity", ("perplexity",)),
    "cerebras": ("cerebras", ("cerebras",)),
    "moonshot": ("moonshotai", ("moonshot",)),
    "dashscope": (None, ("dashscope",)),
    "zai": ("zai", ("zai",)),
}
"""Our name of a provider, its name in genai-prices, and its names in LiteLLM's map."""
_ONLY_CATALOGUE = {"openrouter"}
"""Too many models, and their answers say what they cost."""
_MODES = {"chat", "responses", "completion", "embedding"}
_COLUMNS = "provider, USD for a million tokens of input and of output, and for a thousand requests, models"
_REGIONAL = r"us-gov\.|[a-z]+-(gov-)?[a-z]+-\d/"
"""The same models again, region by region."""
_END_IN_SIGHT_DAYS = 60
_DIFFERENT = 0.1


class Price(NamedTuple):
    """USD for a million tokens of input and output, and for a thousand requests."""

    input: float
    output: float
    requests: float = 0.0

    def differs(self, other: Price) -> bool:
        pairs = zip(self[:2], other[:2], strict=True)
        return any(abs(mine - theirs) > _DIFFERENT * max(mine, theirs) for mine, theirs in pairs)


Prices = Mapping[str, Price]


def merged(first: Prices, second: Prices, name: str) -> tuple[dict[str, Price], list[str]]:
    """`first`, with what only `second` knows; and a sentence for each model on which they differ."""
    remarks = [
        f"{name}: {model}: {tuple(first[model])} and {tuple(second[model])}"
        for model in sorted(first.keys() & second.keys())
        if first[model].differs(second[model])
    ]
    return {**second, **first}, remarks


def of_litellm(entries: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Price]:
    """The prices of one provider in LiteLLM's map, whose keys may begin with the provider's name."""
    found = {}
    for key, entry in entries.items():
        if entry.get("litellm_provider") not in names or entry.get("mode") not in _MODES or key[:3] == "ft:":
            continue
        if re.match(_REGIONAL, key):
            continue
        given, made = entry.get("input_cost_per_token"), entry.get("output_cost_per_token")
        if given is None or made is None:
            continue
        fees = entry.get("search_context_cost_per_query") if "perplexity" in names else None
        fee = max((fees or {"": 0}).values())
        prefix = next((name for name in (f"{n}/" for n in names) if key.startswith(name)), "")
        found[bare_name(key.removeprefix(prefix))] = Price(
            _rounded(given * 1e6), _rounded(made * 1e6), _rounded(fee * 1e3)
        )
    return found


def of_genai_prices(provider_id: str | None) -> dict[str, Price]:
    """The prices of one provider in genai-prices, under each model's name and its exact aliases."""
    if provider_id is None:
        return {}
    data = import_module("genai_prices.data").providers
    models = next(p.models for p in data if p.id == provider_id)
    found = {}
    for model in models:
        price = _dearest(provider_id, model.id)
        if price is not None:
            found.update(dict.fromkeys(map(bare_name, (model.id, *_equals(model.match))), price))
    return found


def _dearest(provider_id: str, model: str) -> Price | None:
    """A short prompt's price, in the dearest hour of today."""
    genai = import_module("genai_prices")
    today = datetime.now(UTC).replace(minute=30)

    def cost(hour: int, **usage: int) -> float:
        told = genai.calc_price(
            genai.Usage(**usage),
            model,
            provider_id=provider_id,
            genai_request_timestamp=today.replace(hour=hour),
        )
        return float(told.total_price)

    try:
        fee = max(cost(hour, input_tokens=0, output_tokens=0) for hour in range(24))
        kinds = ("input_tokens", "output_tokens")
        each = [max(cost(hour, **{kind: 1000}) for hour in range(24)) - fee for kind in kinds]
    except (LookupError, ValueError):
        return None
    given, made = (_rounded(usd * 1e3) for usd in each)
    return Price(given, made, _rounded(fee * 1e3)) if any(each) else None


def _equals(clause: Any) -> Iterator[str]:
    if (text := getattr(clause, "equals", None)) is not None:
        yield text
    for part in getattr(clause, "or_", ()):
        yield from _equals(part)


def text_of(prices: Mapping[str, Prices], day: date, sources: list[str]) -> str:
    """A line for each price: provider, input, output, a thousand requests, and the models that cost so."""
    lines = [f"# date\t{day.isoformat()}", f"# sources\t{', '.join(sources)}", f"# {_COLUMNS}"]
    for provider, models in prices.items():
        together: dict[Price, list[str]] = {}
        for model, price in sorted(models.items()):
            if not re.search(r"\s", model):
                together.setdefault(price, []).append(model)
        for price, names in sorted(together.items()):
            figures = (f"{figure:.6g}" for figure in price)
            lines.append("\t".join([provider, *figures, " ".join(names)]))
    return "\n".join(lines) + "\n"


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")


def _complaints(prices: Mapping[str, Prices], entries: Mapping[str, Any], day: date) -> Iterator[str]:
    """Default models without a price, and those that are soon no more."""
    for provider in providers().values():
        for model in filter(None, (provider.model, provider.embedding_model)):
            if bare_name(model) not in prices.get(provider.id, {}) and not provider.local:
                yield f"{provider.id}: no price for the default {model}"
            end = entries.get(model, {}).get("deprecation_date")
            if end and (date.fromisoformat(end) - day).days <= _END_IN_SIGHT_DAYS:
                yield f"{provider.id}: {model} ends on {end}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--litellm", type=Path, required=True)
    entries = json.loads(parser.parse_args().litellm.read_text())
    prices, remarks = dict[str, Prices](), list[str]()
    for name, (genai_id, litellm_ids) in _IDS.items():
        both, differences = merged(of_genai_prices(genai_id), of_litellm(entries, litellm_ids), name)
        provider = providers()[name]
        if name in _ONLY_CATALOGUE:
            both = {m: p for m, p in both.items() if m in (provider.model, provider.embedding_model)}
        prices[name] = both
        remarks += differences
    day = datetime.now(UTC).date()
    version = import_module("genai_prices").__version__
    sources = [f"genai-prices {version}", "LiteLLM's model_prices_and_context_window.json"]
    sys.stdout.write(text_of(prices, day, sources))
    for line in (*remarks, *_complaints(prices, entries, day)):
        print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
