"""An error that someone has in hand, as text or as an SDK's exception: what it means. Sends nothing."""

from llmprobe.explanation.explain import explain

__all__ = ["explain"]
