"""Scheduling, attempts, retries, policy, groups and the conclusion. Knows nothing of how anything is printed."""
