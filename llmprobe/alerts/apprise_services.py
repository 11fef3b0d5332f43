"""Over a hundred services behind one library: apprise, of the extra `notify`."""

from __future__ import annotations

import asyncio
import logging
import warnings
from urllib.parse import quote

from msgspec import Struct

from llmprobe.alerts.http import key_of
from llmprobe.alerts.notice import Notice
from llmprobe.alerts.text import details, headline, seen_from
from llmprobe.model import Run, Secret
from llmprobe.model.past import ChangeKind
from llmprobe.redact import SCRUB

_WITH_RESOLVE = ("pagerduty", "incidentio")
"""Services whose alert ends by a message with the same key; others are told of the end in words."""


class AppriseService(Struct, frozen=True):
    """
    One address of apprise. It is imported when there is something to tell (0.3 s), works in a thread, and
    its log stays silent: it holds whole messages, and addresses.
    """

    url: Secret
    every_run: bool = False
    tries: int = 2

    @property
    def key(self) -> str:
        return key_of("apprise", self.url.reveal())

    @property
    def name(self) -> str:
        return f"apprise ({self._scheme})"

    @property
    def _scheme(self) -> str:
        return self.url.reveal().partition("://")[0].lower()

    async def tell(self, notice: Notice, run: Run) -> str | None:
        title = SCRUB(f"llmprobe: {headline(notice, run)}")
        body = SCRUB("\n".join([*details(notice, run), seen_from(run)]))
        return await asyncio.to_thread(self._notify, notice, title, body)

    def _notify(self, notice: Notice, title: str, body: str) -> str | None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it and its plugins import what Python will withdraw
            try:
                return self._delivered(notice, title, body)
            except ImportError:
                return "needs the extra notify: pip install 'llmprobe-cli[notify]'"
            except Exception as exc:
                return f"failed: {type(exc).__name__}"

    def _delivered(self, notice: Notice, title: str, body: str) -> str | None:
        import apprise

        logging.getLogger("apprise").disabled = True
        service = apprise.Apprise()
        if not service.add(self._address(notice)):
            return "does not know this address"
        closed = notice.kind is ChangeKind.CLOSED
        kind = apprise.NotifyType.SUCCESS if closed else apprise.NotifyType.FAILURE
        arrived = service.notify(title=title, body=body, notify_type=kind)
        return None if arrived else "was not delivered"

    def _address(self, notice: Notice) -> str:
        """With a key of our own, by which a service finds the alert again that is over."""
        url = self.url.reveal()
        if self._scheme not in _WITH_RESOLVE:
            return url
        key = quote(f"llmprobe/{','.join(notice.targets)}", safe="")
        return f"{url}{'&' if '?' in url else '?'}action=map&dedup={key}"
