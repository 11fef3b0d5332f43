"""What observations mean: results, statistics, the conclusion, groups and the exit code."""
