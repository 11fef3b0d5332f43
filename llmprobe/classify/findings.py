"""What speaks for which category: one finding for each piece of evidence, with its weight."""

from __future__ import annotations

from enum import IntEnum

from msgspec import Struct

from llmprobe.classify.rule import Rule
from llmprobe.model import Category


class Weight(IntEnum):
    """How much a piece of evidence counts: a provider's own code most, words against the status least."""

    OWN_CODE = 100
    IDENTIFIER = 60
    STATED = 40
    STATED_BROADLY = 34
    MENTIONED = 28
    BROAD = 26
    STATUS = 20
    ADVICE = 16
    UNSURE = 12
    CATCH_ALL = 11
    AGAINST = 10
    HINT = 5


class Finding(Struct, frozen=True):
    """One piece of evidence: the rule that read it, its category and weight, what was read, the limit."""

    rule: Rule
    category: Category
    weight: int
    source: str
    limit: str | None = None
