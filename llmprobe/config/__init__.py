"""From flags, TOML and environment to targets. Knows the catalogue; nothing of HTTP or reports."""

from llmprobe.config.plan import Plan, Selection, make_plan

__all__ = ["Plan", "Selection", "make_plan"]
