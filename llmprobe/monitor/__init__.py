"""What is made of runs: the history, incidents and alerts around them."""
