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
LONGEST = 200
"""Characters: a line of a chat, of a pager, of `watch`."""
_MOST_NAMES = 3
_LONGEST_NAME = 40


def conclude(results: Sequence[Result]) -> str:
    """
    The conclusion, of at most 200 characters, for example
    `2 of 3 healthy. claude (Anthropic): overloaded (their side); retry in 12 s.`
    """
    healthy = sum(r.status is Status.HEALTHY for r in results)
    if healthy == len(results):
        return f"All {len(results)} healthy." if len(results) > 1 else "Healthy."
    lead = f"{healthy} of {len(results)} healthy."
    if (network := _one_network(results)) is not None:
        return f"{lead} {network}"
    return _fitted(lead, _causes(results), _whole_vendors(results))


def _fitted(lead: str, causes: Sequence[Sequence[Result]], whole: set[str]) -> str:
    """As many clauses as there is room for, the worst first; then how many causes are left."""
    for names in range(_MOST_NAMES, 0, -1):
        clauses = [_clause(cause, names, whole) for cause in causes]
        for shown in range(len(clauses), 0, -1):
            rest = [f"And {len(clauses) - shown} more."] if shown < len(clauses) else []
            text = " ".join([lead, *clauses[:shown], *rest])
            if len(text) <= LONGEST and (shown > 1 or names == 1 or len(clauses) == 1):
                return text
    return f"{lead} {_clause(causes[0], 1, whole)}"[: LONGEST - 1] + "…"


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


def _causes(results: Sequence[Result]) -> list[list[Result]]:
    """What is not healthy, by vendor, category and side; worst first, then most."""
    by_kind: dict[tuple[str, str | None, Category, Fault | None], list[Result]] = defaultdict(list)
    for result in results:
        if result.status is not Status.HEALTHY:
            by_kind[(result.provider, result.title, result.category, result.fault)].append(result)
    return sorted(by_kind.values(), key=lambda kind: (kind[0].status is not Status.FAILED, -len(kind)))


def _whole_vendors(results: Sequence[Result]) -> set[str]:
    """Vendors of which every target has failed, and for one reason, where there are several."""
    by_vendor: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        by_vendor[_title(result)].append(result)
    return {
        vendor
        for vendor, mine in by_vendor.items()
        if len({r.target for r in mine}) > 1
        and {r.status for r in mine} == {Status.FAILED}
        and len({r.category for r in mine}) == 1
    }


def _clause(cause: Sequence[Result], names: int, whole: set[str]) -> str:
    first = cause[0]
    side = f" ({_SIDES[first.fault]})" if first.fault else ""
    what = CATEGORY_WORDS[first.category]
    if first.paused_by is not None:
        what += f" after {CATEGORY_WORDS[first.paused_by]}"
    waits = [r.retry_after_s for r in cause if r.retry_after_s is not None]
    wait = f"; retry in {format_duration(max(waits))}" if waits else ""
    return f"{_who(cause, names, whole)}: {what}{side}{wait}."


def _who(cause: Sequence[Result], most: int, whole: set[str]) -> str:
    """`prod, batch (Anthropic)`, or `(all of Anthropic)`; the vendor alone where it names the target."""
    first = cause[0]
    title = _title(first)
    names = list(dict.fromkeys(r.target for r in cause))
    if names in ([first.provider], [title]):
        return title
    more = f" and {len(names) - most} more" if len(names) > most else ""
    shown = ", ".join(_short(name) for name in names[:most]) + more
    if title in whole:
        return f"{shown} (all of {title})"
    return shown if names[0].startswith(f"{first.provider}/") else f"{shown} ({title})"


def _title(result: Result) -> str:
    return result.title or result.provider


def _short(name: str) -> str:
    """A long name keeps its end, which tells models of one gateway apart."""
    return name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"
