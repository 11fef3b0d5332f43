"""What several results say together that none of them says alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from msgspec.structs import replace

from llmprobe.model import Category, Fault, Result, Status, Target

_ALL_KEYS = "every key of this provider is rejected at once: perhaps theirs"


def reconsider(results: Sequence[Result], targets: Sequence[Target]) -> list[Result]:
    """
    Results with a fault withdrawn where the whole picture speaks against it.

    One rejected key is its owner's mistake. Several different keys of one
    provider that are all rejected at the same moment are rather an outage of
    its authentication: then the fault is unknown.
    """
    suspects = _providers_that_reject_every_key(results, {t.name: t for t in targets})
    return [
        replace(r, fault=Fault.UNKNOWN, notes=(*r.notes, _ALL_KEYS))
        if r.category is Category.AUTH and r.provider in suspects
        else r
        for r in results
    ]


def _providers_that_reject_every_key(results: Sequence[Result], targets: dict[str, Target]) -> set[str]:
    rejected: dict[str, set[str]] = defaultdict(set)
    accepted: set[str] = set()
    for result in results:
        credential = targets[result.target].credential
        if result.category is Category.AUTH and credential is not None:
            rejected[result.provider].add(credential.secret.reveal())
        elif result.status in (Status.HEALTHY, Status.DEGRADED):
            accepted.add(result.provider)
    return {provider for provider, keys in rejected.items() if len(keys) > 1 and provider not in accepted}
