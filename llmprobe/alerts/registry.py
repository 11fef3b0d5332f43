"""Which sinks there are, by the settings that name them."""

from __future__ import annotations

from llmprobe.alerts.command import Command
from llmprobe.alerts.heartbeat import Heartbeat
from llmprobe.alerts.interface import Sink, Watcher
from llmprobe.alerts.webhook import Webhook
from llmprobe.config.history import AlertSettings


def sinks_of(to: AlertSettings) -> list[Sink]:
    """Those that are told of changes."""
    sinks: list[Sink] = []
    if to.webhook is not None:
        sinks.append(Webhook(to.webhook))
    if to.command:
        sinks.append(Command(to.command, to.pass_env))
    return sinks


def watchers_of(to: AlertSettings) -> list[Watcher]:
    """Those that hear of every run."""
    return [Heartbeat(to.heartbeat)] if to.heartbeat is not None else []
