"""The README's generated parts: `python -m tests.docs` rewrites them from the program."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
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
PICTURE = README.parent / "examples" / "demo.svg"


def category_table() -> str:
    """One line for each category, from the classifier's own table."""
    rows = ["| category | family | side | what it means | what to do |", "|---|---|---|---|---|"]
    for category in Category:
        about = ABOUT[category]
        side = SIDE_WORDS[about.fault] if about.fault else ""
        rows.append(f"| `{category}` | {about.family} | {side} | {about.meaning} | {about.hint} |")
    return "\n".join(rows)


def memory_table() -> str:
    """Every key of `[history]` and `[alerts]`, from the schema."""
    rows = ["| key | meaning |", "|---|---|"]
    for table, name in (("HistoryTable", "history"), ("AlertsTable", "alerts")):
        for key, about in config_schema()["$defs"][table]["properties"].items():
            rows.append(f"| `{name}.{key}` | {_meaning(about)} |")
    return "\n".join(rows)


def config_table() -> str:
    """Every key of a target and of the defaults, from the schema."""
    defs = config_schema()["$defs"]
    rows = ["| key | in | meaning |", "|---|---|---|"]
    target, defaults = defs["TargetTable"]["properties"], defs["DefaultsTable"]["properties"]
    for key in dict.fromkeys([*target, *defaults]):
        where = " and ".join(n for n, keys in (("target", target), ("defaults", defaults)) if key in keys)
        rows.append(f"| `{key}` | {where} | {_meaning((target | defaults)[key])} |")
    return "\n".join(rows)


def _meaning(schema: dict[str, Any]) -> str:
    return str(schema["description"]).replace("|", "\\|")


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


def between(text: str, name: str) -> str:
    """What stands between two markers."""
    match = re.search(rf"<!-- {name} -->\n(.*?)<!-- end {name} -->", text, re.S)
    assert match is not None, name
    return match[1].strip("\n")


def replaced(text: str, name: str, new: str) -> str:
    return text.replace(between_raw(text, name), f"<!-- {name} -->\n{new}\n<!-- end {name} -->")


def between_raw(text: str, name: str) -> str:
    match = re.search(rf"<!-- {name} -->\n.*?<!-- end {name} -->", text, re.S)
    assert match is not None, name
    return match[0]


def main() -> None:
    text = README.read_text(encoding="utf-8")
    text = replaced(text, "categories", category_table())
    text = replaced(text, "config reference", config_table())
    text = replaced(text, "memory reference", memory_table())
    text = replaced(text, "diagnose output", diagnose_output())
    README.write_text(text, encoding="utf-8")
    PICTURE.write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
