"""`llmprobe.categories/1`: what each category means and which signals lead to it, as JSON and as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from msgspec import Struct

from llmprobe.classify import ABOUT, status_of
from llmprobe.classify.rules import every
from llmprobe.model import CATEGORY_WORDS, SIDE_WORDS, Category, Family, Fault, Status
from llmprobe.reports.interface import Look
from llmprobe.reports.parts.rich_text import plain_table


class Signal(Struct, frozen=True):
    """One rule: an example of what it reads, the side where it is not the category's, and its source."""

    rule: str
    example: str
    fault: Fault | None
    source: str


class CategoryEntry(Struct, frozen=True):
    """`fault` is the usual side; `retried` says whether a second try may cure it."""

    category: Category
    words: str
    family: Family
    status: Status
    fault: Fault | None
    meaning: str
    hint: str | None
    retried: bool
    signals: list[Signal]


class Categories(Struct, frozen=True, tag_field="schema", tag="llmprobe.categories/1"):
    """The categories that were asked for, in the order of the enum."""

    categories: list[CategoryEntry]


def document(chosen: Iterable[Category]) -> Categories:
    return Categories([_entry(category) for category in chosen])


def _entry(category: Category) -> CategoryEntry:
    about = ABOUT[category]
    return CategoryEntry(
        category=category,
        words=CATEGORY_WORDS[category],
        family=about.family,
        status=status_of(category),
        fault=about.fault,
        meaning=about.meaning,
        hint=about.hint or None,
        retried=about.transient,
        signals=[Signal(r.id, r.example, r.fault, r.source) for r in every() if r.category is category],
    )


def text(found: Categories, look: Look) -> str:
    """One category in full, or the table of several."""
    if len(found.categories) == 1:
        return "\n".join(_in_full(found.categories[0], look.width)) + "\n"
    rows = [(str(c.category), _side(c), c.meaning, c.hint or "") for c in found.categories]
    return plain_table(("category", "side", "what it means", "what to do"), rows, look)


def _side(entry: CategoryEntry) -> str:
    return SIDE_WORDS[entry.fault] if entry.fault else "–"


def _in_full(entry: CategoryEntry, width: int) -> Iterator[str]:
    yield f"{entry.category}: {entry.words}"
    yield from _folded("means", entry.meaning, width)
    yield from _folded("status", str(entry.status), width)
    side = f"{_side(entry)} (unless a signal says otherwise)" if entry.fault else "none"
    yield from _folded("side", side, width)
    yield from _folded("do", entry.hint or "nothing", width)
    yield from _folded("retried", "yes" if entry.retried else "no", width)
    if entry.signals:
        yield "  signals"
    for signal in entry.signals:
        side = f" → {SIDE_WORDS[signal.fault]}" if signal.fault else ""
        yield from textwrap.wrap(
            f"{signal.example}{side}", max(30, width - 6), initial_indent="    - ", subsequent_indent="      "
        )


def _folded(label: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text, max(30, width - 12), initial_indent=f"  {label:<9} ", subsequent_indent=" " * 12
    )
