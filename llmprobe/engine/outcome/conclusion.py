"""One sentence for the whole run: how many are healthy, what is wrong, whose side, what next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from urllib.parse import urlsplit

from llmprobe.classify import ABOUT
from llmprobe.durations import format_duration
from llmprobe.model import CATEGORY_WORDS, Category, Family, Fault, Result, Status

_SIDES = {
    Fault.PROVIDER: "their side",
    Fault.CLIENT: "your side",
    Fault.NETWORK: "the network between",
    Fault.UNKNOWN: "side unknown",
}
_MOST_CLAUSES = 3
_MOST_NAMES = 3


def conclude(results: Sequence[Result]) -> str:
    """
    The conclusion, for example
    `2 of 3 healthy. claude (Anthropic): overloaded (their side); retry in 12 s.`
    """
    healthy = sum(r.status is Status.HEALTHY for r in results)
    lead = f"{healthy} of {len(results)} healthy."
    if healthy == len(results):
        return f"All {len(results)} healthy." if len(results) > 1 else "Healthy."
    if (network := _one_network(results)) is not None:
        return f"{lead} {network}"
    clauses = _clauses([r for r in results if r.status is not Status.HEALTHY])
    shown = clauses[:_MOST_CLAUSES]
    if len(clauses) > _MOST_CLAUSES:
        shown.append(f"And {len(clauses) - _MOST_CLAUSES} more.")
    return " ".join([lead, *shown])


def _one_network(results: Sequence[Result]) -> str | None:
    """Several unrelated hosts that all fail on the way have one thing in common: our network."""
    tried = [
        r for r in results if r.status is not Status.SKIPPED and r.category is not Category.MISSING_CREDENTIAL
    ]
    on_the_way = [r for r in tried if _is_on_the_way(r.category)]
    hosts = {_site(r.endpoint) for r in on_the_way}
    if len(hosts) < 2 or len(on_the_way) < len(tried):
        return None
    words = sorted({CATEGORY_WORDS[r.category] for r in on_the_way})
    return (
        f"{len(hosts)} unrelated hosts fail on the way ({', '.join(words)}): your network, not the providers."
    )


def _is_on_the_way(category: Category) -> bool:
    return ABOUT[category].family is Family.NETWORK or category is Category.TIMEOUT_CONNECT


def _site(url: str) -> str:
    """
    What hosts must differ in to be unrelated: the last two labels of a name, or the address.

    Servers on this machine are one site: no network is between them and us.
    """
    host = urlsplit(url).hostname or ""
    if host in ("localhost", "::1") or host.startswith("127."):
        return "localhost"
    is_address = host.replace(".", "").isdigit() or ":" in host
    return host if is_address else ".".join(host.split(".")[-2:])


def _clauses(bad: Sequence[Result]) -> list[str]:
    """One clause for each vendor and category, worst first."""
    by_kind: dict[tuple[str, str | None, Category, Fault | None], list[Result]] = defaultdict(list)
    for result in bad:
        by_kind[(result.provider, result.title, result.category, result.fault)].append(result)
    ordered = sorted(by_kind.values(), key=lambda kind: (kind[0].status is not Status.FAILED, -len(kind)))
    return [_clause(kind) for kind in ordered]


def _clause(kind: Sequence[Result]) -> str:
    first = kind[0]
    side = f" ({_SIDES[first.fault]})" if first.fault else ""
    what = CATEGORY_WORDS[first.category]
    if first.paused_by is not None:
        what += f" after {CATEGORY_WORDS[first.paused_by]}"
    waits = [r.retry_after_s for r in kind if r.retry_after_s is not None]
    wait = f"; retry in {format_duration(max(waits))}" if waits else ""
    return f"{_who(kind)}: {what}{side}{wait}."


def _who(kind: Sequence[Result]) -> str:
    """`prod, batch (Anthropic)`; the vendor alone where the target is called after it."""
    first = kind[0]
    title = first.title or first.provider
    names = list(dict.fromkeys(r.target for r in kind))
    if names == [first.provider]:
        return title
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    shown = ", ".join(names[:_MOST_NAMES]) + more
    return shown if names[0].startswith(f"{first.provider}/") else f"{shown} ({title})"
