"""One direction of flow: who may import whom, read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "llmprobe"
BOTTOM = {"model", "errors", "redact", "durations", "dates", "quantiles", "version", "late", "json_text"}
ALLOWED: dict[str, set[str]] = {
    "model": set(),
    "errors": set(),
    "redact": set(),
    "durations": set(),
    "dates": {"durations"},
    "quantiles": set(),
    "version": set(),
    "late": set(),
    "json_text": set(),
    "simulator": {"errors", "durations", "dates", "quantiles"},
    "providers": {"model", "durations", "dates", "quantiles"},
    "transport": {"model", "durations", "dates", "quantiles", "json_text"},
    "classify": {"model", "durations", "dates", "quantiles", "redact"},
    "config": {"model", "errors", "redact", "durations", "dates", "quantiles", "providers"},
    "engine": {
        "model",
        "redact",
        "durations",
        "dates",
        "quantiles",
        "version",
        "providers",
        "transport",
        "classify",
    },
    "reports": {"model", "durations", "dates", "quantiles", "json_text"},
    "history": {"model", "errors", "durations", "dates", "quantiles", "redact"},
    "statuspages": {"model", "durations", "dates", "quantiles", "providers", "transport"},
    "alerts": {"model", "config", "durations", "dates", "quantiles", "redact", "transport", "json_text"},
    "monitor": {"model", "errors", "config", "history", "alerts"},
    "api": {"model", "redact", "config", "engine"},
    "cli": {
        "model",
        "errors",
        "redact",
        "durations",
        "dates",
        "quantiles",
        "version",
        "json_text",
        "config",
        "engine",
        "history",
        "monitor",
        "statuspages",
        "alerts",
        "reports",
        "classify",
        "providers",
        "simulator",
    },
    "__main__": {"cli", "late", "version"},
    "__init__": {"api", "model", "version"},
}
"""A room and the rooms below it that it may know. What is not listed is an arrow back."""

FOREIGN: dict[str, set[str]] = {
    "httpx": {"transport"},
    "httpcore": {"transport"},
    "h11": {"transport", "simulator"},
    "rich": {"reports"},
    "junitparser": {"reports"},
    "prometheus_client": {"reports"},
    "typer": {"cli"},
    "msgspec": {"config", "cli", "json_text", "history"},
    "sqlite3": {"history"},
    "socket": {"transport", "simulator", "cli"},
    "ssl": {"transport", "simulator"},
    "platformdirs": {"config"},
    "tomli_w": {"config"},
}
"""Libraries that only these rooms may know."""

SHAPES = "msgspec.structs"
"""`Struct` and its kin, which every room writes its plain types with; to convert with msgspec is config's work."""


def rooms() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).parts[0].removesuffix(".py"), path


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the direction"
            is_shape = node.module == "msgspec" and {a.name for a in node.names} <= {"Struct", "field"}
            yield SHAPES if is_shape else node.module or ""


@pytest.mark.parametrize(
    ("room", "path"), list(rooms()), ids=lambda value: str(value).rsplit("llmprobe/", 1)[-1]
)
def test_imports_point_downwards(room: str, path: Path) -> None:
    assert room in ALLOWED, f"{room} is a new room: say what it may know"
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "llmprobe" and len(parts) > 1:
            assert parts[1] == room or parts[1] in ALLOWED[room], f"{path}: {room} must not import {name}"
        elif parts[0] in FOREIGN and name != SHAPES:
            assert room in FOREIGN[parts[0]], f"{path}: {room} must not know {parts[0]}"


def test_the_map_has_no_circle() -> None:
    """Following the arrows always ends at the bottom."""

    def depth(room: str, seen: tuple[str, ...] = ()) -> int:
        assert room not in seen, f"a circle: {seen}"
        return 1 + max((depth(below, (*seen, room)) for below in ALLOWED[room]), default=0)

    assert max(map(depth, ALLOWED)) > 3


def test_the_bottom_knows_the_standard_library_and_how_to_shape_a_type() -> None:
    import sys

    for room, path in rooms():
        if room in BOTTOM:
            for name in imports(path):
                top = name.split(".")[0]
                known = top in sys.stdlib_module_names or top == "llmprobe" or name.startswith("msgspec.")
                assert known, f"{path} imports {name}"
