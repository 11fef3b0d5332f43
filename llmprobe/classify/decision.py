"""What the evidence comes to: the rule that speaks for it, how sure that is, and what else it could be."""

from __future__ import annotations

from msgspec import Struct

from llmprobe.classify.rule import Rule
from llmprobe.model import Category, Confidence


class Decision(Struct, frozen=True):
    """`category` may be another than the rule's where a limit's period decided."""

    rule: Rule
    category: Category
    confidence: Confidence
    limit: str | None = None
    evidence: tuple[str, ...] = ()
    runner_up: Category | None = None
    runner_up_evidence: tuple[str, ...] = ()
