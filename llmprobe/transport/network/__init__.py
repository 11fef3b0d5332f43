"""
The network backend below httpx: sockets that stamp what they see.

httpcore's own backend sits on anyio, cannot tell DNS from TCP, and reads the
clock only when the event loop gets round to it. This one speaks httpcore's
public `AsyncNetworkBackend` interface and fills in the `PhaseClock` of an exchange.
"""

from llmprobe.transport.network.backend import ProbeBackend
from llmprobe.transport.network.http1 import Http1Connection

__all__ = ["Http1Connection", "ProbeBackend"]
