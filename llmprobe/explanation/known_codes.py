"""Identifiers that the classifier knows, to suggest for one that it does not."""

from __future__ import annotations

from http import HTTPStatus

from llmprobe.classify.rule import When
from llmprobe.classify.rules import every

KNOWN_STATUSES = (*(int(status) for status in HTTPStatus if status >= 400), 498, 499, 520, 522, 524, 529)
"""Statuses of failures: the registered ones, and those of vendors and CDNs (read 2026-11-22)."""


def known_codes() -> list[str]:
    """Error codes of the rules and of the catalogue, in snake case and in order."""
    found = {code for rule in every() if isinstance(rule.when, When) for code in rule.when.codes}
    return sorted(code for code in found if not code.isdigit())
