"""Whether something on the way held a stream back: only what the pattern of its arrival proves."""

from __future__ import annotations

from llmprobe.durations import format_duration
from llmprobe.model import Exchange

WAIT_S = 0.5
"""A burst proves nothing where nobody waited."""
LEAST_EVENTS = 5
MOST_PIECES = 2
"""A server that streams sends each event in a piece of its own; what holds back joins them."""
_TOGETHER_S = 0.05
_WITH_HEADERS_S = 0.005
_PASSED_THROUGH = (("via", "Via"), ("x-cache", "X-Cache"), ("server", "Server"))


def held_back(exchange: Exchange) -> str | None:
    """
    How a stream was held back, in words; None where nothing proves it.

    All content came in one read and in hardly more pieces (chunks, frames), long after the request
    or after the first frame. Many pieces in one read are a quick server or a slow network, and where
    segments were lost the network itself explains a burst.
    """
    if not _is_burst(exchange) or exchange.lost_segments:
        return None
    events, timings = exchange.content_events, exchange.timings
    headers, first, content = timings.headers_s, timings.first_event_s, timings.ttft_s
    if headers is None or first is None or content is None:
        return None
    if headers > WAIT_S and content - headers < _WITH_HEADERS_S:
        told = f"{events} pieces arrived in one, {format_duration(headers)} after the request"
    elif content - first > WAIT_S:
        waited = format_duration(content - first)
        told = f"a first frame, then {events} pieces in one, {waited} later"
    else:
        return None
    return told + _through(exchange)


def _is_burst(exchange: Exchange) -> bool:
    timings, events = exchange.timings, exchange.content_events or 0
    return (
        exchange.content_reads == 1
        and events >= LEAST_EVENTS
        and exchange.content_pieces is not None
        and exchange.content_pieces <= MOST_PIECES
        and (timings.total_s or 0.0) - (timings.ttft_s or 0.0) < _TOGETHER_S
    )


def _through(exchange: Exchange) -> str:
    """What the answer says of the servers that it passed."""
    said = [f"{shown}: {value[:60]}" for name, shown in _PASSED_THROUGH if (value := exchange.header(name))]
    return f" ({', '.join(said)})" if said else ""
