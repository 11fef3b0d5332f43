"""Lists for people and for scripts: providers and categories."""

from __future__ import annotations

from collections.abc import Sequence

from llmprobe.cli.output import Screen
from llmprobe.config.convert import require_known
from llmprobe.json_text import readable
from llmprobe.providers import Provider
from llmprobe.providers import providers as catalogue
from llmprobe.reports.parts.rich_text import plain_table

_DIALECT_WIDTH = 110
_ADDRESS_WIDTH = 140


def show_providers(names: Sequence[str], format: str, *, no_color: bool) -> None:
    """Raises UsageError for an unknown name."""
    for name in names:
        require_known("provider", name, list(catalogue()))
    chosen = [p for p in catalogue().values() if not names or p.id in names]
    screen = Screen(no_color=no_color)
    if format == "json":
        screen.write(readable({"providers": [_json(p) for p in chosen]}))
        return
    screen.write(_table(chosen, screen))


def _table(chosen: Sequence[Provider], screen: Screen) -> str:
    """As many columns as there is room for: the address is in the JSON too."""
    head = ["provider", "key variable", "default model"]
    rows = [[p.id, _keys(p), p.model or "–"] for p in chosen]
    if screen.look.width >= _DIALECT_WIDTH:
        head.append("dialect")
        rows = [[*row, p.dialect] for row, p in zip(rows, chosen, strict=True)]
    if screen.look.width >= _ADDRESS_WIDTH:
        head.append("address")
        rows = [[*row, p.retired or p.base_url] for row, p in zip(rows, chosen, strict=True)]
    return plain_table(head, rows, screen.look, clip_last=head[-1] == "address")


def _keys(provider: Provider) -> str:
    if provider.retired:
        return provider.retired
    return ", ".join(key.env for key in provider.keys) or "none"


def _json(provider: Provider) -> dict[str, object]:
    status = provider.status
    return {
        "id": provider.id,
        "title": provider.title,
        "dialect": provider.dialect,
        "base_url": provider.base_url or None,
        "regions": dict(provider.regions),
        "keys": [{"env": k.env, "header": k.header, "scheme": k.scheme} for k in provider.keys],
        "model": provider.model,
        "embedding_model": provider.embedding_model,
        "token_param": provider.token_param,
        "min_tokens": provider.min_tokens,
        "local": provider.local,
        "retired": provider.retired,
        "status_page": {"url": status.url, "kind": status.kind, "components": list(status.components)}
        if status
        else None,
        "console": provider.console,
        "docs": provider.docs,
        "retires": dict(provider.retires),
        "note": provider.note,
        "evidence": provider.evidence,
        "read": provider.read,
        "source": provider.source,
    }
