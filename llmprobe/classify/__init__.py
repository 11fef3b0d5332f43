"""From evidence to a verdict: category, side, reason, hint. Knows nothing of HTTP clients."""

from llmprobe.classify.categories import ABOUT, About, status_of, verdict_status
from llmprobe.classify.front_door import edge_of, request_id_of
from llmprobe.classify.verdict import classify

__all__ = ["ABOUT", "About", "classify", "edge_of", "request_id_of", "status_of", "verdict_status"]
