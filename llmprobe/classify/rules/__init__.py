"""
The rules, as tables: most specific first; the first that holds decides.

To add one: put it into the table of its kind, with a reason that uses facts,
a source, and an example. Codes before phrases: a code generalises, a phrase
does not. Then run `python -m tests.measure`.
"""

from llmprobe.classify.rule import Rule
from llmprobe.classify.rules import answer, codes, edge, network, phrases, provider, status

NETWORK: tuple[Rule, ...] = network.RULES
SPOKEN: tuple[Rule, ...] = edge.RULES + provider.RULES + codes.RULES + phrases.RULES + status.RULES
ANSWER: tuple[Rule, ...] = answer.RULES
EVERY: tuple[Rule, ...] = NETWORK + SPOKEN + ANSWER

__all__ = ["ANSWER", "EVERY", "NETWORK", "SPOKEN", "Rule"]
