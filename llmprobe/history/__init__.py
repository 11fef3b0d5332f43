"""What was found before, in SQLite: results, incidents, baselines, and state between runs."""

from llmprobe.history.store import History, open_history

__all__ = ["History", "open_history"]
