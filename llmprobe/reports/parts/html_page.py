"""The frame of every HTML page: one file, nothing from outside, light and dark, readable on a phone."""

from __future__ import annotations

import re
from html import escape as _escape

_CSS = """
:root { color-scheme: light dark; --bg:#fff; --fg:#1c2024; --dim:#60646c; --line:#e3e5e9; --card:#f7f8fa;
  --healthy:#18794e; --degraded:#8a5a00; --failed:#c62a2f; --skipped:#60646c;
  --dns:#0a7ea4; --connect:#3358d4; --tls:#8e4ec6; --waiting:#e2a336; --token:#cf7a1c; --stream:#30a46c;
  --silence:#e5484d; --quiet:#8b8d98; }
@media (prefers-color-scheme: dark) { :root { --bg:#111315; --fg:#edeef0; --dim:#a5abb3; --line:#2c3035;
  --card:#191c1f; --healthy:#3dd68c; --degraded:#ffc53d; --failed:#ff9592; --skipped:#a5abb3; } }
* { box-sizing: border-box; } html { font-size: clamp(15px, 9px + .4vw, 26px); }
body { margin: 0 auto; max-width: max(76rem, 58vw); padding: 1rem; background: var(--bg); color: var(--fg);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: inherit; text-underline-offset: .15em; text-decoration-color: var(--dim); }
h1 { font-size: 1.35rem; line-height: 1.3; margin: .5rem 0; } h2 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
.dim { color: var(--dim); } .num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.healthy { color: var(--healthy); } .degraded { color: var(--degraded); } .failed { color: var(--failed); }
.skipped { color: var(--skipped); }
.card { border: 1px solid var(--line); border-left: .3rem solid currentColor; border-radius: .4rem;
  background: var(--card); padding: .6rem .8rem; margin: .6rem 0; }
.card > * { color: var(--fg); } .card .dim { color: var(--dim); } .card h3 { margin: 0; font-size: 1rem; }
.card h3 b { font-weight: 600; } .card p { margin: .2rem 0; } .card .healthy { color: var(--healthy); }
.card .degraded { color: var(--degraded); } .card .failed { color: var(--failed); }
.card .skipped { color: var(--skipped); }
.bar { display: flex; height: .8rem; border-radius: .2rem; overflow: hidden; background: var(--line); margin: .4rem 0; }
.bar i { display: block; height: 100%; min-width: 1px; }
.dns { background: var(--dns); } .connect { background: var(--connect); } .tls, .send { background: var(--tls); }
.waiting { background: var(--waiting); } .first_token { background: var(--token); }
.silence { background: repeating-linear-gradient(135deg, var(--silence) 0 3px, transparent 3px 6px); }
.retry { background: repeating-linear-gradient(45deg, var(--failed) 0 2px, var(--line) 2px 5px); }
.pause { background: repeating-linear-gradient(90deg, var(--quiet) 0 2px, transparent 2px 5px) center / 100% 2px
  no-repeat; } .other { background: var(--quiet); }
.stream, .answer { background: var(--stream); }
.legend span { margin-right: .9rem; white-space: nowrap; } .legend i { display: inline-block; width: .7rem;
  height: .7rem; border-radius: .15rem; margin-right: .3rem; }
details summary { cursor: pointer; color: var(--dim); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
td, th { padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { white-space: nowrap; } th, td { overflow-wrap: normal; } th.num { text-align: right; } svg { max-width: 100%; height: auto; } svg text { fill: var(--dim); font-size: 11px; }
@media print { :root { color-scheme: light; --bg:#fff; --fg:#000; --dim:#444; --line:#ccc; --card:#fff; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } body { max-width: none; padding: 0; }
  .card, section, tr { break-inside: avoid; } details summary { display: none; } }
"""


NOTHING_BUT_STYLE = "default-src 'none'; style-src 'unsafe-inline'"
"""The policy of a page in which no script runs, and nothing is loaded."""

_ADDRESS = r"https?://(?:[^\s<>()&“”`]|&amp;)+"
"""In text that is escaped already: a query's `&` is `&amp;`, and quotes are entities."""


def style_of(more: str = "") -> str:
    """The style of every page, and what one has beyond it."""
    return f"{_CSS}{more}"


def page(title: str, body: str, *, style: str = "", policy: str = NOTHING_BUT_STYLE, head: str = "") -> str:
    """
    A whole document, which keeps to its own policy.

    Args:
        style: What it has beyond the style of every page.
        policy: Its Content-Security-Policy.
        head: What stands in its head beside that: HTML.
    """
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{text(title)}</title>\n{head}<style>{style_of(style)}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def text(value: object) -> str:
    """Text of a stranger, for an element or an attribute."""
    return _escape(str(value), quote=True)


def linked(value: object) -> str:
    """Text in which addresses are links; they are shown whole, so that nobody is led astray."""
    return re.sub(_ADDRESS, _link, text(value))


def _link(found: re.Match[str]) -> str:
    address = found[0].rstrip(".,;:!?")
    rest = found[0][len(address) :]
    return f'<a href="{address}" rel="noopener noreferrer">{address}</a>{rest}'


def table(head: list[str], rows: list[list[str]], *, numbers: frozenset[int] = frozenset()) -> str:
    """A table that scrolls sideways on a narrow screen; cells are HTML."""

    def cells(tag: str, values: list[str]) -> str:
        return "".join(
            f"<{tag}{' class=num' if i in numbers else ''}>{value}</{tag}>" for i, value in enumerate(values)
        )

    lines = [f"<tr>{cells('th', head)}</tr>", *(f"<tr>{cells('td', row)}</tr>" for row in rows)]
    return '<div class="scroll"><table>\n' + "\n".join(lines) + "\n</table></div>"
