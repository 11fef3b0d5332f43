"""The README's generated parts: `python -m tests.docs` rewrites them from the program."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from llmprobe.classify import ABOUT
from llmprobe.config.schema import config_schema
from llmprobe.model import SIDE_WORDS, Category

README = Path(__file__).parents[1] / "README.md"


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


def demo_output() -> str:
    """A screenful of the real thing, with times as they were."""
    env = {**os.environ, "COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, "-m", "llmprobe", "demo"], capture_output=True, text=True, env=env, check=True
    )
    table, *details = done.stdout.split("\n\n")
    return "\n\n".join([table, *details[1:5], "[…]", *details[-2:-1]]).rstrip()


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
    text = replaced(text, "demo output", f"```text\n$ llmprobe demo\n{demo_output()}\n```")
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
