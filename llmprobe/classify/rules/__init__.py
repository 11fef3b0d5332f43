"""
The rules, as tables.

Failures of the network, pages of front doors and answers are read by the first rule that
holds, most specific first. Errors of an API are weighed: every meaning, identifier and own code
that occurs is a finding, and agreement decides (`weigh`). To add knowledge: a provider's own
code goes to its entry in `catalog.toml`, a word to `lexicon`, a meaning to `meanings`. Then run
`python -m tests.measure`.
"""

from llmprobe.classify.rule import Rule, When
from llmprobe.classify.rules import answer, front_door, network

NETWORK: tuple[Rule, ...] = network.RULES
FRONT_DOOR: tuple[Rule, ...] = front_door.RULES
PAGES: tuple[Rule, ...] = (
    *(rule for rule in FRONT_DOOR if isinstance(rule.when, When) and rule.when.html),
    *answer.RULES,
)
ANSWER: tuple[Rule, ...] = answer.RULES

__all__ = ["ANSWER", "FRONT_DOOR", "NETWORK", "PAGES", "Rule", "every"]


def every() -> tuple[Rule, ...]:
    """Every rule there is, the meanings, the bare statuses and the providers' own codes included."""
    from llmprobe.classify.own_codes import rules_of
    from llmprobe.classify.rules.meanings import MEANINGS
    from llmprobe.classify.rules.status import NO_KEY, STATUS, UNIVERSAL
    from llmprobe.providers import providers

    own = tuple(rule for name in providers() for rule in rules_of(name))
    return NETWORK + FRONT_DOOR + own + UNIVERSAL + MEANINGS + (NO_KEY,) + STATUS + ANSWER
