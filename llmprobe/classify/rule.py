"""What a rule is, and when it applies: conditions as data, so that the tables read like tables."""

from __future__ import annotations

from msgspec import Struct

from llmprobe.classify.signals import Signals
from llmprobe.model import Category, FailureKind, Fault, Finish, Phase, ProbeKind

Statuses = tuple[int | range, ...]


class When(Struct, frozen=True):
    """
    Conditions that must all hold; those left out are not asked.

    `codes` are whole identifiers in snake case, `code_has` parts of one, `says`
    phrases in lower case of which one must occur. `header` is (name, part of the
    value in lower case).
    """

    providers: tuple[str, ...] = ()
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
    html: bool | None = None
    empty: bool | None = None
    has_error: bool | None = None
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
            and (not self.dialects or s.dialect in self.dialects)
            and (not self.probes or s.probe in self.probes)
        )

    def _of_the_error(self, s: Signals) -> bool:
        return (
            (not self.status or _has_status(self.status, s.status))
            and (not self.codes or not s.codes.isdisjoint(self.codes))
            and (not self.code_has or any(part in code for code in s.codes for part in self.code_has))
            and (not self.says or any(phrase in s.text for phrase in self.says))
            and (not self.says_also or any(phrase in s.text for phrase in self.says_also))
            and not any(phrase in s.text for phrase in self.says_not)
            and (not self.param or s.param in self.param)
            and (self.header is None or self.header[1] in s.headers.get(self.header[0], "\0"))
            and (self.no_header is None or self.no_header not in s.headers)
            and self.html in (None, s.html)
            and self.empty in (None, s.empty)
            and self.has_error in (None, s.has_error)
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


class Rule(Struct, frozen=True):
    """
    One line of the tables: these signals mean this category, for this reason, by that source.

    `reason` may use the facts of `reasons.facts_of`. `example` is a signal that
    the rule was made for; a test classifies it.
    """

    id: str
    category: Category
    when: When
    reason: str
    source: str
    example: str
    fault: Fault | None = None
    hint: str | None = None
    transient: bool | None = None
    limit: str | None = None
    futile: bool = False


def _has_status(wanted: Statuses, status: int | None) -> bool:
    return status is not None and any(status in w if isinstance(w, range) else status == w for w in wanted)
