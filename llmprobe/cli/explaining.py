"""What `explain` does: the classifier's own tables, told to people."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterator

from llmprobe.classify import ABOUT, status_of
from llmprobe.classify.rules import every
from llmprobe.cli.screen import Screen
from llmprobe.config.convert import require_known, suggestion
from llmprobe.config.quoting import quoted
from llmprobe.errors import UsageError
from llmprobe.explanation import explain
from llmprobe.explanation.known_codes import KNOWN_STATUSES, known_codes
from llmprobe.json_text import readable
from llmprobe.model import CATEGORY_WORDS, SIDE_WORDS, Category
from llmprobe.model.explanation import Explanation, ReadAs
from llmprobe.providers import providers
from llmprobe.reports.documents import categories
from llmprobe.reports.documents.explanation import document, text
from llmprobe.reports.parts.rich_text import plain_table


def show_categories(category: Category | None, format: str, *, no_color: bool) -> None:
    """One category in full, or the table of all."""
    screen = Screen(no_color=no_color)
    chosen = [category] if category else list(Category)
    if format == "json":
        screen.write(readable(categories.document(chosen)))
    elif category:
        screen.write("\n".join(_text(category, screen.look.width)) + "\n")
    else:
        rows = [(str(c), _side(c), ABOUT[c].meaning, ABOUT[c].hint) for c in chosen]
        screen.write(plain_table(("category", "side", "what it means", "what to do"), rows, screen.look))


def show_error(error: str | bytes, provider: str | None, format: str, *, no_color: bool) -> None:
    """Raises UsageError where nothing in the error is known, with the nearest names."""
    if provider is not None:
        require_known("provider", provider, list(providers()), flag="--provider")
    told = explain(error, provider)
    if told.category is None:
        raise UsageError(*_unknown(error, told))
    screen = Screen(no_color=no_color)
    screen.answer(
        as_json=format == "json", document=lambda: document(told), text=lambda look: text(told, look)
    )


def _unknown(error: str | bytes, told: Explanation) -> tuple[str, str]:
    """For a word the nearest names; for all else, what to give instead."""
    if told.read_as is ReadAs.CODE and isinstance(error, str) and error.strip().isdigit():
        return f"{told.code} is neither an HTTP status nor an error code that llmprobe knows", _near_statuses(
            error
        )
    if told.read_as is ReadAs.CODE and isinstance(error, str):
        near = suggestion(error, [*Category, *known_codes()]) or "`llmprobe explain` lists the categories"
        return f"{quoted(told.code or '')} is neither a category nor an error code that llmprobe knows", near
    if told.read_as is ReadAs.STATUS:
        return f"HTTP {told.http_status} alone is no error", "give the body too: an error can stand in it"
    if not error.strip():
        return "there is no error to explain", "give one as an argument, or pipe it into `llmprobe explain -`"
    return (
        "nothing in this error is known to llmprobe",
        "give its HTTP status or its whole body; `llmprobe explain -` reads it from standard input",
    )


def _near_statuses(number: str) -> str:
    """Statuses of failures that look like it, or the range that they lie in."""
    known = [str(code) for code in KNOWN_STATUSES]
    near = difflib.get_close_matches(number.strip(), known, n=3, cutoff=0.3)
    words = f"did you mean {' or '.join(near)}? " if near else ""
    return f"{words}HTTP statuses lie between 100 and 599; --provider says whose code it is"


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
    rules = [rule for rule in every() if rule.category is category]
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
