"""One direction of flow, read from the files' own imports: who may know whom, and no circle anywhere."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).parents[1] / "llmprobe"
FILES = sorted(PACKAGE.rglob("*.py"))

PLAIN = {"counts", "durations", "dates", "quantiles", "json_text", "version"}
"""What every room may use: text, numbers and instants."""

MAY_KNOW: dict[str, set[str]] = {
    "__main__": {"cli", "startup", "version"},
    "__init__": {"api", "explanation", "config", "model", "errors", "version"},
    "api": {"foreign", "monitor", "reports", "statuspages", "history", "engine", "config", "providers", "model",
            "errors", "redact"},
    "cli": {"files", "foreign", "explanation", "serving", "monitor", "reports", "alerts", "statuspages", "engine", "classify", "simulator", "config",
            "history", "providers", "model", "errors", "redact"},
    "serving": {"api", "monitor", "reports", "engine", "history", "config", "model", "errors", "redact", "foreign"},
    "explanation": {"foreign", "engine", "classify", "transport", "providers", "model", "errors", "redact"},
    "monitor": {"alerts", "history", "statuspages", "engine", "config", "providers", "model", "errors"},
    "reports": {"foreign", "classify", "providers", "model", "redact"},
    "alerts": {"config", "transport", "model", "redact"},
    "statuspages": {"foreign", "redact", "transport", "providers", "model"},
    "history": {"files", "foreign", "model", "errors", "redact"},
    "engine": {"foreign", "classify", "transport", "providers", "model", "redact"},
    "classify": {"providers", "foreign", "model", "redact"},
    "config": {"files", "foreign", "providers", "model", "errors", "redact"},
    "transport": {"foreign", "model", "redact"},
    "providers": {"foreign", "model"},
    "simulator": {"errors"},
    "model": set(),
    "errors": {"foreign"},
    "foreign": {"redact"},
    "redact": {"decoded", "pieces"},
    "decoded": set(),
    "pieces": set(),
    "files": set(),
    "startup": set(),
    **{room: set() for room in PLAIN},
}  # fmt: skip
"""The map of the house: a room, and the rooms below it that it may import from."""

ONLY_IN: dict[str, set[str]] = {
    "httpx": {"transport"},
    "httpcore": {"transport"},
    "h11": {"transport", "simulator"},
    "rich": {"reports"},
    "junitparser": {"reports"},
    "prometheus_client": {"reports"},
    "starlette": {"serving"},
    "uvicorn": {"serving"},
    "typer": {"cli"},
    "msgspec": {"config", "cli", "json_text", "reports", "history"},
    "sqlite3": {"history"},
    "socket": {"transport", "simulator", "serving", "cli", "files"},
    "ssl": {"transport", "simulator"},
    "platformdirs": {"config"},
    "tomli_w": {"config"},
    "tomlkit": {"config"},
    "opentelemetry": {"alerts"},
    "requests": {"alerts"},
}
"""Libraries that only these rooms may know."""

BOTTOM = PLAIN | {"model", "errors", "foreign", "redact", "decoded", "pieces", "startup"}
SHAPES = "msgspec.structs"
"""`Struct` and its kin, which every room writes its plain types with."""


class Import(NamedTuple):
    """One name that a file imports; `for_types` where only a type checker reads it."""

    name: str
    for_types: bool


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def module_of(path: Path) -> str:
    parts = ("llmprobe", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[Import]:
    """Everywhere in the file, in functions too; `from package import module` names the module."""

    def walk(node: ast.AST, for_types: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from (Import(alias.name, for_types) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{path}: relative imports hide the direction"
                yield from (Import(name, for_types) for name in _from(child))
            else:
                yield from walk(child, for_types or _is_type_checking(child))

    return walk(ast.parse(path.read_text(encoding="utf-8")), False)


def _from(node: ast.ImportFrom) -> Iterator[str]:
    module = node.module or ""
    if module == "msgspec" and {a.name for a in node.names} <= {"Struct", "field", "UNSET", "UnsetType"}:
        yield SHAPES
        return
    for alias in node.names:
        whole = f"{module}.{alias.name}"
        yield whole if whole in MODULES else module


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


MODULES = {module_of(path): path for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_imports_point_downwards(path: Path) -> None:
    room = room_of(path)
    assert room in MAY_KNOW, f"{room} is a new room: say what it may know"
    for name, _ in imports(path):
        parts = name.split(".")
        if parts[0] == "llmprobe" and len(parts) > 1:
            assert parts[1] in MAY_KNOW[room] | PLAIN | {room}, f"{path}: {room} must not import {name}"
        elif parts[0] in ONLY_IN and name != SHAPES:
            assert room in ONLY_IN[parts[0]], f"{path}: {room} must not know {parts[0]}"


def test_no_file_imports_itself_in_a_roundabout_way() -> None:
    """Imports inside of functions count; those that only a type checker reads do not run."""
    below = {
        module: {i.name for i in imports(path) if i.name in MODULES and not i.for_types} - {module}
        for module, path in MODULES.items()
    }
    finished: set[str] = set()

    def follow(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, f"a circle: {' -> '.join((*way[way.index(module) :], module))}"
        if module not in finished:
            for name in sorted(below[module]):
                follow(name, (*way, module))
            finished.add(module)

    for module in MODULES:
        follow(module, ())
    assert finished == set(MODULES)


def test_the_map_names_only_rooms_that_exist() -> None:
    rooms = {room_of(path) for path in FILES}
    assert rooms <= set(MAY_KNOW)
    assert set().union(*MAY_KNOW.values()) <= set(MAY_KNOW)


NAMES_MODULES = {"llmprobe", "llmprobe.model.documents"}
"""Files that name a module in a text and import it when it is used: the map does not bind them."""


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_a_module_named_in_a_text_is_no_way_around_the_map(path: Path) -> None:
    found = {
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in MODULES
    }
    found = {name for name in found if room_of(MODULES[name]) not in (room_of(path), "__init__")}
    assert not found or module_of(path) in NAMES_MODULES, f"{path} names {found}"


@pytest.mark.parametrize("path", [p for p in FILES if room_of(p) in BOTTOM], ids=module_of)
def test_the_bottom_knows_the_standard_library_and_how_to_shape_a_type(path: Path) -> None:
    for name, _ in imports(path):
        top = name.split(".")[0]
        assert top in sys.stdlib_module_names or top == "llmprobe" or name.startswith("msgspec."), name
