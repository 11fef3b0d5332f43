"""
The table for people: readable at 40 columns and at 200, in colour, without, and in ASCII.

The conclusion is the first line: `watch`, `head` and a message keep the top and cut the bottom. A terminal
that scrolls keeps the bottom, so a report that is longer than a small window ends with it as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from llmprobe.model import Result, Run, Status
from llmprobe.reports.interface import Look
from llmprobe.reports.parts import bars, causes
from llmprobe.reports.parts.facts import cost_line, how_sure
from llmprobe.reports.parts.marks import STYLES, symbol
from llmprobe.reports.parts.observed import samples
from llmprobe.reports.parts.rich_text import text_console, text_of, wrapped
from llmprobe.reports.parts.rows import has_bars, result_table
from llmprobe.reports.parts.waterfall import waterfall

_SMALL_WINDOW = 10
"""Lines: a longer report says its conclusion at both ends."""
_REASONS_TOLD = 3
_NAMES_TOLD = 20
_LEAST_TOGETHER = 3


def render(run: Run, look: Look) -> str:
    """The conclusion, the table, what is wrong with what to do, groups and notes."""
    console = text_console(look)
    _print_conclusion(console, run, look)
    console.print()
    if run.results:
        console.print(result_table(run.results, look))
        if has_bars(run.results, look):
            console.print(_legend(run.results, look), style="dim")
    _print_details(console, run, look)
    _print_groups(console, run, look)
    _print_pages(console, run, look)
    if line := cost_line(run.results):
        _print(console, look, line, style="dim")
    for note in run.notes:
        _print(console, look, note, first="note: ", style="dim")
    text = text_of(console, look).rstrip("\n") + "\n"
    if text.count("\n") <= _SMALL_WINDOW:
        return text
    end = text_console(look)
    _print_conclusion(end, run, look)
    return f"{text}\n{text_of(end, look)}"


def _print_conclusion(console: Console, run: Run, look: Look) -> None:
    _print(console, look, run.conclusion, style=f"bold {STYLES[run.status].removeprefix('bold ')}")


def _print_details(console: Console, run: Run, look: Look) -> None:
    """One block for each cause that is not healthy; with -v one for each result."""
    told = [result for result in run.results if look.verbose or _has_more_to_tell(result)]
    for group in causes.by_cause(told, _LEAST_TOGETHER if not look.verbose else len(told) + 1):
        console.print()
        if len(group) == 1:
            _print_result(console, group[0], look)
        else:
            _print_group_of_results(console, group, look)
    console.print()


def _has_more_to_tell(result: Result) -> bool:
    """Whatever is not plainly healthy at the first attempt."""
    return result.status is not Status.HEALTHY or len(result.attempts) > 1


def _print_result(console: Console, result: Result, look: Look) -> None:
    head = f"{result.target} {result.probe}: {result.reason}"
    _print(console, look, head, first=f"{symbol(result.status, look)} ", lead=STYLES[result.status])
    _print_remarks(console, result.notes, result.hint, look)
    sure = how_sure(result) if look.verbose else None
    if sure:
        _print(console, look, f"sure: {sure}", first="  ", style="dim")
    if look.verbose:
        console.print(Text("\n".join(waterfall(result, look))))
    elif result.stats is not None:
        _print(console, look, f"samples: {samples(result.stats)}", first="  ")


def _print_group_of_results(console: Console, group: Sequence[Result], look: Look) -> None:
    """`7 targets at Anthropic: overloaded`, their names, what was said, and once what to do."""
    first = group[0]
    head = f"{causes.together(group)}: {causes.what(first)}"
    _print(console, look, head, first=f"{symbol(first.status, look)} ", lead=STYLES[first.status])
    for line in _said(group):
        _print(console, look, line, first="  ")
    notes = dict.fromkeys(note for result in group for note in result.notes)
    _print_remarks(console, list(notes)[:_REASONS_TOLD], first.hint, look)


def _said(group: Sequence[Result]) -> Iterator[str]:
    """The names and their one reason; or some of the reasons, each with its name, and the other names."""
    reasons = {result.reason for result in group}
    if len(reasons) == 1:
        yield f"{_some(causes.names(group))}: {group[0].reason}"
        return
    for result in group[:_REASONS_TOLD]:
        yield f"{result.target} {result.probe}: {result.reason}"
    rest = group[_REASONS_TOLD:]
    if rest:
        yield f"and {_some(causes.names(rest))}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES_TOLD} more" if len(names) > _NAMES_TOLD else ""
    return ", ".join(names[:_NAMES_TOLD]) + more


def _print_remarks(console: Console, notes: Sequence[str], hint: str | None, look: Look) -> None:
    for note in notes:
        _print(console, look, f"note: {note}", first="  ")
    if hint:
        _print(console, look, hint, first=f"  {'→' if look.unicode else '->'} ", style="cyan")


def _print(
    console: Console, look: Look, text: str, *, first: str = "", style: str = "", lead: str = ""
) -> None:
    """Wrapped between words under `first`, which may have a style of its own."""
    for n, line in enumerate(wrapped(text, look.width, first)):
        shown = Text(line, style=style)
        if lead and not n:
            shown.stylize(lead, 0, len(first))
        console.print(shown, soft_wrap=True)


def _print_groups(console: Console, run: Run, look: Look) -> None:
    for group in run.groups:
        works = f"{group.healthy} of {len(group.members)} work, needs {group.need}"
        line = f"group {group.name}: {works}"
        style = STYLES[group.status]
        _print(console, look, line, first=f"{symbol(group.status, look)} ", style=style)
    if run.groups:
        console.print()


def _print_pages(console: Console, run: Run, look: Look) -> None:
    if not run.pages:
        return
    from llmprobe.reports.parts.pages import page_lines

    for page in run.pages:
        for line in page_lines(page, run.results):
            _print(console, look, line.lstrip(), first=" " * (len(line) - len(line.lstrip())))
    console.print()


def _legend(results: Sequence[Result], look: Look) -> Text:
    return Text("  ".join(f"{bars.glyph(name, look.unicode)} {name.words}" for name in bars.legend(results)))
