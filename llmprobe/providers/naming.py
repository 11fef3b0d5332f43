"""
Which names an answer may bear, given the model that was asked for.

Vendors write one model in many ways: as an alias that moves, as a dated snapshot, with a region
or an author in front. What is the same model by its name alone is decided here; what only the
vendor knows stands in the catalogue (`aliases`, `replaced`).

Source: "Model IDs and versioning" of Anthropic, "Models" of OpenAI, Mistral and xAI, and recorded
pairs of request and answer of a dozen providers (read 2026-11-24).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from llmprobe.providers.catalog import Provider


class Naming(StrEnum):
    """How the name in an answer stands to the name that was asked for."""

    SAME = "same"
    """The same model: equal, a dated snapshot of it, or an alias of the vendor's."""
    ROLLING = "rolling"
    """The name that was asked for moves by design, so that another name is expected."""
    REPLACED = "replaced"
    """The vendor serves another model in its place, as the catalogue knows."""
    OTHER = "other"


_DATE = r"-(\d{4}-\d{2}-\d{2}|\d{2}-\d{4}|\d{2}-\d{2}|\d{8}|\d{6}|\d{3,4})"
_SNAPSHOT = rf"({_DATE}(-v\d+)?|-v\d+)"
_ROLLING = r"(.*-latest|auto|compound(-mini)?)"
_MODES = r"-(non-reasoning|reasoning|minimal|low|medium|high)"
_REGION = r"^(us|eu|apac|jp|au|ca|global)\.(?=[a-z]+\.)"
_VENDOR = r"^(anthropic|amazon|meta|mistral|cohere|openai|deepseek|qwen|ai21|google|nvidia|writer)\.(?=[a-z])"
_BEDROCK_VERSION = r"-(v\d+(:\d+\w*)?|\d+:\d+)$"


def naming(provider: Provider, asked: str, answered: str) -> Naming:
    """
    Compare the model that an answer names with the model that was asked for.

    Args:
        provider: Of the catalogue; its `aliases` and `replaced` decide first.
        asked: As the target names it.
        answered: As the answer names it; not empty.

    Returns:
        `OTHER` only where no rule and no entry of the catalogue explains the difference.
    """
    if asked == answered:
        return Naming.SAME
    tags = provider.dialect == "ollama"
    wanted, got = plain(asked, tags=tags), plain(answered, tags=tags)
    if _is_same(provider, wanted, got):
        return Naming.SAME
    if re.fullmatch(_ROLLING, wanted):
        return Naming.ROLLING
    replaced = {plain(old): plain(new) for old, new in provider.replaced.items()}
    return Naming.REPLACED if wanted in replaced and _is_snapshot(replaced[wanted], got) else Naming.OTHER


def plain(name: str, *, tags: bool = False) -> str:
    """
    A model's name without the notation of one provider: path, region, vendor, case.

    What follows a colon names a backend or a price, and goes; where `tags` is true it names a size.
    """
    text = unquote(name).lower().rsplit("/", 1)[-1].replace("@", "-")
    text = re.sub(_REGION, "", text)
    bare = re.sub(_VENDOR, "", text)
    if bare != text:
        text = re.sub(_BEDROCK_VERSION, "", bare)
    text = re.sub(r":(?=(19|20)\d{2}-?\d{2})", "-", text)
    text = text.removesuffix(":latest") if tags else text.split(":", 1)[0]
    return re.sub(r"(?<=\d)\.(?=\d)", "-", text)


def _is_same(provider: Provider, wanted: str, got: str) -> bool:
    aliases = {plain(alias): plain(model) for alias, model in provider.aliases.items()}
    meant = aliases.get(got, got)
    return any(
        _is_snapshot(name, answer) or _same_words(name, answer)
        for name in (wanted, aliases.get(wanted), wanted.removesuffix("-latest"))
        for answer in (got, meant)
        if name
    )


def _is_snapshot(wanted: str, got: str) -> bool:
    """A pinned date is a promise: an answer may add a date, and never exchange one."""
    rest = got.removeprefix(wanted) if got.startswith(wanted) else None
    return rest is not None and (not rest or bool(re.fullmatch(f"{_MODES}|{_snapshot_of(wanted)}", rest)))


def _snapshot_of(wanted: str) -> str:
    return "-v\\d+" if re.search(rf"{_DATE}$", wanted) else _SNAPSHOT


def _same_words(wanted: str, got: str) -> bool:
    """OpenRouter writes `claude-haiku-4.5` as `claude-4.5-haiku`; Bedrock's old answers add `-48k`."""
    if not wanted.startswith("claude-") or not got.startswith("claude-"):
        return False
    dated = re.search(rf"{_DATE}$", wanted)
    shorter = re.sub(r"-\d+k(?=-|$)", "", got)
    shorter = shorter if dated else re.sub(rf"{_SNAPSHOT}$", "", shorter)
    return sorted(wanted.split("-")) == sorted(shorter.split("-"))
