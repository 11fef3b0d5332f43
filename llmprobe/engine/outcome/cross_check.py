"""What several results say together that none of them says alone: witnesses that move certainty and side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from llmprobe.classify import ABOUT
from llmprobe.counts import counted
from llmprobe.engine.outcome.witness import Witness, testified
from llmprobe.model import Category, Confidence, Family, Fault, Result, Status, Target

_THEIRS = frozenset({Family.PROVIDER, Family.TIMEOUT})
_ON_THE_WAY = frozenset({Category.DNS, Category.CONNECT, Category.RESET, Category.TIMEOUT_CONNECT})
_WORKS = (Status.HEALTHY, Status.DEGRADED)


class _Peer(Struct, frozen=True):
    """A result beside the key that it was asked with; the key is compared and never shown."""

    result: Result
    key: str | None

    @property
    def server(self) -> tuple[str, str]:
        """The provider at its address: another server of the same kind is no witness."""
        return self.result.provider, urlsplit(self.result.endpoint).netloc


def reconsider(results: Sequence[Result], targets: Sequence[Target]) -> list[Result]:
    """
    Results with what their siblings say of them: each witness is named in the reason.

    One rejected key is its owner's mistake. Several different keys of one provider that are all
    rejected at once are rather an outage of its sign-in: then the side is unknown. A failure that
    other models of the provider share is surer, and so is a broken way that no provider is reached on.
    """
    keys = {target.name: target.credential.secret.reveal() for target in targets if target.credential}
    peers = [_Peer(result, keys.get(result.target)) for result in results]
    witnessed = [_with_witnesses(peer, [other for other in peers if other is not peer]) for peer in peers]
    return _certificates_once(witnessed)


def _certificates_once(results: Sequence[Result]) -> list[Result]:
    """
    A certificate is a matter of its host: the first result of a host tells it, the others note it.

    One that has days left leaves the others healthy; one that is about to end keeps them degraded.
    """
    told: dict[str, str] = {}
    return [_unless_told(result, told) for result in results]


def _unless_told(result: Result, told: dict[str, str]) -> Result:
    if result.category is not Category.CERT_EXPIRING:
        return result
    first = told.setdefault(urlsplit(result.endpoint).netloc, result.target)
    if first == result.target:
        return result
    note = f"{result.reason} (told of {first})"
    if result.status is Status.FAILED:
        return replace(result, status=Status.DEGRADED, notes=(*result.notes, note))
    return replace(
        result,
        status=Status.HEALTHY,
        category=Category.OK,
        fault=None,
        reason="answered",
        hint=None,
        notes=(*result.notes, note),
    )


def _with_witnesses(peer: _Peer, others: Sequence[_Peer]) -> Result:
    if peer.result.status is not Status.FAILED:
        return peer.result
    return testified(peer.result, (found for ask in _WITNESSES for found in ask(peer, others)))


def _other_keys(peer: _Peer, others: Sequence[_Peer]) -> Iterator[Witness]:
    """A rejected key: the other keys of its provider, and the other targets with the same key."""
    if peer.result.category is not Category.AUTH or peer.key is None:
        return
    mine = [o for o in others if o.server == peer.server and o.key is not None]
    rejected = {o.key for o in mine if o.result.category is Category.AUTH} - {peer.key}
    works = [o for o in mine if o.result.status in _WORKS]
    same = [o.result.target for o in works if o.key == peer.key and o.result.target != peer.result.target]
    title = peer.result.title or peer.result.provider
    if same:
        yield Witness(f"the same key works for {same[0]}", Confidence.GUESS, Fault.UNKNOWN)
    elif any(o.key != peer.key for o in works):
        yield Witness(f"another key of {title} works", Confidence.CERTAIN)
    elif rejected:
        words = _count(len(rejected), "key", f"of {title} ", ("is", "are"), "rejected too: perhaps theirs")
        yield Witness(words, Confidence.GUESS, Fault.UNKNOWN)


def _other_models(peer: _Peer, others: Sequence[_Peer]) -> Iterator[Witness]:
    """A failure on the provider's side: whether its other models fail, too."""
    if ABOUT[peer.result.category].family not in _THEIRS:
        return
    mine = [o.result for o in others if o.server == peer.server]
    models = {r.model for r in mine if r.model != peer.result.model and r.status is Status.FAILED
              and ABOUT[r.category].family in _THEIRS}  # fmt: skip
    title = peer.result.title or peer.result.provider
    if models:
        words = _count(len(models), "model", f"of {title} ", ("fails", "fail"), "too")
        surer = Confidence.CERTAIN if peer.result.fault is Fault.PROVIDER else Confidence.LIKELY
        yield Witness(words, surer, Fault.PROVIDER if peer.result.fault is Fault.UNKNOWN else None)


def _other_providers(peer: _Peer, others: Sequence[_Peer]) -> Iterator[Witness]:
    """A way that broke: whether the other providers could be reached in the same minutes."""
    if peer.result.category not in _ON_THE_WAY:
        return
    elsewhere = [o for o in others if o.server != peer.server]
    reached = {o.server for o in elsewhere if o.result.http.status is not None}
    lost = {o.server for o in elsewhere if o.result.category in _ON_THE_WAY}
    if reached:
        yield Witness(_count(len(reached), "provider", "", ("was", "were"), "reached meanwhile"))
    elif lost:
        yield Witness(_count(len(lost), "provider", "", ("is", "are"), "out of reach too"),
                      Confidence.CERTAIN, Fault.NETWORK)  # fmt: skip


_WITNESSES: tuple[Callable[[_Peer, Sequence[_Peer]], Iterator[Witness]], ...] = (
    _other_keys,
    _other_models,
    _other_providers,
)


def _count(n: int, noun: str, whose: str, verbs: tuple[str, str], rest: str) -> str:
    """`2 other keys of X are rejected too`."""
    return f"{counted(n, f'other {noun}')} {whose}{verbs[n > 1]} {rest}"
