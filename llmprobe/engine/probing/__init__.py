"""One probe: its request, its attempts, what it costs, and what was observed."""
