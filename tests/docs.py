"""The generated documents: `python -m tests.docs` writes them from the program."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.text import Text

from llmprobe.classify import ABOUT
from llmprobe.config.schema import config_schema
from llmprobe.model import SIDE_WORDS, Category
from tests.pages import page_server
from tests.support import Background, Served, clean_env

README = Path(__file__).parents[1] / "README.md"
EXAMPLES = README.parent / "examples"
PICTURE = EXAMPLES / "demo.svg"
CATEGORIES = EXAMPLES / "categories.md"
CONFIGURATION = EXAMPLES / "configuration.md"
BY = "<!-- made by python -m tests.docs -->"


def categories_page() -> str:
    """One row for each category, from the classifier's own table."""
    rows = [
        f"# Categories\n\n{BY}\n\nEvery result has one category: the cause, the side that has to act, and what to do.",
        "`llmprobe explain CATEGORY` shows the signals that lead to it.\n",
        "| category | family | side | what it means | what to do |",
        "|---|---|---|---|---|",
    ]
    for category in Category:
        about = ABOUT[category]
        side = SIDE_WORDS[about.fault] if about.fault else ""
        rows.append(f"| `{category}` | {about.family} | {side} | {about.meaning} | {about.hint} |")
    return "\n".join(rows) + "\n"


def configuration_page() -> str:
    """Every table of the configuration with its keys, from the schema."""
    defs = config_schema()["$defs"]
    intro = (
        f"# Configuration\n\n{BY}\n\nThe tables and keys of `llmprobe.toml`. `llmprobe schema config` prints them as a JSON "
        "schema for an editor,\nand `llmprobe config show` prints the effective values and where each one comes from."
    )
    return "\n\n".join([intro, *(_keys(f"## `[{path}]`", defs[name]) for path, name in _tables(defs))]) + "\n"


def _tables(defs: dict[str, Any], start: str = "ConfigFile", path: str = "") -> Iterator[tuple[str, str]]:
    """Each table once, where it is met first: its path in the file and its name in the schema."""
    seen: set[str] = set()
    todo = [(path, start)]
    while todo:
        path, name = todo.pop(0)
        if name in seen:
            continue
        seen.add(name)
        if path:
            yield path, name
        for key, about in defs[name]["properties"].items():
            for inner in re.findall(r"#/\$defs/(\w+)", str(about)):
                named = ".NAME" if "additionalProperties" in about else ""
                todo.append((f"{path}.{key}{named}".lstrip("."), inner))


def _keys(heading: str, table: dict[str, Any]) -> str:
    rows = [f"{heading}\n", "| key | meaning |", "|---|---|"]
    rows += [f"| `{key}` | {_meaning(about)} |" for key, about in table["properties"].items()]
    return "\n".join(rows)


def _meaning(schema: dict[str, Any]) -> str:
    return str(schema.get("description", "")).replace("|", "\\|")


def diagnose_output() -> str:
    """A real ladder, against a simulated provider whose model has no capacity and whose page is green."""
    background = Background()
    served = Served(background)
    try:
        with page_server() as page, TemporaryDirectory() as folder:
            page.serve("/api/v2/summary.json", {"status": {"indicator": "none"}, "components": []})
            config = Path(folder) / "llmprobe.toml"
            url = served.at("model:overloaded")
            config.write_text(
                f'[targets.gateway]\nprovider = "simulator"\nbase_url = "{url}"\nstatus_page = "{page.url}"\n'
            )
            env = {**clean_env(), "COLUMNS": "100"}
            command = [sys.executable, "-m", "llmprobe", "diagnose", "gateway", "-c", str(config)]
            done = subprocess.run(command, capture_output=True, text=True, env=env)
    finally:
        served.close()
        background.close()
    return f"```text\n$ llmprobe diagnose gateway\n{done.stdout.rstrip()}\n```"


def picture() -> str:
    """The screenful in its colours as SVG, by rich; no font is fetched."""
    env = {**os.environ, "COLUMNS": "100", "FORCE_COLOR": "1"}
    env.pop("NO_COLOR", None)
    done = subprocess.run(
        [sys.executable, "-m", "llmprobe", "demo"], capture_output=True, text=True, env=env, check=True
    )
    console = Console(record=True, width=100, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(f"$ llmprobe demo\n{done.stdout.rstrip()}"))
    svg = console.export_svg(title="llmprobe demo", unique_id="llmprobe")
    return "".join(
        line.rstrip() + "\n" for line in re.sub(r"@font-face \{.*?\}", "", svg, flags=re.S).splitlines()
    )


def replaced(text: str, name: str, new: str) -> str:
    """The text with the part between two markers exchanged."""
    marked = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- end {name} -->)", re.S)
    assert marked.search(text), name
    return marked.sub(lambda match: match[1] + new + match[2], text)


def main() -> None:
    text = README.read_text(encoding="utf-8")
    text = replaced(text, "diagnose output", diagnose_output())
    README.write_text(text, encoding="utf-8")
    CATEGORIES.write_text(categories_page(), encoding="utf-8")
    CONFIGURATION.write_text(configuration_page(), encoding="utf-8")
    PICTURE.write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
