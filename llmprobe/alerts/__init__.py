"""Telling people and programs of a change: words, commands, webhooks, heartbeats."""

from llmprobe.alerts.send import Sinks, beat, deliver
from llmprobe.alerts.words import change_json, lines

__all__ = ["Sinks", "beat", "change_json", "deliver", "lines"]
