"""Identifiers that the classifier knows, to suggest for one that it does not."""

from __future__ import annotations

from llmprobe.classify.rules import EVERY


def known_codes() -> list[str]:
    """Error codes of the rules, in snake case and in order."""
    return sorted({code for rule in EVERY for code in rule.when.codes})
