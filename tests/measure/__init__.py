"""
How well the classifier judges: labelled failures, and scores over them.

`python -m tests.measure` prints one table. The sets in `data/` are the
project's own; recorded failures that lie beside the checkout are scored
too where they exist. The scripts know the classifier by `classify()` alone,
except `forget.py`, which takes away what it learned from one provider.
"""
