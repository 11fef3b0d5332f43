"""What is made of runs: history and alerts around them, waiting, choosing, discovery. Knows no terminal."""
