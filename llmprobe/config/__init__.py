"""From flags, TOML and environment to targets. Knows the catalogue; nothing of HTTP or reports."""

from llmprobe.config.plan import Plan, Wanted, make_plan

__all__ = ["Plan", "Wanted", "make_plan"]
