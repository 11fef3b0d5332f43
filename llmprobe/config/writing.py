"""Writing `llmprobe.toml`: new files with comments, targets added and removed without touching the rest."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tomli_w
from msgspec import Struct

from llmprobe.config.load import parse
from llmprobe.errors import UsageError

SCHEMA_FILE = ".llmprobe.schema.json"
_HEADER = re.compile(r"^\s*\[")
_INTRO = f"""\
#:schema ./{SCHEMA_FILE}
# What llmprobe probes. `llmprobe config check` finds every mistake, `llmprobe config show` tells each
# effective value. API keys are read from the environment: none is written here.
"""
_GROUP = """
# Where a program can use any one of several targets, a group excuses an outage of the others. A failure on
# your side (key, quota, model) counts all the same.
"""


class NewTarget(Struct, frozen=True):
    """A target to be written: its table, and a line of comment above it."""

    name: str
    table: dict[str, Any]
    comment: str = ""


def new_file(targets: Sequence[NewTarget], group: Sequence[str] = (), *, at: Path | None = None) -> str:
    """
    The text of a new configuration; `group` names the members of a group that is shown as an example.

    Raises ConfigError where `at` is given and the file would not be valid there.
    """
    parts = [_INTRO, "\n" + tomli_w.dumps({"defaults": {"timeout": "30s", "retries": 1}})]
    parts += [_target_text(target) for target in targets]
    if len(group) > 1:
        example = tomli_w.dumps({"groups": {"chat": {"members": list(group), "need": 1}}})
        parts.append(_GROUP + "".join(f"# {line}\n" for line in example.splitlines()))
    text = "".join(parts)
    if at is not None:
        parse(text, at)
    return text


def with_target(text: str, path: Path, target: NewTarget) -> str:
    """
    The text with one more target at its end.

    Raises:
        UsageError: There is one of that name. ConfigError: The result would not be valid.
    """
    if target.name in parse(text, path).targets:
        raise UsageError(
            f'"{path}" has a target "{target.name}" already', "choose another name, or remove it first"
        )
    joined = text.rstrip("\n") + "\n" + _target_text(target)
    if not _is_toml(joined):  # `targets` is written as an inline table, which takes no header
        document = tomlkit_document(text)
        document["targets"][target.name] = target.table
        joined = document.as_string()
    parse(joined, path)
    return joined


def without_target(text: str, path: Path, name: str) -> str:
    """
    The text without a target's tables; everything else stays as it was, comments too.

    Raises:
        UsageError: It is not there.
        ConfigError: A group would miss it.
    """
    if name not in parse(text, path).targets:
        known = ", ".join(parse(text, path).targets) or "none"
        raise UsageError(f'"{path}" has no target "{name}"', f"it has: {known}")
    wanted = tomllib.loads(text)
    del wanted["targets"][name]
    joined = "".join(_without_tables(text.splitlines(keepends=True), name))
    if not _is_toml(joined) or {"targets": {}, **tomllib.loads(joined)} != wanted:
        document = tomlkit_document(text)  # it is written as an inline table, or with dotted keys
        del document["targets"][name]
        joined = document.as_string()
    parse(joined, path)
    return joined


def tomlkit_document(text: str) -> Any:
    """The file with its comments and layout: imported here alone, since it takes long to import."""
    import tomlkit

    return tomlkit.parse(text)


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except ValueError:
        return False
    return True


def _target_text(target: NewTarget) -> str:
    comment = f"# {target.comment}\n" if target.comment else ""
    body = tomli_w.dumps({"targets": {target.name: target.table}})
    return f"\n{comment}{body}"


def _without_tables(lines: list[str], name: str) -> list[str]:
    """Without `[targets.NAME]`, its sub-tables, and the comment directly above."""
    own = re.compile(
        rf"""^\s*\[\s*targets\s*\.\s*(?:{re.escape(name)}|"{re.escape(name)}"|'{re.escape(name)}')\s*[.\]]"""
    )
    kept: list[str] = []
    inside = False
    for line in lines:
        if _HEADER.match(line):
            was_inside, inside = inside, own.match(line) is not None
            if inside and not was_inside:
                while kept and kept[-1].startswith("#"):
                    kept.pop()
        if not inside:
            kept.append(line)
    return kept
