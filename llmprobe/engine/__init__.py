"""Scheduling, attempts, retries, policy, groups, conclusion. Knows nothing of printing."""
