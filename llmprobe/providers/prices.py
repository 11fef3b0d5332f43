"""
List prices, as dated data: `prices.tsv`, which `tests/make_prices.py` makes from public lists.

What no list names has no price here: unknown is None, never 0. Prices are those of the standard tier and
a short prompt; where the hour decides, the dearest.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from msgspec import Struct

_DATED = r"[-@](?:\d{8}|\d{4}-\d{2}-\d{2}|latest|\d{3})$"
"""A snapshot of a model, which costs what the model costs."""
_BEFORE = r"^(?:models/|accounts/fireworks/models/|(?:us|eu|apac|global|jp|au|ca)\.(?=[a-z0-9]+\.))"


class Price(Struct, frozen=True):
    """USD for a million tokens of input, of output, and for a thousand requests."""

    input: float
    output: float
    requests: float = 0.0

    def of(self, input_tokens: int, output_tokens: int, requests: int = 1) -> float:
        """USD of so many tokens and requests."""
        return (
            input_tokens * self.input + output_tokens * self.output
        ) / 1_000_000 + requests * self.requests / 1000


def price_of(provider: str, *models: str | None) -> Price | None:
    """
    The list price of the first of these models that a list knows; None where it is unknown.

    Args:
        provider: A provider of the catalogue.
        models: As they were asked for, and as the answer names them.
    """
    listed = _listed(provider)
    names = [bare_name(model) for model in models if model]
    spellings = (spelling for name in names for spelling in (name, re.sub(_DATED, "", name)))
    return next((listed[spelling] for spelling in spellings if spelling in listed), None)


def bare_name(model: str) -> str:
    """A model's name without the region or the folder before it, as the table has it."""
    return re.sub(_BEFORE, "", model)


def price_date() -> str:
    """The day of the lists, as an ISO date."""
    return next(line.partition("\t")[2] for line in _lines() if line.startswith("# date\t"))


@cache
def _listed(provider: str) -> dict[str, Price]:
    """Prices by model. Only the provider's own lines are read."""
    found = {}
    for line in _lines():
        if line.startswith(f"{provider}\t"):
            _, *figures, models = line.split("\t")
            price = Price(*map(float, figures))
            found.update(dict.fromkeys(models.split(" "), price))
    return found


@cache
def _lines() -> list[str]:
    return Path(__file__).with_name("prices.tsv").read_text(encoding="utf-8").splitlines()
