"""`llmprobe.categories/1`: what each category means, and the signals that lead to it."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from llmprobe.classify import ABOUT, status_of
from llmprobe.classify.rules import every
from llmprobe.model import CATEGORY_WORDS, Category, Family, Fault, Status


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
