"""The codes that a provider documents for itself: they mean what its own catalogue entry says."""

from __future__ import annotations

from collections.abc import Iterator

from llmprobe.classify.rule import Rule, When
from llmprobe.classify.signals import ANY_SERVER, Signals
from llmprobe.model import Category, Evidence, Fault
from llmprobe.providers import OwnCode, providers
from llmprobe.providers.error_object import canonical

_TELLING_WORDS = 3


def own_codes(evidence: Evidence, signals: Signals) -> Iterator[tuple[Rule, OwnCode]]:
    """The rules of the provider (or of the one behind it) whose code occurs, most specific code first."""
    said = f"_{canonical(signals.said[:600])}_"
    for name in speakers(evidence):
        for entry in providers()[name].codes:
            code = _occurring(entry, signals, said, owner=name == evidence.provider)
            if code and _fits(entry, evidence, signals):
                yield rule_of(name, entry), entry


def rules_of(name: str) -> tuple[Rule, ...]:
    """Every code of a provider as a rule, for `explain`."""
    return tuple(rule_of(name, entry) for entry in providers()[name].codes)


def rule_of(name: str, entry: OwnCode) -> Rule:
    provider = providers()[name]
    return Rule(
        id=f"{name}.{entry.code[0]}",
        category=Category(entry.category),
        when=When(providers=(name,), codes=entry.code),
        reason=f"{entry.means} ({{code}})",
        source=f"{provider.source} (read {provider.read})",
        example=f"{provider.title}: {entry.code[0]}",
        fault=Fault(entry.fault) if entry.fault else None,
        hint=entry.hint,
        limit=entry.limit,
        futile=entry.futile,
        broad=entry.broad,
    )


def speakers(evidence: Evidence) -> list[str]:
    """The provider, those whose errors it passes on, and the one that the error itself names."""
    known = providers()
    itself = evidence.provider if evidence.provider in known else ANY_SERVER
    behind = (evidence.error.upstream or "").lower() if evidence.error else ""
    named = [name for name in known if behind and name == behind]
    return list(dict.fromkeys([itself, *named, *known[itself].upstream]))


def _occurring(entry: OwnCode, signals: Signals, said: str, *, owner: bool) -> str | None:
    """A code among the identifiers, or its words in the message where they are telling enough."""
    for code in entry.code:
        if code.isdigit():
            found = f"code_{code}" in signals.codes and (owner or entry.shape is not None)
        else:
            found = code in signals.codes or (code.count("_") + 1 >= _TELLING_WORDS and f"_{code}_" in said)
        if found:
            return code
    return None


def _fits(entry: OwnCode, evidence: Evidence, signals: Signals) -> bool:
    """The conditions beside the code."""
    shape = evidence.error.shape if evidence.error else ""
    return (
        (not entry.status or signals.status in entry.status)
        and (not entry.inner or signals.status in entry.inner)
        and entry.beside in (None, *signals.codes)
        and entry.shape in (None, shape)
        and (entry.unless is None or entry.unless not in signals.headers)
        and (entry.unless_says is None or entry.unless_says not in signals.text)
        and not (entry.plain and ("quota" in signals.text or "billing" in signals.text))
    )
