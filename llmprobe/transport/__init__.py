"""HTTP and clocks: sends a request, watches it, and knows nothing of providers."""

from llmprobe.transport.channel import Channel, open_channel
from llmprobe.transport.exchange import OnPhase, exchange, sent_headers

__all__ = ["Channel", "OnPhase", "exchange", "open_channel", "sent_headers"]
