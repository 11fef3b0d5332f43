"""A dead man's switch: it hears of every run, and raises the alarm when it hears nothing."""

from __future__ import annotations

from msgspec import Struct

from llmprobe.alerts.http import host_of, key_of, send
from llmprobe.model import ExitCode, Run, Secret, Status
from llmprobe.redact import SCRUB


class Heartbeat(Struct, frozen=True):
    """
    Calls the address itself when the run is fine, else `/fail` below it with the categories
    (the convention of healthchecks.io and its like).
    """

    url: Secret

    @property
    def key(self) -> str:
        return key_of("heartbeat", self.url.reveal())

    @property
    def name(self) -> str:
        return f"the heartbeat at {host_of(self.url)}"

    async def hear(self, run: Run) -> str | None:
        if run.exit_code in (ExitCode.OK, ExitCode.DEGRADED):
            error = await send("GET", self.url.reveal())
        else:
            error = await send("POST", _below(self.url.reveal(), "fail"), _failure(run))
        return None if error is None else f"was not reached: {error}"


def _failure(run: Run) -> dict[str, object]:
    bad = [r for r in run.results if r.status in (Status.FAILED, Status.SKIPPED)]
    return {
        "category": sorted({str(r.category) for r in bad}),
        "conclusion": SCRUB(run.conclusion),
        "exit_code": int(run.exit_code),
    }


def _below(url: str, part: str) -> str:
    base, mark, query = url.partition("?")
    return f"{base.rstrip('/')}/{part}{mark}{query}"
