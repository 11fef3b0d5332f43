"""Telling people and programs of a change: text, commands, webhooks, heartbeats. One file for each sink."""

from llmprobe.alerts.notice import Notice, notices_of
from llmprobe.alerts.registry import sinks_of, watchers_of
from llmprobe.alerts.text import message

__all__ = ["Notice", "message", "notices_of", "sinks_of", "watchers_of"]
