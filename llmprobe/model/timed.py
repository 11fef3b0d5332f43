"""Every timing that may have a limit: its name in the configuration, where it stands, and its words."""

from __future__ import annotations

from msgspec import Struct

from llmprobe.model.evidence import Timings


class Timed(Struct, frozen=True):
    """`words` are for people. `has_past`: the history keeps it, so `2x baseline` can be a limit."""

    attribute: str
    words: str
    has_past: bool = False

    def of(self, timings: Timings) -> float | None:
        """Seconds; None where it was not measured."""
        value: float | None = getattr(timings, self.attribute)
        return value


TIMED = {
    "ttft": Timed("ttft_s", "first token", True),
    "total": Timed("total_s", "total", True),
    "headers": Timed("headers_s", "headers", True),
    "connect": Timed("connect_s", "connect", True),
    "silence": Timed("longest_silence_s", "longest silence", True),
    "dns": Timed("dns_s", "DNS"),
    "tls": Timed("tls_s", "TLS"),
    "send": Timed("send_s", "sending"),
    "first_event": Timed("first_event_s", "first event"),
    "first_reasoning": Timed("first_reasoning_s", "first reasoning"),
    "first_text": Timed("first_text_s", "first text"),
    "itl_p50": Timed("itl_p50_s", "median gap between tokens"),
    "itl_p95": Timed("itl_p95_s", "p95 of the gaps between tokens"),
}
TOKENS_PER_SECOND = "tokens_per_second"
"""The one limit that is a least, not a most."""
