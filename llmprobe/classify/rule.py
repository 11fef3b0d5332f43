"""What a rule is, and when it applies: conditions as data, so that the tables read like tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from llmprobe.classify.agreement import agrees
from llmprobe.classify.signals import Signals
from llmprobe.model import Category, Confidence, FailureKind, Fault, Finish, Phase, ProbeKind

if TYPE_CHECKING:
    from llmprobe.classify.clauses import Clause
    from llmprobe.classify.rules.lexicon import Concept

Statuses = tuple[int | range, ...]


class When(Struct, frozen=True):
    """
    Conditions that must all hold; those left out are not asked.

    `codes` are whole identifiers in snake case, `code_has` parts of one, `says`
    phrases in lower case of which one must occur; `short` asks for a line at most, `bare` for
    hardly a word. `header` is (name, part of the value in lower case).
    """

    providers: tuple[str, ...] = ()
    vendor: bool | None = None
    dialects: tuple[str, ...] = ()
    probes: tuple[ProbeKind, ...] = ()
    status: Statuses = ()
    codes: tuple[str, ...] = ()
    code_has: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    says_also: tuple[str, ...] = ()
    says_not: tuple[str, ...] = ()
    param: tuple[str, ...] = ()
    header: tuple[str, str] | None = None
    no_header: str | None = None
    short: bool | None = None
    codes_none: bool | None = None
    bare: bool | None = None
    plain: bool | None = None
    html: bool | None = None
    empty: bool | None = None
    has_error: bool | None = None
    key_sent: bool | None = None
    in_stream: bool | None = None
    upstream: bool | None = None
    proxied: bool | None = None
    kinds: tuple[FailureKind, ...] = ()
    phases: tuple[Phase, ...] = ()
    errno: tuple[int, ...] = ()
    verify: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()
    chain_says: tuple[str, ...] = ()
    begun: bool | None = None
    connected: bool | None = None
    recognised: bool | None = None
    ended: bool | None = None
    garbled: bool | None = None
    content: bool | None = None
    finish: tuple[Finish | None, ...] = ()
    blocked: bool | None = None
    thought: bool | None = None

    def holds(self, s: Signals) -> bool:
        return (
            self._of_the_target(s)
            and self._of_the_error(s)
            and self._of_the_network(s)
            and self._of_the_answer(s)
        )

    def _of_the_target(self, s: Signals) -> bool:
        return (
            (not self.providers or s.provider in self.providers)
            and self.vendor in (None, s.vendor)
            and (not self.dialects or s.dialect in self.dialects)
            and (not self.probes or s.probe in self.probes)
        )

    def _of_the_error(self, s: Signals) -> bool:
        return (
            (not self.status or _has_status(self.status, s.status))
            and (not self.codes or any(code in self.codes for code in s.codes))
            and (not self.code_has or any(part in code for code in s.codes for part in self.code_has))
            and (not self.says or any(phrase in s.text for phrase in self.says))
            and (not self.says_also or any(phrase in s.text for phrase in self.says_also))
            and not any(phrase in s.text for phrase in self.says_not)
            and (not self.param or s.param in self.param)
            and (self.header is None or self.header[1] in s.headers.get(self.header[0], "\0"))
            and (self.no_header is None or self.no_header not in s.headers)
            and self.short in (None, s.short)
            and self.codes_none in (None, not s.codes)
            and self.bare in (None, len(s.text) < 16)
            and self.plain in (None, s.plain)
            and self.html in (None, s.html)
            and self.empty in (None, s.empty)
            and self.has_error in (None, s.has_error)
            and self.key_sent in (None, s.key_sent)
            and self.in_stream in (None, s.in_stream)
            and self.upstream in (None, s.upstream)
        )

    def _of_the_network(self, s: Signals) -> bool:
        return (
            (not self.kinds or s.kind in self.kinds)
            and (not self.phases or s.phase in self.phases)
            and (not self.errno or not s.errnos.isdisjoint(self.errno))
            and (not self.verify or not s.verify_codes.isdisjoint(self.verify))
            and (not self.reasons or any(r in reason for reason in s.reasons for r in self.reasons))
            and (not self.chain_says or any(phrase in s.chain_text for phrase in self.chain_says))
            and self.begun in (None, s.begun)
            and self.connected in (None, s.connected)
            and self.proxied in (None, s.proxied)
        )

    def _of_the_answer(self, s: Signals) -> bool:
        return (
            self.recognised in (None, s.recognised)
            and self.ended in (None, s.ended)
            and self.garbled in (None, s.garbled)
            and self.content in (None, s.content)
            and (not self.finish or s.finish in self.finish)
            and self.blocked in (None, s.blocked)
            and self.thought in (None, s.thought)
        )


class Meaning(Struct, frozen=True):
    """
    What a clause or an identifier must say: a subject and a complaint about it, in whatever words.

    Without `subjects` the complaint alone says it, without `complaints` the subject alone.
    `beside` must occur too, `unless` must not. `strict` asks that the complaint belongs to the
    subject; elsewhere it is enough, for less weight, that both occur. `at` names the statuses that
    leave room for it, where those are not its category's.
    """

    subjects: frozenset[Concept] = frozenset()
    complaints: frozenset[Concept] = frozenset()
    beside: frozenset[Concept] = frozenset()
    unless: frozenset[Concept] = frozenset()
    strict: bool = False
    at: Statuses = ()

    def stated(self, clause: Clause) -> bool:
        """Whether the clause says it outright."""
        if not self._fits(clause):
            return False
        if not self.subjects or not self.complaints:
            return bool(clause.tags & (self.subjects | self.complaints))
        return any(
            subject in self.subjects and complaint in self.complaints for subject, complaint in clause.pairs
        )

    def agrees(self, category: Category, signals: Signals) -> bool:
        """Whether the status leaves room for this meaning."""
        if self.at and signals.status is not None and signals.status >= 400:
            return _has_status(self.at, signals.status)
        return agrees(category, signals.http_status)

    def mentioned(self, clause: Clause) -> bool:
        """Whether subject and complaint both occur."""
        return (
            not self.strict
            and self._fits(clause)
            and bool(clause.tags & self.subjects)
            and bool(clause.tags & self.complaints)
        )

    def _fits(self, clause: Clause) -> bool:
        return (not self.beside or bool(clause.tags & self.beside)) and not clause.tags & self.unless


class Rule(Struct, frozen=True):
    """
    One line of the tables: these signals mean this category, for this reason, by that source.

    `reason` may use the facts of `reasons.facts_of`. `example` is a signal that
    the rule was made for; a test classifies it. `broad` marks a meaning that says no more than
    a status does (`permission_error`), `vague` one that is no more than a label even in a sentence,
    `telling` one for which it is enough that its words occur together; `limit` says which limit,
    `sure` how sure the rule alone is (default: by the weight of the evidence).
    """

    id: str
    category: Category
    when: When | Meaning
    reason: str
    source: str
    example: str
    fault: Fault | None = None
    hint: str | None = None
    transient: bool | None = None
    limit: str | None = None
    futile: bool = False
    broad: bool = False
    vague: bool = False
    telling: bool = False
    sure: Confidence | None = None


def _has_status(wanted: Statuses, status: int | None) -> bool:
    return status is not None and any(status in w if isinstance(w, range) else status == w for w in wanted)
