"""Which sinks there are, by the settings that name them."""

from __future__ import annotations

from llmprobe.alerts.alertmanager import Alertmanager
from llmprobe.alerts.apprise_services import AppriseService
from llmprobe.alerts.command import Command
from llmprobe.alerts.gatus import GatusEndpoints
from llmprobe.alerts.heartbeat import Heartbeat
from llmprobe.alerts.interface import Sink, Watcher
from llmprobe.alerts.otlp import OtlpExport
from llmprobe.alerts.webhook import Webhook
from llmprobe.config.alerts import AlertSettings


def sinks_of(to: AlertSettings) -> list[Sink]:
    """Those that are told of changes."""
    sinks: list[Sink] = [Alertmanager(url, to.alertmanager_token, to.every_s) for url in to.alertmanager]
    if to.webhook is not None:
        sinks.append(Webhook(to.webhook, to.webhook_format))
    if to.command:
        sinks.append(Command(to.command, to.pass_env))
    return [*sinks, *(AppriseService(url) for url in to.apprise)]


def watchers_of(to: AlertSettings, deadline_s: float | None = None) -> list[Watcher]:
    """Those that hear of every run; `deadline_s` is when that ends at the latest, if there is such a time."""
    watchers: list[Watcher] = [Heartbeat(to.heartbeat)] if to.heartbeat is not None else []
    if to.gatus is not None:
        watchers.append(GatusEndpoints(to.gatus.url, to.gatus.token, to.gatus.group))
    if to.otlp is not None:
        watchers.append(OtlpExport(to.otlp, deadline_s))
    return watchers
