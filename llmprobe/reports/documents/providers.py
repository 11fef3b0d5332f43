"""`llmprobe.providers/1`: the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from llmprobe.providers import Provider
from llmprobe.reports.interface import Look

_DIALECT_WIDTH = 110
_ADDRESS_WIDTH = 140


class Key(Struct, frozen=True):
    """A variable that may hold a key, and how that key is sent."""

    env: str
    header: str
    scheme: str


class Page(Struct, frozen=True):
    """The vendor's own status page; `components` are the lines that speak for the API."""

    url: str
    kind: str
    components: Sequence[str]


class Entry(Struct, frozen=True):
    """One provider; `read` is the day on which its facts were read at `source`."""

    id: str
    title: str
    dialect: str
    base_url: str | None
    regions: Mapping[str, str]
    keys: Sequence[Key]
    model: str | None
    embedding_model: str | None
    token_param: str
    min_tokens: int
    local: bool
    retired: str | None
    status_page: Page | None
    console: str | None
    docs: str | None
    retires: Mapping[str, str]
    note: str | None
    evidence: str
    read: str
    source: str


class Providers(Struct, frozen=True, tag_field="schema", tag="llmprobe.providers/1"):
    """Providers in the order of the catalogue."""

    providers: Sequence[Entry]


def document(chosen: Sequence[Provider]) -> Providers:
    return Providers([_entry(provider) for provider in chosen])


def text(chosen: Sequence[Provider], look: Look) -> str:
    """A table with as many columns as there is room for: the address is in the JSON too."""
    from llmprobe.reports.parts.rich_text import plain_table

    head = ["provider", "key variable", "default model"]
    rows = [[p.id, _keys(p), p.model or "–"] for p in chosen]
    if look.width >= _DIALECT_WIDTH:
        head.append("dialect")
        rows = [[*row, p.dialect] for row, p in zip(rows, chosen, strict=True)]
    if look.width >= _ADDRESS_WIDTH:
        head.append("address")
        rows = [[*row, p.retired or p.base_url] for row, p in zip(rows, chosen, strict=True)]
    return plain_table(head, rows, look, clip_last=head[-1] == "address")


def _keys(provider: Provider) -> str:
    if provider.retired:
        return provider.retired
    return ", ".join(key.env for key in provider.keys) or "none"


def _entry(provider: Provider) -> Entry:
    status = provider.status
    return Entry(
        id=provider.id,
        title=provider.title,
        dialect=provider.dialect,
        base_url=provider.base_url or None,
        regions=provider.regions,
        keys=[Key(k.env, k.header, k.scheme) for k in provider.keys],
        model=provider.model,
        embedding_model=provider.embedding_model,
        token_param=provider.token_param,
        min_tokens=provider.min_tokens,
        local=provider.local,
        retired=provider.retired,
        status_page=Page(status.url, status.kind, status.components) if status else None,
        console=provider.console,
        docs=provider.docs,
        retires=provider.retires,
        note=provider.note,
        evidence=provider.evidence,
        read=provider.read,
        source=provider.source,
    )
