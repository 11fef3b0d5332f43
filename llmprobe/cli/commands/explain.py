"""`llmprobe explain`: what a category means, or an error that someone has in hand."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from llmprobe.cli.options import (
    ListFormatOption,
    NoColorOption,
    TableOrJson,
    complete_category,
    complete_provider,
)

if TYPE_CHECKING:
    from llmprobe.cli.screen import Screen
    from llmprobe.model.explanation import Explanation

_LONGEST_INPUT = 4 << 20


def explain(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CATEGORY|ERROR|-]",
            help="A category or an error; - reads standard input. Without one: all categories.",
            autocompletion=complete_category,
            show_default=False,
        ),
    ] = None,
    provider: Annotated[
        str | None,
        typer.Option(
            "-p", "--provider", help="Provider that sent the error.", autocompletion=complete_provider
        ),
    ] = None,
    format: ListFormatOption = TableOrJson.TABLE,
    no_color: NoColorOption = False,
) -> None:
    """
    Explain a category, or an error that you have.

    An error is a status, a code, a message, a JSON body, an HTTP dump or a traceback. Nothing is sent.

    Example: llmprobe explain 529 -p anthropic
    """
    from llmprobe.cli.screen import Screen
    from llmprobe.config.known_secrets import remember_environment
    from llmprobe.model import Category
    from llmprobe.reports.documents import categories

    remember_environment(os.environ)
    asked = " ".join(what or ())
    screen, as_json = Screen(no_color=no_color), format == TableOrJson.JSON
    if asked == "" or asked in set(Category):
        found = categories.document([Category(asked)] if asked else Category)
        screen.answer(as_json=as_json, document=lambda: found, text=lambda look: categories.text(found, look))
    else:
        error = sys.stdin.buffer.read(_LONGEST_INPUT) if asked == "-" else asked
        _explain(error, provider, screen, as_json=as_json)


def _explain(error: str | bytes, provider: str | None, screen: Screen, *, as_json: bool) -> None:
    """Raises UsageError where the error says nothing that is known, with the nearest names."""
    from llmprobe.config.convert import require_known
    from llmprobe.errors import UsageError
    from llmprobe.explanation import explain
    from llmprobe.providers import providers
    from llmprobe.reports.documents.explanation import document, text

    if provider is not None:
        require_known("provider", provider, list(providers()), flag="--provider")
    found = explain(error, provider)
    if found.category is None:
        raise UsageError(*_unknown(error, found))
    screen.answer(as_json=as_json, document=lambda: document(found), text=lambda look: text(found, look))


def _unknown(error: str | bytes, found: Explanation) -> tuple[str, str]:
    """The nearest names for a word; for anything else, what to give instead."""
    from llmprobe.config.convert import suggestion
    from llmprobe.config.quoting import quoted
    from llmprobe.explanation.known_codes import known_codes
    from llmprobe.model import Category
    from llmprobe.model.explanation import ReadAs

    if found.read_as is ReadAs.CODE and isinstance(error, str) and error.strip().isdigit():
        return (
            f"{found.code} is neither an HTTP status nor an error code that llmprobe knows",
            _near_statuses(error),
        )
    if found.read_as is ReadAs.CODE and isinstance(error, str):
        near = suggestion(error, [*Category, *known_codes()]) or "`llmprobe explain` lists the categories"
        code = quoted(found.code or "")
        return f"{code} is neither a category nor an error code that llmprobe knows", near
    if found.read_as is ReadAs.STATUS:
        return f"HTTP {found.http_status} alone is no error", "give the body too: an error can stand in it"
    if not error.strip():
        return "there is no error to explain", "give one as an argument, or pipe it into `llmprobe explain -`"
    return (
        "nothing in this error is known to llmprobe",
        "give its HTTP status or its whole body; `llmprobe explain -` reads it from standard input",
    )


def _near_statuses(number: str) -> str:
    """Statuses of failures that look like it, or the range that they lie in."""
    import difflib

    from llmprobe.explanation.known_codes import KNOWN_STATUSES

    known = [str(code) for code in KNOWN_STATUSES]
    near = difflib.get_close_matches(number.strip(), known, n=3, cutoff=0.3)
    words = f"did you mean {' or '.join(near)}? " if near else ""
    return f"{words}HTTP statuses lie between 100 and 599; --provider says whose code it is"
