"""What `explain` does: the classifier's own tables, told to people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from llmprobe.classify import ABOUT, status_of
from llmprobe.classify.rules import EVERY
from llmprobe.cli.screen import Screen
from llmprobe.config.convert import require_known
from llmprobe.json_text import readable
from llmprobe.model import CATEGORY_WORDS, SIDE_WORDS, Category
from llmprobe.reports.parts.rich_text import plain_table


def show(name: str | None, format: str, *, no_color: bool) -> None:
    """Raises UsageError for an unknown category."""
    screen = Screen(no_color=no_color)
    if name is not None:
        require_known("category", name, list(Category))
    chosen = [Category(name)] if name else list(Category)
    if format == "json":
        screen.write(readable({"categories": [_json(c) for c in chosen]}))
    elif name:
        screen.write("\n".join(_text(chosen[0], screen.look.width)) + "\n")
    else:
        rows = [(str(c), _side(c), ABOUT[c].meaning, ABOUT[c].hint) for c in chosen]
        screen.write(plain_table(("category", "side", "what it means", "what to do"), rows, screen.look))


def _side(category: Category) -> str:
    fault = ABOUT[category].fault
    return SIDE_WORDS[fault] if fault else "–"


def _text(category: Category, width: int) -> Iterator[str]:
    about = ABOUT[category]
    yield f"{category}: {CATEGORY_WORDS[category]}"
    yield from _folded("means", about.meaning, width)
    yield from _folded("status", str(status_of(category)), width)
    yield from _folded(
        "side", f"{_side(category)} (unless a signal says otherwise)" if about.fault else "nobody's", width
    )
    yield from _folded("do", about.hint or "nothing", width)
    yield from _folded("retried", "yes" if about.transient else "no", width)
    rules = [rule for rule in EVERY if rule.category is category]
    if rules:
        yield "  signals"
    for rule in rules:
        side = f" → {SIDE_WORDS[rule.fault]}" if rule.fault else ""
        yield from textwrap.wrap(
            f"{rule.example}{side}", max(30, width - 6), initial_indent="    - ", subsequent_indent="      "
        )


def _folded(label: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text, max(30, width - 12), initial_indent=f"  {label:<9} ", subsequent_indent=" " * 12
    )


def _json(category: Category) -> dict[str, object]:
    about = ABOUT[category]
    return {
        "category": str(category),
        "words": CATEGORY_WORDS[category],
        "family": str(about.family),
        "status": str(status_of(category)),
        "fault": str(about.fault) if about.fault else None,
        "meaning": about.meaning,
        "hint": about.hint or None,
        "retried": about.transient,
        "signals": [
            {
                "rule": r.id,
                "example": r.example,
                "fault": str(r.fault) if r.fault else None,
                "source": r.source,
            }
            for r in EVERY
            if r.category is category
        ],
    }
