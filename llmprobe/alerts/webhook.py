"""A webhook: one POST for each notice."""

from __future__ import annotations

from msgspec import Struct

from llmprobe.alerts.alertmanager import webhook_json
from llmprobe.alerts.http import host_of, key_of, post
from llmprobe.alerts.notice import Notice
from llmprobe.alerts.text import change_json
from llmprobe.model import Run, Secret


class Webhook(Struct, frozen=True):
    """Posts `llmprobe.change/1`, or what an Alertmanager would post."""

    url: Secret
    format: str = "llmprobe"
    every_run: bool = False
    tries: int = 2

    @property
    def key(self) -> str:
        return key_of("webhook", self.url.reveal())

    @property
    def name(self) -> str:
        return f"the webhook at {host_of(self.url)}"

    async def tell(self, notice: Notice, run: Run) -> str | None:
        document = webhook_json if self.format == "alertmanager" else change_json
        error = await post(self.url, document(notice, run))
        return None if error is None else f"was not reached: {error}"
